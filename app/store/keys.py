"""API keys, stored as hashes."""

from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.services.access.names import fold_name
from app.services.ports import ApiKeyRecord, Conflict, NotFound, WriteContext
from app.store import audit
from app.store.tables import ApiKey


def create(session: Session, key: ApiKeyRecord, *, context: WriteContext) -> ApiKeyRecord:
    """Store a new key."""
    if session.scalar(select(ApiKey.id).where(or_(ApiKey.id == key.id, ApiKey.hash == key.hash))) is not None:
        raise Conflict(f"there is already a key {key.id}, or one with the same hash")
    # Also of a key that was revoked: what it did stays on record under its name.
    wanted = fold_name(key.name)
    namesake = next((row for row in session.scalars(select(ApiKey)) if fold_name(row.name) == wanted), None)
    if namesake is not None:
        raise Conflict(f"key {namesake.id} is or was called {namesake.name}; give a name that looks different")
    row = ApiKey(
        id=key.id,
        name=key.name,
        prefix=key.prefix,
        hash=key.hash,
        scopes=key.scopes,
        profile_keys=key.profile_keys,
        created_at=key.created_at,
        expires_at=key.expires_at,
        revoked_at=key.revoked_at,
    )
    session.add(row)
    session.flush()
    audit.append(
        session,
        context,
        "key.created",
        key.id,
        detail={
            "name": key.name,
            "scopes": list(key.scopes),
            "profile_keys": None if key.profile_keys is None else list(key.profile_keys),
            "expires_at": _iso(key.expires_at),
        },
    )
    return _record(row)


def load_all(session: Session) -> tuple[ApiKeyRecord, ...]:
    """Load every key, oldest first."""
    return tuple(_record(row) for row in session.scalars(select(ApiKey).order_by(ApiKey.created_at, ApiKey.id)))


def expire(session: Session, key_id: str, *, expires_at: datetime | None, context: WriteContext) -> ApiKeyRecord:
    """Set when a key expires."""
    row = _unrevoked(session, key_id)
    before = row.expires_at
    row.expires_at = expires_at
    session.flush()
    audit.append(session, context, "key.expiry_set", key_id, detail={"before": _iso(before), "after": _iso(expires_at)})
    return _record(row)


def revoke(session: Session, key_id: str, *, context: WriteContext) -> ApiKeyRecord:
    """Revoke a key permanently."""
    row = _unrevoked(session, key_id)
    row.revoked_at = context.at
    session.flush()
    audit.append(session, context, "key.revoked", key_id)
    return _record(row)


def _unrevoked(session: Session, key_id: str) -> ApiKey:
    row = session.get(ApiKey, key_id)
    if row is None:
        raise NotFound("key", key_id)
    if row.revoked_at is not None:
        raise Conflict(f"key {key_id} was revoked on {row.revoked_at:%Y-%m-%d}, and stays so")
    return row


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def _record(row: ApiKey) -> ApiKeyRecord:
    return ApiKeyRecord(
        id=row.id,
        name=row.name,
        prefix=row.prefix,
        hash=row.hash,
        scopes=row.scopes,
        profile_keys=row.profile_keys,
        created_at=row.created_at,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
    )

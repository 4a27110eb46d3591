"""API keys, stored as hashes."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, or_, select

from app.services.access.names import fold_name
from app.services.ports import ApiKeyRecord, Conflict, NotFound, WriteContext
from app.store import audit
from app.store.tables import api_key, change_row, find_row, insert_row


def create(connection: Connection, key: ApiKeyRecord, *, context: WriteContext) -> ApiKeyRecord:
    """Store a new key."""
    if (
        connection.scalar(select(api_key.c.id).where(or_(api_key.c.id == key.id, api_key.c.hash == key.hash)))
        is not None
    ):
        raise Conflict(f"there is already a key {key.id}, or one with the same hash")
    # Also of a key that was revoked: what it did stays on record under its name.
    wanted = fold_name(key.name)
    namesake = next((row for row in connection.execute(api_key.select()) if fold_name(row.name) == wanted), None)
    if namesake is not None:
        raise Conflict(f"key {namesake.id} is or was called {namesake.name}; give a name that looks different")
    insert_row(connection, api_key, key)
    audit.append(
        connection,
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
    return key


def load_all(connection: Connection) -> tuple[ApiKeyRecord, ...]:
    """Load every key, oldest first."""
    return tuple(
        _record(row) for row in connection.execute(api_key.select().order_by(api_key.c.created_at, api_key.c.id))
    )


def expire(connection: Connection, key_id: str, *, expires_at: datetime | None, context: WriteContext) -> ApiKeyRecord:
    """Set when a key expires."""
    row = _unrevoked(connection, key_id)
    change_row(connection, api_key, key_id, expires_at=expires_at)
    before = row.expires_at
    audit.append(
        connection, context, "key.expiry_set", key_id, detail={"before": _iso(before), "after": _iso(expires_at)}
    )
    return replace(_record(row), expires_at=expires_at)


def revoke(connection: Connection, key_id: str, *, context: WriteContext) -> ApiKeyRecord:
    """Revoke a key permanently."""
    row = _unrevoked(connection, key_id)
    change_row(connection, api_key, key_id, revoked_at=context.at)
    audit.append(connection, context, "key.revoked", key_id)
    return replace(_record(row), revoked_at=context.at)


def _unrevoked(connection: Connection, key_id: str) -> Row[Any]:
    row = find_row(connection, api_key, key_id)
    if row is None:
        raise NotFound("key", key_id)
    if row.revoked_at is not None:
        raise Conflict(f"key {key_id} was revoked on {row.revoked_at:%Y-%m-%d}, and stays so")
    return row


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def _record(row: Row[Any]) -> ApiKeyRecord:
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

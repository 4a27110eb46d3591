"""Published versions of profiles."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Row, Text, case, cast, func, null, select

from app.services.ports import (
    Conflict,
    NewProfileVersion,
    NotFound,
    StoredProfileVersion,
    VersionReference,
    WriteContext,
)
from app.services.ports.packed import pack_text
from app.services.snapshot.version_in_force import Period, effective_periods
from app.store import audit, drafts
from app.store.tables import change_row, find_row, profile_version, read_texts, without
from app.store.tables import draft as draft_table

Packed = tuple[bytes, bytes | None]

_LIGHT = select(*without(profile_version, "document", "resolved"))
_RESOLVED = cast(profile_version.c.resolved, Text)
# A document that extends nothing is the resolved one too, and is read once.
_DOCUMENT = case(
    (cast(profile_version.c.document, Text) == _RESOLVED, null()), else_=cast(profile_version.c.document, Text)
)


def publish_draft(
    connection: Connection, draft_id: str, version: NewProfileVersion, *, expected_revision: int, context: WriteContext
) -> StoredProfileVersion:
    """Publish a draft as the next version of its key."""
    draft = drafts.unpublished(connection, draft_id, expected_revision)
    if version.key != draft.key:
        raise ValueError(f"draft {draft_id} is of {draft.key}, not of {version.key}")
    if draft.sent_back_at is not None:
        raise Conflict(f"draft {draft_id} was sent back: one of its authors has to replace it first")
    number = append(connection, version, context=context, draft_id=draft_id)
    change_row(connection, draft_table, draft_id, published_version=number)
    return get(connection, draft.key, number)


def append(
    connection: Connection, new: NewProfileVersion, *, context: WriteContext, draft_id: str | None = None
) -> int:
    """Add the next version of a key and return its number."""
    based_on = new.based_on
    if based_on is not None and find_row(connection, profile_version, based_on.key, based_on.version) is None:
        raise NotFound("profile version", f"{based_on.key}/{based_on.version}")
    latest = find_row(connection, profile_version, new.key, latest_version(connection, new.key))
    number = 1 if latest is None else latest.version + 1
    connection.execute(
        profile_version.insert().values(
            key=new.key,
            version=number,
            title=new.title,
            document=new.document,
            resolved=new.resolved,
            checksum=new.checksum,
            in_force_from=new.in_force_from,
            based_on_key=based_on.key if based_on else None,
            based_on_version=based_on.version if based_on else None,
            published_at=context.at,
            published_by=context.by,
            reason=new.reason,
        )
    )
    audit.append(
        connection,
        context,
        "profile.published",
        f"{new.key}/{number}",
        before=latest.checksum if latest else None,
        after=new.checksum,
        detail={
            "in_force_from": new.in_force_from.isoformat() if new.in_force_from else None,
            "reason": new.reason,
            "draft": draft_id,
        },
    )
    return number


def withdraw(
    connection: Connection, key: str, version: int, *, reason: str, context: WriteContext
) -> StoredProfileVersion:
    """Withdraw a version permanently."""
    row = find_row(connection, profile_version, key, version)
    if row is None:
        raise NotFound("profile version", f"{key}/{version}")
    if row.withdrawn_at is not None:
        raise Conflict(f"version {version} of {key} was already withdrawn on {row.withdrawn_at:%Y-%m-%d}")
    withdrawal = {"withdrawn_at": context.at, "withdrawn_by": context.by, "withdrawn_reason": reason}
    change_row(connection, profile_version, key, version, **withdrawal)
    audit.append(
        connection,
        context,
        "profile.withdrawn",
        f"{key}/{version}",
        before=row.checksum,
        after=row.checksum,
        detail={"reason": reason},
    )
    return get(connection, key, version)


def get(connection: Connection, key: str, version: int) -> StoredProfileVersion:
    """Return one version with its effective period."""
    rows = connection.execute(_LIGHT.where(profile_version.c.key == key)).all()
    period = effective_periods(rows).get(version)
    ((_, texts),) = read_texts(connection, profile_version, [(key, version)], _RESOLVED, _DOCUMENT)
    return next(_record(row, period, _packed(*texts)) for row in rows if row.version == version)


def load_all(
    connection: Connection, already: Mapping[tuple[str, int], StoredProfileVersion]
) -> tuple[StoredProfileVersion, ...]:
    """Load every version of every key, ordered by key and version; the documents of those read already are theirs."""
    by_key: dict[str, list[Row[Any]]] = {}
    for row in connection.execute(_LIGHT.order_by(profile_version.c.version)):
        by_key.setdefault(row.key, []).append(row)
    # Ordered here and not by the database, whose collation is its own.
    rows = [row for key in sorted(by_key) for row in by_key[key]]
    periods = {key: effective_periods(versions) for key, versions in by_key.items()}
    packed = {name: (each.packed, each.packed_document) for name, each in already.items()}
    missing = [(row.key, row.version) for row in rows if (row.key, row.version) not in packed]
    for name, texts in read_texts(connection, profile_version, missing, _RESOLVED, _DOCUMENT):
        packed[name] = _packed(*texts)
    return tuple(_record(row, periods[row.key].get(row.version), packed[row.key, row.version]) for row in rows)


def latest_version(connection: Connection, key: str) -> int:
    """Return the number of the latest version, or 0 if there is none."""
    number: int | None = connection.scalar(
        select(func.max(profile_version.c.version)).where(profile_version.c.key == key)
    )
    return number or 0


def _packed(resolved: str, document: str | None) -> Packed:
    return pack_text(resolved), None if document is None else pack_text(document)


def _record(row: Row[Any], period: Period | None, packed: Packed) -> StoredProfileVersion:
    return StoredProfileVersion(
        key=row.key,
        version=row.version,
        title=row.title,
        packed_document=packed[1],
        packed=packed[0],
        checksum=row.checksum,
        in_force_from=row.in_force_from,
        in_force_to=period.last if period is not None else None,
        has_force=period is not None,
        published_at=row.published_at,
        published_by=row.published_by,
        reason=row.reason,
        based_on=(
            VersionReference(row.based_on_key, row.based_on_version)
            if row.based_on_key is not None and row.based_on_version is not None
            else None
        ),
        withdrawn_at=row.withdrawn_at,
        withdrawn_by=row.withdrawn_by,
        withdrawn_reason=row.withdrawn_reason,
    )

"""Records as a caller would make them, small and alike on purpose."""

import hashlib
import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

from app.services.ports import (
    ApiKeyRecord,
    Draft,
    DraftContent,
    NewCalendarVersion,
    NewProfileVersion,
    StoredCalendarVersion,
    StoredProfileVersion,
    WriteContext,
)
from app.store import SqlStore

NOON = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)


def by(who: str, hours: float = 0, request: str | None = None) -> WriteContext:
    return WriteContext(by=who, at=NOON + timedelta(hours=hours), request_id=request)


def checksum(document: dict[str, Any]) -> str:
    return "sha256:" + hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()


def profile(days: int) -> dict[str, Any]:
    # Keys out of order, a float and letters beyond ASCII: what comes back has to be the same text.
    return {"rules": [{"id": "icpc-held", "timing": {"working_days": days}}], "author": "Zoë", "a": 1.0}


def draft(store: SqlStore, key: str = "swindon", days: int = 15, who: str = "ann", **more: Any) -> Draft:
    document = profile(days)
    return store.create_draft(
        key, DraftContent(document, checksum(document)), base_version=None, context=by(who), **more
    )


def publish_draft(store: SqlStore, made: Draft, **changes: Any) -> StoredProfileVersion:
    version = NewProfileVersion(
        key=made.key,
        title="Practice standards",
        document=made.document,
        resolved=made.document | {"resolved": True},
        checksum=changes.pop("checksum", made.checksum),
        **{name: changes.pop(name) for name in list(changes) if name not in {"expected_revision", "context"}},
    )
    words: dict[str, Any] = {"expected_revision": made.revision, "context": by("bea", request="req-1")}
    return store.publish_profile(made.id, version, **(words | changes))


def publish(store: SqlStore, key: str = "swindon", days: int = 15, **changes: Any) -> StoredProfileVersion:
    return publish_draft(store, draft(store, key, days), **changes)


def publish_calendar(
    store: SqlStore, key: str = "england-and-wales", expected_latest: int | None = None, **changes: Any
) -> StoredCalendarVersion:
    document = changes.pop("document", {"days": {"2026-12-25": "Christmas Day"}})
    context = changes.pop("context", by("bea"))
    version = NewCalendarVersion(
        key=key, document=document, checksum=checksum(document), published_until=date(2028, 12, 31), **changes
    )
    return store.publish_calendar_version(version, expected_latest=expected_latest, context=context)


def api_key(name: str = "case system") -> ApiKeyRecord:
    return ApiKeyRecord(
        id=f"id-{name}",
        name=name,
        prefix="pd_1234",
        hash=hashlib.sha256(name.encode()).hexdigest(),
        scopes=("author", "publish"),
        profile_keys=("swindon",),
        created_at=NOON,
    )


def packaged_profile(key: str = "york", days: int = 45) -> NewProfileVersion:
    document = profile(days)
    return NewProfileVersion(
        key=key, title="York", document=document, resolved=document, checksum=checksum(document), in_force_from=None
    )


def packaged_calendar(key: str = "scotland", day: str = "2026-01-02") -> NewCalendarVersion:
    document = {"days": {day: "2nd January"}}
    return NewCalendarVersion(
        key=key, document=document, checksum=checksum(document), published_until=date(2028, 12, 31)
    )

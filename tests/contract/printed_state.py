"""A service in which what the document's examples name is there: a draft, a proposal, calendars at their revision."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import insert

from app.api.schemas.authoring_examples import PROFILE
from app.services.access.api_keys import create_key
from app.services.ports import DraftContent, NewProfileVersion, WriteContext
from app.services.publishing.calendar_versions import Change
from app.services.publishing.proposals import change_calendar
from app.services.publishing.request import BankHoliday, ClosureDays, DayRemoval
from app.services.snapshot.checksum import digest
from app.services.snapshot.holder import SnapshotHolder
from app.services.snapshot.packaged import packaged_profiles
from app.services.validation import read
from app.services.workbook import write_workbook
from app.store import SqlStore, open_store, tables
from tests.api.application import fill

AT = datetime(2026, 1, 5, 9, tzinfo=UTC)
SOMEBODY = WriteContext("key:somebody-else", AT)
PROFILE_KEY, CALENDAR_KEY, SHARED = "swindon", "my-council", "england-and-wales"
REVISION = 3
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MULTIPART = "multipart/form-data"
HOLIDAY = "2027-05-17"


def prepare(url: str) -> str:
    """Fill a database with what the examples name, and return the secret of a key that may do everything."""
    fill(url)
    with open_store(url) as store:
        _publish_profile(store)
        _write_rows(store)
        live = SnapshotHolder(store, 60)
        live.refresh()
        _change_calendars(live)
        return create_key(store, name="everything", scopes=["admin"], context=SOMEBODY).secret


def workbook() -> bytes:
    """Give a profile as a workbook, for the operations that take one: a document cannot print its bytes."""
    (base,) = [each for each in packaged_profiles() if each.key == PROFILE_KEY]
    return write_workbook(base.document)


def _publish_profile(store: SqlStore) -> None:
    (base,) = [each for each in packaged_profiles() if each.key == PROFILE_KEY]
    own: dict[str, Any] = {**base.document, "key": CALENDAR_KEY}
    draft = store.create_draft(CALENDAR_KEY, DraftContent(own, digest(own)), base_version=None, context=SOMEBODY)
    version = NewProfileVersion(
        key=CALENDAR_KEY,
        title=PROFILE["title"],
        document=own,
        resolved=own,
        checksum=digest(own),
        in_force_from=None,
        reason=None,
    )
    store.publish_profile(draft.id, version, expected_revision=1, context=SOMEBODY)


def _write_rows(store: SqlStore) -> None:
    """Write a draft and a proposal by the ids that the examples print: the store makes ids of its own."""
    (base,) = [each for each in packaged_profiles() if each.key == PROFILE_KEY]
    document = {name: value for name, value in base.document.items() if name != "in_force_from"}
    row = {
        "id": "1",
        "key": PROFILE_KEY,
        "document": document,
        "checksum": digest(document),
        "revision": REVISION,
        "base_version": 1,
        "created_at": AT,
        "created_by": SOMEBODY.by,
        "updated_at": AT,
        "updated_by": SOMEBODY.by,
        "authors": (SOMEBODY.by,),
    }
    waiting = {
        "id": "1",
        "key": PROFILE_KEY,
        "action": "withdraw_version",
        "request": {"body": {"reason": "A mistake was found."}, "version": 1},
        "proposed_at": AT,
        "proposed_by": SOMEBODY.by,
    }
    with store.engine.begin() as connection:
        connection.execute(insert(tables.draft).values(row))
        connection.execute(insert(tables.proposal).values(waiting))


def _change_calendars(live: SnapshotHolder) -> None:
    """Bring the shared calendar and the council's own to the revision that the examples print."""
    change = Change(None, False, None, SOMEBODY)
    holiday = {"date": HOLIDAY, "name": "One day", "source": "Announced in Parliament"}
    change_calendar(live, SHARED, "add_bank_holiday", read(BankHoliday, holiday), change)
    removal = {"date": HOLIDAY, "kind": "bank_holiday", "reason": "It was called off."}
    change_calendar(live, SHARED, "remove_day", read(DayRemoval, removal), change)
    for day in ("2026-12-29", "2026-12-30", "2026-12-31"):
        days = [{"date": day, "name": "Closed"}]
        closure = {"extends": SHARED, "title": "My Council", "days": days, "source": "Cabinet"}
        change_calendar(live, CALENDAR_KEY, "add_closure_days", read(ClosureDays, closure), change)

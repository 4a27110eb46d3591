"""Snapshots to calculate with: a small profile of one's own, its versions, and the packaged ones."""

from __future__ import annotations

import copy
import tomllib
from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import orjson

from app.profiles.document import as_json
from app.services.calculation.batch import MAX_BATCH_ANSWER_BYTES, MAX_BATCH_OBLIGATIONS, BatchRequest, ListBatch
from app.services.calculation.calculator import Calculator
from app.services.calculation.request import read_request
from app.services.calculation.response import Json, calculate_response
from app.services.ports import NewProfileVersion, StoredCalendarVersion, StoredProfileVersion, StoredState
from app.services.snapshot.checksum import digest
from app.services.snapshot.packaged import packaged_calendars, packaged_profiles
from app.services.snapshot.snapshot import Snapshot, build_snapshot
from app.services.validation import read
from app.services.work import CURRENT, Work, WorkBudget

HERE = Path(__file__).parent
PUBLISHED = datetime(2020, 1, 1, tzinfo=UTC)


def document() -> dict[str, Any]:
    """The small profile's document, to be changed at will."""
    written: Any = as_json(tomllib.loads((HERE / "small.toml").read_text(encoding="utf-8")))
    return copy.deepcopy(dict(written))


def stored(body: dict[str, Any], version: int = 1, in_force_from: date | None = None) -> StoredProfileVersion:
    """A document as a published version."""
    new = NewProfileVersion(body["key"], body["title"], body, body, digest(body), in_force_from)
    return new.as_stored(version, at=PUBLISHED, by="tests")


@cache
def calendars() -> tuple[StoredCalendarVersion, ...]:
    """The packaged calendars as stored versions."""
    return tuple(calendar.as_stored(1, at=PUBLISHED, by="tests") for calendar in packaged_calendars())


def snapshot_of(*versions: StoredProfileVersion) -> Snapshot:
    """A snapshot of these profile versions and the packaged calendars."""
    return build_snapshot(StoredState("tests", tuple(versions), calendars(), ()))


@cache
def small() -> Snapshot:
    """The small profile alone."""
    return snapshot_of(stored(document()))


def changed(change: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
    """The small profile's document after a change."""
    body = document()
    change(body)
    return body


def rule(body: dict[str, Any], name: str) -> dict[str, Any]:
    """One rule of a document."""
    return next(item for item in body["rules"] if item["id"] == name)


@cache
def packaged() -> Snapshot:
    """Everything that comes with the application, as it would be published."""
    return snapshot_of(
        *(
            stored(item.resolved, in_force_from=item.in_force_from)
            for item in sorted(packaged_profiles(), key=lambda item: item.key)
        )
    )


def calculation(snapshot: Snapshot, body: object) -> Json:
    """Answer one calculation, as its route does. Raises Problem."""
    return calculate_response(read_request(snapshot, body))


def batch(
    snapshot: Snapshot,
    body: object,
    budget: WorkBudget = WorkBudget(MAX_BATCH_ANSWER_BYTES, obligations=MAX_BATCH_OBLIGATIONS),  # noqa: B008 - immutable
) -> Json:
    """Answer a list of calculations, as its route does. Raises Problem for the list itself."""
    work = Work(budget)
    token = CURRENT.set(work)
    try:
        answering = ListBatch(Calculator(snapshot), read(BatchRequest, body).items, work)
        answers: list[Json] = []
        while not answering.is_done:
            answers += map(orjson.loads, answering.answer_some(100_000))
    finally:
        CURRENT.reset(token)
    return {"items": answers, "answered": answering.answered, "failed": answering.failed}

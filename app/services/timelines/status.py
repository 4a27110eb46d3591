"""How an obligation stands on the day it is looked at: met, late, outstanding, overdue, or between two readings."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from app.engine.civil_time import Moment, last_second
from app.services.timelines.case import AsOf
from app.services.timelines.tracked_obligation import TrackedObligation, in_time
from app.services.zone import LONDON

Status = Literal["met", "met_late", "outstanding", "overdue", "disputed", "superseded", "ended"]


@dataclass(frozen=True, slots=True)
class StatusNow:
    """The status, and by how much a limit was or is passed.

    Days run from the main due date. Hours are there where the limit is one of hours and both times are known.
    `missed` says of what is no longer owed that every limit had passed before it ended.
    """

    status: Status
    late_days: int | None = None
    late_hours: float | None = None
    missed: bool = False


def status_of(record: TrackedObligation, as_of: AsOf) -> StatusNow:
    """Judge one obligation.

    Nothing is overdue, or late, until every reading's limit has passed, one that could not be dated included; nor is
    what no event, or none that the source records, could show done: the case says neither that it was done nor that it
    was not.
    """
    if record.rests_on or (not record.observable and record.fate in {"open", "done"}):
        return StatusNow("outstanding")
    limits = record.limits()
    if record.fate in {"ended", "superseded"}:
        return StatusNow("ended" if record.fate == "ended" else "superseded", missed=_missed(record, limits))
    if record.fate == "done":
        return _done(record, limits, as_of)
    now = as_of.instant
    if record.earliest_only or not record.trackable or now <= min(limits):
        return StatusNow("outstanding")
    if record.undated or now <= max(limits):
        return StatusNow("disputed")
    return StatusNow("overdue", *_by(record, Moment(as_of.day, as_of.at)))


def _missed(record: TrackedObligation, limits: list[datetime]) -> bool:
    closed = record.closed_by
    if (
        closed is None
        or not record.trackable
        or not record.observable
        or record.earliest_only
        or record.started_by.scheduled
        or record.started_by.corrected
    ):
        return False
    if record.taken_back or record.excused:
        return False
    return not in_time(closed.moment, max(limits))


def _done(record: TrackedObligation, limits: list[datetime], as_of: AsOf) -> StatusNow:
    done = record.done
    if done is None:
        return _arranged(record, limits, as_of)
    if record.earliest_only or in_time(done, limits[0]):
        return StatusNow("met")
    if record.undated or in_time(done, max(limits)):
        return StatusNow("disputed")
    return StatusNow("met_late", *_by(record, done))


def _arranged(record: TrackedObligation, limits: list[datetime], as_of: AsOf) -> StatusNow:
    """Judge what a meeting's arranging met, where nobody said when it was arranged: it was before the meeting."""
    meeting = record.closed_by
    by_now = as_of.instant <= limits[0]
    if record.earliest_only or by_now or (meeting is not None and in_time(meeting.moment, limits[0])):
        return StatusNow("met")
    return StatusNow("disputed")


def _by(record: TrackedObligation, moment: Moment) -> tuple[int, float | None]:
    due = record.obligation
    days = (moment.day - due.due_date).days
    if moment.at is None or due.due_at == last_second(due.due_date, LONDON):
        return days, None
    return days, round((moment.instant(LONDON) - due.due_at).total_seconds() / 3600, 2)

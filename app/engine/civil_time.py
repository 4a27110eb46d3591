"""Civil time: which day an instant belongs to and when that day ends, in the zone that the caller passes in."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import lru_cache
from typing import NamedTuple

from app.engine.new_tuple import new_tuple

_DATE = re.compile(r"(\d{4})-(\d{2})-(\d{2})", re.ASCII)
_TIME = re.compile(
    r"((\d{4}-\d{2}-\d{2})[Tt ](\d{2}):\d{2}(?::\d{2})?)(?:(?<=:\d\d:\d\d)[.,](\d{1,9}))?([Zz]|[+-]\d{2}:?\d{2})?",
    re.ASCII,
)

ONE_DAY = timedelta(days=1)
NO_SUCH_TIME = "its time of day does not exist"
CLOCK_RUNS = "hours run 00 to 23, minutes and seconds 00 to 59"
FIRST_OF_TWO = "the clocks went back that day and {time} came twice: the first of the two (summer time) was taken"


class UnreadableTime(ValueError):
    """The text is not a date, an instant or a local date-time; `remedy` says what to send."""

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(message)
        self.remedy = remedy


class Moment(NamedTuple):
    """When an event happened."""

    day: date
    """Its civil day."""
    at: datetime | None = None
    """Its instant, aware and in the zone of the service; None where only the date is known."""
    assumptions: tuple[str, ...] = ()
    """What had to be assumed to place it: which of the two, for a local time that came twice."""

    def instant(self, zone: tzinfo) -> datetime:
        """Return the instant that hours are counted from: its own, or the first moment of a date without a time."""
        return self.at if self.at is not None else first_moment(self.day, zone)


def first_moment(day: date, zone: tzinfo) -> datetime:
    """Return the midnight at which the civil day begins; it belongs to the new day."""
    return datetime(day.year, day.month, day.day, tzinfo=zone)


@lru_cache(maxsize=1 << 16)
def last_second(day: date, zone: tzinfo) -> datetime:
    """Return the last second of the civil day, with the offset in force then (25 October 2026 ends at +00:00)."""
    return datetime(day.year, day.month, day.day, 23, 59, 59, tzinfo=zone)


def add_elapsed(instant: datetime, length: timedelta, zone: tzinfo) -> datetime:
    """Add elapsed time to an instant, in UTC, and return it in the zone: 24 hours over a clock change are 24 hours."""
    if instant.tzinfo is zone:
        # With one offset at both ends the clock on the wall has run as time did.
        end = instant + length
        offset = _offset_all_day(instant.date(), zone)
        if offset is not None and offset == _offset_all_day(end.date(), zone):
            return end
    return (instant.astimezone(UTC) + length).astimezone(zone)


def read_moment(text: str, zone: tzinfo) -> Moment:
    """Parse a date, an RFC 3339 instant or a local date-time into a moment in the zone.

    Up to nine fractional digits are taken (those after the sixth are dropped). An instant sent in UTC is moved to the
    zone before its day is read: 2025-06-30T23:30:00Z is 1 July in London. A local time that the clocks skip is refused;
    one that comes twice takes the first, and says so.
    Raises UnreadableTime.
    """
    if len(text) == 10 and _DATE.fullmatch(text):
        return Moment(_day(text))
    match = _TIME.fullmatch(text)
    if match is None:
        raise UnreadableTime(
            "it is not a date, an instant or a local date-time",
            "send 2026-01-13, 2026-01-13T10:00 (London time) or 2026-01-13T10:00:00+00:00",
        )
    clock, day_text, hour, fraction, offset = match.groups()
    if hour > "23":
        # Said here, because newer Pythons read 24:00 as the beginning of the next day.
        _day(day_text)
        raise UnreadableTime(NO_SUCH_TIME, CLOCK_RUNS)
    try:
        wall = datetime.fromisoformat(clock)
    except ValueError:
        _day(day_text)
        raise UnreadableTime(NO_SUCH_TIME, CLOCK_RUNS) from None
    if fraction is not None:
        wall = wall.replace(microsecond=int(fraction.ljust(6, "0")[:6]))
    if offset is None:
        return _from_wall(wall, zone)
    try:
        ahead = _offset(offset)
        # Most instants are sent with the zone's own offset, or in UTC in winter: then the clock on the wall shows it.
        if ahead == _offset_all_day(wall.date(), zone):
            return _from_wall(wall, zone)
        local = (wall - ahead).replace(tzinfo=UTC).astimezone(zone)
    except (OverflowError, ValueError):
        raise UnreadableTime(
            "its offset takes it out of the range of dates", "send an offset from -23:59 to +23:59"
        ) from None
    return Moment(local.date(), local)


@lru_cache(maxsize=1 << 7)
def _offset(text: str) -> timedelta:
    """Return how far a clock runs ahead of UTC. Raises ValueError for an offset that no clock has."""
    if text in "Zz":
        return timedelta()
    hours, minutes = int(text[1:3]), int(text[-2:])
    if hours > 23 or minutes > 59:
        raise ValueError(text)
    return timedelta(hours=hours, minutes=minutes) * (1 if text[0] == "+" else -1)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UnreadableTime("no such day is in the calendar", "send a date that exists, as YYYY-MM-DD") from None


@lru_cache(maxsize=1 << 12)
def _offset_all_day(day: date, zone: tzinfo) -> timedelta | None:
    """Return the offset of every local time of a day; None where the clocks change, and at the ends of the dates."""
    if not date.min < day < date.max - ONE_DAY:
        return None
    offset = first_moment(day, zone).utcoffset()
    return offset if offset == first_moment(day + ONE_DAY, zone).utcoffset() else None


def _from_wall(wall: datetime, zone: tzinfo) -> Moment:
    day = wall.date()
    if _offset_all_day(day, zone) is not None:
        # Every event comes through here, and `replace` would take twice as long.
        return new_tuple(Moment, (day, datetime.combine(day, wall.time(), zone), ()))
    first = wall.replace(tzinfo=zone, fold=0)
    try:
        back = first.astimezone(UTC).astimezone(zone).replace(tzinfo=None)
    except OverflowError:
        raise UnreadableTime("it is out of the range of dates", "send a later year") from None
    if back != wall:
        after = (wall + timedelta(hours=1)).strftime("%H:%M")
        raise UnreadableTime(
            "the clocks go forward over this time, so that it never came",
            f"send the time after the change ({after}), or an instant with its offset",
        )
    if first.utcoffset() != wall.replace(tzinfo=zone, fold=1).utcoffset():
        return Moment(day, first, (FIRST_OF_TWO.format(time=wall.strftime("%H:%M")),))
    return Moment(day, first)

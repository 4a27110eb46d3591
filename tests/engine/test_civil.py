from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.engine.civil_time import UnreadableTime, add_elapsed, last_second, read_moment
from app.services.zone import LONDON


@pytest.mark.parametrize(
    ("says", "text", "day"),
    [
        (
            "an instant late on a June evening in UTC belongs to the next London day",
            "2025-06-30T23:30:00Z",
            "2025-07-01",
        ),
        ("the same clock time in winter belongs to its own day", "2025-12-30T23:30:00Z", "2025-12-30"),
        ("midnight belongs to the day that begins", "2025-12-18T00:00", "2025-12-18"),
        ("an offset from abroad is moved to London first", "2026-01-01T01:00:00+05:00", "2025-12-31"),
        (
            "seven fractional digits are taken, as Power Automate sends them",
            "2025-12-18T14:30:00.1234567Z",
            "2025-12-18",
        ),
        ("nine fractional digits are taken", "2025-12-18T14:30:00.123456789Z", "2025-12-18"),
        ("a date alone is a date", "2024-02-29", "2024-02-29"),
        ("a lower-case t and z are RFC 3339 too", "2025-12-18t14:30:00z", "2025-12-18"),
    ],
)
def test_the_day_of_a_moment(says: str, text: str, day: str) -> None:
    assert read_moment(text, LONDON).day == date.fromisoformat(day), says


@pytest.mark.parametrize(
    ("says", "text"),
    [
        ("a time that the clocks skip never came", "2026-03-29T01:30"),
        ("a day that does not exist", "2025-02-29"),
        ("hour 24", "2025-02-28T24:00"),
        ("a leap second", "2025-06-30T23:59:60Z"),
        ("a month in words", "18 December 2025"),
        ("ten fractional digits", "2025-12-18T14:30:00.1234567890Z"),
        ("digits that are not ASCII", "２０２５-12-18"),
        ("an offset of a hundred hours", "2025-12-18T14:30:00+99:00"),
        ("a time before the first year in London", "0001-01-01T00:00:00+14:00"),
        ("nothing but a time", "14:30"),
        ("a newline after it", "2025-12-18\n"),
    ],
)
def test_a_time_that_cannot_be_taken_is_refused_with_a_remedy(says: str, text: str) -> None:
    with pytest.raises(UnreadableTime) as refused:
        read_moment(text, LONDON)
    assert refused.value.remedy, says


def test_a_time_that_comes_twice_takes_the_first_and_says_so() -> None:
    moment = read_moment("2026-10-25T01:30", LONDON)
    assert moment.at is not None
    assert moment.at.astimezone(UTC) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert "twice" in moment.assumptions[0]


@pytest.mark.parametrize(
    ("day", "end"),
    [
        ("2026-10-25", "2026-10-25T23:59:59+00:00"),
        ("2026-10-24", "2026-10-24T23:59:59+01:00"),
        ("2026-03-29", "2026-03-29T23:59:59+01:00"),
    ],
)
def test_a_day_ends_with_the_offset_in_force_then(day: str, end: str) -> None:
    assert last_second(date.fromisoformat(day), LONDON).isoformat() == end


@given(st.datetimes(datetime(1972, 1, 1), datetime(2090, 1, 1)), st.integers(-5000, 5000))
def test_hours_are_elapsed_time_whatever_the_clocks_do(wall: datetime, hours: int) -> None:
    start = wall.replace(tzinfo=UTC).astimezone(LONDON)
    end = add_elapsed(start, timedelta(hours=hours), LONDON)
    assert end.astimezone(UTC) - start.astimezone(UTC) == timedelta(hours=hours)
    assert round(end.timestamp() - start.timestamp()) == hours * 3600


@given(st.datetimes(datetime(1972, 1, 1), datetime(2090, 1, 1)))
def test_an_instant_read_from_its_own_spelling_is_the_same_instant(wall: datetime) -> None:
    instant = wall.replace(tzinfo=UTC)
    for spelling in (
        instant.isoformat(),
        instant.astimezone(LONDON).isoformat(),
        instant.isoformat().replace("+00:00", "Z"),
    ):
        moment = read_moment(spelling, LONDON)
        assert moment.at is not None
        assert moment.at.astimezone(UTC) == instant
        assert moment.day == instant.astimezone(LONDON).date()

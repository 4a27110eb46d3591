"""The drawing's geometry: days in order and to scale, what is shaded, and what lies beyond the edge."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.calendars.packaged import load_packaged
from app.web.scale import SPANS, bands, scale, ticks

ENGLAND = load_packaged()["england-and-wales"]
EVENT = date(2025, 12, 18)
days = st.dates(date(2016, 1, 1), date(2045, 12, 31))


@given(start=days, dates=st.lists(days, max_size=8), span=st.sampled_from(["", *SPANS]))
def test_days_stand_in_order_inside_the_drawing(start: date, dates: list[date], span: str) -> None:
    axis = scale(start, dates, None, span)
    assert axis.shows(start)
    shown = sorted(day for day in dates if axis.shows(day))
    places = [axis.day(day) for day in shown]
    assert places == sorted(places)
    assert all(axis.left <= place <= axis.right for place in places)
    assert axis.width <= 1400


@given(start=days, dates=st.lists(days, min_size=1, max_size=8))
def test_everything_shows_everything(start: date, dates: list[date]) -> None:
    axis = scale(start, dates, None, "all")
    assert all(axis.shows(day) for day in dates)


def test_a_birthday_years_away_does_not_press_the_next_weeks_together() -> None:
    axis = scale(EVENT, [date(2026, 1, 13), date(2037, 4, 2)], None, "")
    assert axis.shows(date(2026, 1, 13))
    assert not axis.shows(date(2037, 4, 2))
    assert axis.a_day > 10


def test_weekends_and_bank_holidays_are_shaded_and_named() -> None:
    axis = scale(EVENT, [date(2026, 1, 13)], None, "")
    found = list(bands(axis, ENGLAND))
    named = {band.name for band in found if band.kind == "holiday"}
    assert named == {
        "Christmas Day, 25 December 2025",
        "Boxing Day, 26 December 2025",
        "New Year\u2019s Day, 1 January 2026",
    }
    weekends = sum(1 for band in found if band.kind == "weekend")
    span = (axis.last - axis.first).days + 1
    assert weekends == sum(1 for n in range(span) if (axis.first + timedelta(n)).weekday() > 4)
    christmas = next(band for band in found if band.name.startswith("Christmas"))
    assert christmas.x == axis.day(date(2025, 12, 25))
    assert christmas.width == pytest.approx(axis.a_day)


def test_a_bank_holiday_that_is_only_projected_is_marked() -> None:
    axis = scale(date(2040, 12, 18), [date(2041, 1, 13)], None, "")
    assert {band.kind for band in bands(axis, ENGLAND)} == {"weekend", "projected"}


@given(start=days, reach=st.integers(1, 9000))
def test_the_words_beneath_the_axis_do_not_run_into_one_another(start: date, reach: int) -> None:
    axis = scale(start, [start + timedelta(reach)], None, "all")
    places = [tick.x for tick in ticks(axis)]
    assert all(later - earlier >= 28 for earlier, later in pairwise(places))

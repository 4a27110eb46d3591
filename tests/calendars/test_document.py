"""A calendar as a document: written, read back, and refused with every fault."""

import copy
import json
import pickle
from collections.abc import Callable
from dataclasses import FrozenInstanceError, replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.calendars import BeyondCalendar, Calendar, InvalidCalendar, NonWorkingDay
from app.calendars.document import from_document
from app.calendars.packaged import KEYS, load_packaged
from app.documents.faults import Fault

CALENDARS = load_packaged()
DOCUMENT: dict[str, Any] = {
    "key": "swindon",
    "version": 3,
    "title": "Swindon",
    "extends": "england-and-wales",
    "extends_version": 1,
    "first": "2025-01-01",
    "last": "2027-12-31",
    "published_until": "2026-12-31",
    "note": "Shut over Christmas",
    "days": [
        {"date": f"2026-12-{day}", "name": "Closed", "kind": "closure", "origin": "added", "source": "Cabinet"}
        for day in (29, 30, 31)
    ],
}


@pytest.mark.parametrize("key", KEYS)
def test_a_calendar_written_and_read_is_the_same(key: str) -> None:
    calendar = CALENDARS[key]
    again = from_document(json.loads(json.dumps(calendar.to_document())))
    assert again == calendar
    assert again.to_document() == calendar.to_document()


def test_the_checksum_covers_the_content_and_not_the_number_of_the_version() -> None:
    calendar = from_document(DOCUMENT)
    assert calendar.checksum.startswith("sha256:")
    assert len(calendar.checksum) == len("sha256:") + 64
    assert from_document(DOCUMENT | {"version": 4, "note": "x"}).checksum == calendar.checksum
    assert from_document(DOCUMENT | {"days": DOCUMENT["days"][::-1]}).checksum == calendar.checksum
    for change in ({"title": "Other"}, {"published_until": "2026-12-30"}, {"days": DOCUMENT["days"][1:]}):
        assert from_document(DOCUMENT | change).checksum != calendar.checksum


def test_a_calendar_cannot_be_changed_and_can_be_carried_to_another_process() -> None:
    calendar = from_document(DOCUMENT)
    with pytest.raises(FrozenInstanceError):
        calendar.title = "x"  # type: ignore[misc]  # the refusal is what is tested
    carried = pickle.loads(pickle.dumps(calendar))
    assert carried == calendar
    assert carried.add_working_days(date(2026, 12, 28), 1) == date(2027, 1, 1)
    assert {calendar: 1}[carried] == 1


def test_an_error_survives_the_way_from_another_process() -> None:
    beyond = BeyondCalendar(date(2060, 1, 1), date(1970, 1, 1), date(2056, 12, 31), 3)
    faults = InvalidCalendar([Fault("key", "'key' is missing", "add key")])
    for error in (beyond, faults):
        assert str(pickle.loads(pickle.dumps(error))) == str(error)


def _with_day(**changed: object) -> Callable[[dict[str, Any]], Any]:
    return lambda document: document["days"][1].update(changed) or document


@pytest.mark.parametrize(
    ("breaking", "path"),
    [
        pytest.param(lambda _: [], "", id="a list"),
        pytest.param(lambda d: d | {"colour": 1}, "colour", id="an unknown property"),
        pytest.param(lambda d: d.pop("title") and d, "title", id="a missing property"),
        pytest.param(lambda d: d | {"key": "Swindon Council"}, "key", id="a key with a space"),
        pytest.param(lambda d: d | {"key": "x" * 65}, "key", id="a long key"),
        pytest.param(lambda d: d | {"version": 0}, "version", id="version nought"),
        pytest.param(lambda d: d | {"version": True}, "version", id="a version that is true"),
        pytest.param(lambda d: d | {"title": "two\nlines"}, "title", id="a title of two lines"),
        pytest.param(lambda d: d | {"title": " x"}, "title", id="a title that starts with a space"),
        pytest.param(lambda d: d | {"first": "20250101"}, "first", id="a date without hyphens"),
        pytest.param(lambda d: d | {"last": "2024-12-31"}, "last", id="an end before the start"),
        pytest.param(lambda d: d | {"first": "0001-01-01"}, "last", id="two thousand years"),
        pytest.param(lambda d: d | {"published_until": "2030-01-01"}, "published_until", id="published beyond the end"),
        pytest.param(lambda d: d | {"extends": None}, "extends_version", id="a version of nothing"),
        pytest.param(lambda d: d | {"note": 5}, "note", id="a note that is a number"),
        pytest.param(lambda d: d | {"checksum": "sha256:0"}, "checksum", id="a wrong checksum"),
        pytest.param(lambda d: d | {"days": {}}, "days", id="days that are no list"),
        pytest.param(lambda d: d | {"days": [None] * 20_001}, "days", id="too many days"),
        pytest.param(lambda d: d["days"].append(5) or d, "days[3]", id="a day that is a number"),
        pytest.param(lambda d: d["days"][1].pop("source") and d, "days[1].source", id="a day without a source"),
        pytest.param(_with_day(bunting=True), "days[1].bunting", id="a day with bunting"),
        pytest.param(_with_day(kind="holiday"), "days[1].kind", id="an unknown kind"),
        pytest.param(_with_day(origin=["added"]), "days[1].origin", id="an origin that is a list"),
        pytest.param(_with_day(date="2026-02-29"), "days[1].date", id="no such date"),
        pytest.param(_with_day(date="2028-01-03"), "days[1].date", id="a day beyond the end"),
        pytest.param(_with_day(date="2026-12-29"), "days[1].date", id="a day twice"),
        pytest.param(_with_day(name=""), "days[1].name", id="a day without a name"),
    ],
)
def test_a_broken_document_is_refused_where_it_is_broken(breaking: Callable[[Any], Any], path: str) -> None:
    with pytest.raises(InvalidCalendar) as refused:
        from_document(breaking(copy.deepcopy(DOCUMENT)))
    assert [fault.path for fault in refused.value.faults] == [path]
    assert all(fault.message and fault.remedy for fault in refused.value.faults)


def test_all_faults_are_reported_at_once() -> None:
    broken = copy.deepcopy(DOCUMENT) | {"key": "", "colour": 1}
    del broken["title"]
    broken["days"][0]["kind"] = broken["days"][2]["date"] = "x"
    broken["days"][1]["date"] = "2035-01-01"
    with pytest.raises(InvalidCalendar) as refused:
        from_document(broken)
    paths = {fault.path for fault in refused.value.faults}
    assert paths == {"key", "colour", "title", "days[0].kind", "days[2].date", "days[1].date"}


def test_a_calendar_made_directly_is_judged_the_same() -> None:
    calendar = from_document(DOCUMENT)
    with pytest.raises(InvalidCalendar, match="already a closure"):
        replace(calendar, days=(*calendar.days, calendar.days[0]))
    with pytest.raises(InvalidCalendar, match="outside the calendar"):
        replace(calendar, published_until=date(2028, 1, 1))
    assert replace(calendar, days=calendar.days[::-1]).days == calendar.days


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=10,
)


@given(st.dictionaries(st.sampled_from(sorted(DOCUMENT)), json_values, min_size=1, max_size=4))
def test_whatever_stands_in_a_document_it_is_read_or_refused(changed: dict[str, Any]) -> None:
    try:
        calendar = from_document(DOCUMENT | changed)
    except InvalidCalendar:
        return
    assert from_document(calendar.to_document()) == calendar


def test_an_instant_is_refused_as_a_day() -> None:
    calendar: Calendar = CALENDARS["scotland"]
    instant = datetime(2026, 6, 1, 23, 30, tzinfo=UTC)
    with pytest.raises(TypeError, match="take its London date first"):
        calendar.add_working_days(instant, 1)
    with pytest.raises(TypeError, match="take its London date first"):
        calendar.index.is_working(instant)


def test_a_day_may_be_a_bank_holiday_and_a_closure() -> None:
    both = copy.deepcopy(DOCUMENT)
    both["days"][1] |= {"date": "2026-12-29", "kind": "bank_holiday", "name": "Moved day"}
    calendar = from_document(both)
    assert calendar.days[0] == NonWorkingDay(date(2026, 12, 29), "Moved day", "bank_holiday", "added", "Cabinet")
    assert calendar.why_not_working(date(2026, 12, 29)) == "Moved day and Closed"

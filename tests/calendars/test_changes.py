"""New versions of a calendar: the government's list, closure days, one-off days, and what each changed."""

import copy
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.calendars import Calendar, InvalidCalendar, NonWorkingDay
from app.calendars.changes import (
    Renamed,
    changes_between,
    extended,
    rebased,
    with_bank_holiday,
    with_closure_days,
    with_published,
    without_day,
)
from app.calendars.packaged import KEYS, load_packaged

GOVUK: dict[str, Any] = json.loads((Path(__file__).parent / "govuk_2019_2028.json").read_text("utf-8"))
CALENDARS = load_packaged()
ENGLAND = CALENDARS["england-and-wales"]
SHUTDOWN = [(date(2026, 12, day), "Christmas closure") for day in (24, 25, 29, 30, 31)]


def _listed(*years: int, key: str = "england-and-wales") -> dict[str, Any]:
    """The government's list cut down to some years, those after 2028 taken from the projection."""
    events = [dict(event) for event in GOVUK[key]["events"] if int(event["date"][:4]) in years]
    events += [
        {"title": day.name, "date": day.date.isoformat(), "notes": "", "bunting": True}
        for day in CALENDARS[key].days
        if day.date.year in years and day.date.year > 2028
    ]
    return {"division": key, "events": events}


def _dates(calendar: Calendar) -> set[date]:
    return {day.date for day in calendar.days}


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("whole_file", [True, False])
def test_the_list_that_is_packaged_already_makes_no_new_version(key: str, whole_file: bool) -> None:
    assert with_published(CALENDARS[key], GOVUK if whole_file else GOVUK[key]) is CALENDARS[key]


def test_years_that_vanish_from_the_list_are_not_lost() -> None:
    shorter = with_published(ENGLAND, _listed(2027, 2028, 2029))
    assert _dates(shorter) == _dates(ENGLAND)
    assert [day for day in shorter.days if day.date.year < 2029] == [
        day for day in ENGLAND.days if day.date.year < 2029
    ]


def test_a_new_year_in_the_list_confirms_what_was_projected() -> None:
    newer = with_published(ENGLAND, _listed(2027, 2028, 2029))
    changes = changes_between(ENGLAND, newer)
    assert newer.version == ENGLAND.version + 1
    assert changes.published_until == (date(2028, 12, 31), date(2029, 12, 31))
    assert [day.date.year for day in changes.confirmed] == [2029] * 8
    assert not changes.added + changes.removed + changes.renamed
    assert newer.published_until == date(2029, 12, 31)
    assert newer.checksum != ENGLAND.checksum


def test_a_one_off_bank_holiday_in_the_list_is_added() -> None:
    document = _listed(2027)
    document["events"].append({"title": "Jubilee", "date": "2027-06-04", "notes": "Extra bank holiday"})
    newer = with_published(ENGLAND, document)
    (added,) = changes_between(ENGLAND, newer).added
    assert added == NonWorkingDay(
        date(2027, 6, 4), "Jubilee (extra bank holiday)", "bank_holiday", "published", "GOV.UK bank-holidays.json"
    )
    assert newer.add_working_days(date(2027, 6, 3), 1) == date(2027, 6, 7)
    assert ENGLAND.add_working_days(date(2027, 6, 3), 1) == date(2027, 6, 4)


def test_a_bank_holiday_that_the_list_moves_leaves_its_old_day() -> None:
    document = _listed(2027)
    for event in document["events"]:
        if event["date"] == "2027-05-03":
            event["date"] = "2027-05-07"
    changes = changes_between(ENGLAND, with_published(ENGLAND, document))
    assert [day.date for day in changes.removed] == [date(2027, 5, 3)]
    assert [day.date for day in changes.added] == [date(2027, 5, 7)]


def test_a_new_title_is_a_renaming() -> None:
    document = _listed(2027)
    next(event for event in document["events"] if event["date"] == "2027-05-03")["title"] = "May Day"
    changes = changes_between(ENGLAND, with_published(ENGLAND, document))
    assert changes.renamed == (Renamed(date(2027, 5, 3), "bank_holiday", "Early May bank holiday", "May Day"),)


def test_an_old_list_never_takes_published_until_back() -> None:
    newer = with_published(ENGLAND, _listed(2028, 2029))
    assert with_published(newer, _listed(2026, 2027)) is newer
    assert newer.published_until == date(2029, 12, 31)


def test_closures_and_days_added_by_hand_outlive_a_list_that_lacks_them() -> None:
    own = with_closure_days(ENGLAND, SHUTDOWN, "Cabinet, 3 March 2026")
    own = with_bank_holiday(own, date(2026, 7, 20), "Victory holiday", "Proclamation of 10 July 2026")
    assert with_published(own, GOVUK) is own
    document = _listed(2026)
    document["events"].append({"title": "Victory bank holiday", "date": "2026-07-20", "notes": ""})
    published = with_published(own, document)
    assert published.why_not_working(date(2026, 7, 20)) == "Victory bank holiday"
    assert {day.origin for day in published.days if day.date == date(2026, 7, 20)} == {"published"}
    assert published.why_not_working(date(2026, 12, 24)) == "Christmas closure"


def test_two_titles_on_one_day_are_both_named() -> None:
    document = _listed(2027)
    document["events"].append({"title": "Jubilee", "date": "2027-05-03", "notes": ""})
    assert with_published(ENGLAND, document).why_not_working(date(2027, 5, 3)) == "Early May bank holiday and Jubilee"


Breaking = Callable[[dict[str, Any]], Any]


@pytest.mark.parametrize(
    ("breaking", "path"),
    [
        pytest.param(lambda _: [], "", id="a list"),
        pytest.param(lambda _: {"wales": {}}, "england-and-wales", id="a file without the division"),
        pytest.param(lambda _: {"england-and-wales": []}, "england-and-wales", id="a division that is a list"),
        pytest.param(lambda d: d | {"division": "scotland"}, "division", id="another division"),
        pytest.param(lambda d: {"division": d["division"]}, "events", id="no events"),
        pytest.param(lambda d: d | {"events": []}, "events", id="empty events"),
        pytest.param(lambda d: d | {"events": {}}, "events", id="events that are no list"),
        pytest.param(lambda d: d["events"].append("x") or d, "events[8]", id="an event that is no object"),
        pytest.param(lambda d: d["events"][2].pop("title") and d, "events[2].title", id="an event without a title"),
        pytest.param(lambda d: d["events"][2].update(title=" ") or d, "events[2].title", id="a blank title"),
        pytest.param(lambda d: d["events"][2].update(date="3/5/2027") or d, "events[2].date", id="a date as written"),
        pytest.param(lambda d: d["events"][2].update(date="2027-02-30") or d, "events[2].date", id="no such date"),
        pytest.param(lambda d: d["events"][2].update(date=10**5000) or d, "events[2].date", id="a huge number"),
        pytest.param(lambda d: d["events"][2].update(notes=7) or d, "events[2].notes", id="notes that are no text"),
        pytest.param(lambda d: d["events"].append(d["events"][2]) or d, "events[8].date", id="an event twice"),
        pytest.param(lambda d: d["events"].pop() and d["events"].pop() and d, "events", id="a year without December"),
        pytest.param(lambda d: d["events"].pop(0) and d, "events", id="a year without January"),
        pytest.param(lambda d: d["events"].extend(_listed(2029)["events"]) or d, "events", id="a year left out"),
        pytest.param(lambda _: _listed(2030), "events", id="a projected year left behind"),
        pytest.param(
            lambda d: d | {"events": [{"title": "x", "date": f"2057-{month}-01"} for month in ("01", "12")]},
            "events",
            id="days beyond the calendar",
        ),
    ],
)
def test_a_broken_list_is_refused_where_it_is_broken(breaking: Breaking, path: str) -> None:
    with pytest.raises(InvalidCalendar) as refused:
        with_published(ENGLAND, breaking(copy.deepcopy(_listed(2027))))
    assert path in {fault.path for fault in refused.value.faults}
    assert all(fault.message and fault.remedy for fault in refused.value.faults)


def test_a_broken_list_is_refused_with_all_its_faults() -> None:
    document = _listed(2027)
    document["division"] = "wales"
    document["events"][1]["date"] = "soon"
    document["events"][4]["title"] = None
    with pytest.raises(InvalidCalendar) as refused:
        with_published(ENGLAND, document)
    assert [fault.path for fault in refused.value.faults] == ["division", "events[1].date", "events[4].title"]


def test_an_authority_shuts_over_christmas() -> None:
    own = with_closure_days(extended(ENGLAND, "swindon", "Swindon"), SHUTDOWN, "Cabinet, 3 March 2026")
    assert (own.key, own.version, own.extends, own.extends_version) == ("swindon", 2, "england-and-wales", 1)
    assert own.add_working_days(date(2026, 12, 23), 1) == date(2027, 1, 4)
    assert own.why_not_working(date(2026, 12, 25)) == "Christmas Day and Christmas closure"
    assert [day.date for day in changes_between(ENGLAND, own).added] == [day for day, _ in SHUTDOWN]
    assert with_closure_days(own, SHUTDOWN, "said again") is own


def test_a_closure_on_a_weekend_is_named_with_it() -> None:
    own = with_closure_days(ENGLAND, [(date(2026, 12, 27), "Christmas closure")], "x")
    assert own.why_not_working(date(2026, 12, 27)) == "Sunday and Christmas closure"


def test_closures_are_refused_with_all_their_faults() -> None:
    closures = [(date(1960, 1, 1), "Closed"), (date(2026, 1, 5), ""), (date(2026, 1, 6), "A"), (date(2026, 1, 6), "B")]
    with pytest.raises(InvalidCalendar) as refused:
        with_closure_days(ENGLAND, closures, " ")
    paths = [fault.path for fault in refused.value.faults]
    assert paths == ["source", "days[0].date", "days[1].name", "days[3].date"]
    with pytest.raises(InvalidCalendar, match="no day is given"):
        with_closure_days(ENGLAND, [], "x")


def test_a_bank_holiday_tonight() -> None:
    newer = with_bank_holiday(ENGLAND, date(2026, 11, 30), "Day of mourning", "Proclamation")
    assert newer.note == "Bank holiday: 2026-11-30 Day of mourning"
    assert newer.add_working_days(date(2026, 11, 27), 1) == date(2026, 12, 1)
    assert with_bank_holiday(newer, date(2026, 11, 30), "Day of mourning", "Proclamation") is newer
    with pytest.raises(InvalidCalendar, match="Christmas Day already"):
        with_bank_holiday(ENGLAND, date(2026, 12, 25), "Another", "Proclamation")


def test_a_cancelled_bank_holiday_counts_again_and_the_note_says_why() -> None:
    newer = without_day(ENGLAND, date(2027, 5, 3), "moved to 7 May")
    assert newer.index.is_working(date(2027, 5, 3))
    assert newer.note == "Removed 2027-05-03 Early May bank holiday: moved to 7 May"
    back = with_published(newer, GOVUK)
    assert (back.days[0], _dates(back)) == (ENGLAND.days[0], _dates(ENGLAND))
    with pytest.raises(InvalidCalendar) as refused:
        without_day(ENGLAND, date(2027, 5, 4), "")
    assert [fault.path for fault in refused.value.faults] == ["reason", "date"]


def test_removing_a_closure_leaves_the_bank_holiday_on_its_day() -> None:
    own = with_closure_days(ENGLAND, SHUTDOWN, "x")
    open_again = without_day(own, date(2026, 12, 25), "no longer shut", kind="closure")
    assert open_again.why_not_working(date(2026, 12, 25)) == "Christmas Day"


def test_an_extending_calendar_follows_the_one_it_extends() -> None:
    own = with_closure_days(extended(ENGLAND, "swindon", "Swindon"), SHUTDOWN, "x")
    own = without_day(own, date(2027, 8, 30), "worked in Swindon")
    newer = with_bank_holiday(ENGLAND, date(2026, 11, 30), "Day of mourning", "Proclamation")
    newer = with_published(newer, _listed(2028, 2029))
    followed = rebased(own, ENGLAND, newer)
    assert (followed.version, followed.extends_version) == (own.version + 1, newer.version)
    assert followed.published_until == date(2029, 12, 31)
    changes = changes_between(own, followed)
    assert [day.date for day in changes.added] == [date(2026, 11, 30)]
    assert not changes.removed
    with pytest.raises(ValueError, match="does not extend scotland"):
        rebased(own, CALENDARS["scotland"], CALENDARS["scotland"])


@pytest.mark.parametrize(("key", "title"), [("England!", "x"), ("england-and-wales", "x"), ("swindon", "")])
def test_an_extending_calendar_needs_a_key_and_a_title_of_its_own(key: str, title: str) -> None:
    with pytest.raises(InvalidCalendar):
        extended(ENGLAND, key, title)


def test_the_report_is_ready_for_json() -> None:
    document = _listed(2027, 2028, 2029)
    document["events"][3]["title"] = "May Day"
    document["events"].pop(4)
    report = changes_between(ENGLAND, with_published(ENGLAND, document)).to_document()
    assert json.loads(json.dumps(report)) == report
    assert report["published_until"] == {"old": "2028-12-31", "new": "2029-12-31"}
    assert report["renamed"][0]["new_name"] == "May Day"
    assert [day["date"] for day in report["removed"]] == ["2027-05-31"]
    assert len(report["confirmed"]) == 8
    assert not any(changes_between(ENGLAND, ENGLAND).to_document().values())


# A version of 86 years takes five times as long to make.
FIVE_YEARS = replace(
    ENGLAND,
    first=date(2026, 1, 1),
    last=date(2030, 12, 31),
    days=tuple(day for day in ENGLAND.days if 2026 <= day.date.year <= 2030),
)


@given(
    st.lists(
        st.dates(FIVE_YEARS.first, FIVE_YEARS.last).filter(lambda day: day not in _dates(FIVE_YEARS)),
        min_size=1,
        max_size=5,
        unique=True,
    )
)
def test_what_is_added_and_taken_away_again_leaves_the_same_days(days: list[date]) -> None:
    changed = with_closure_days(FIVE_YEARS, [(day, "Closed") for day in days], "x")
    assert changed.days != FIVE_YEARS.days
    for day in days:
        changed = without_day(changed, day, "open after all", kind="closure")
    assert changed.days == FIVE_YEARS.days
    assert changed.checksum == FIVE_YEARS.checksum

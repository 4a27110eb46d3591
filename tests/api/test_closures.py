"""Closure days over HTTP: what they move is shown before they are published, and what protects a child stays."""

from __future__ import annotations

from typing import Any

import pytest

from app.services.problems import Problem
from app.services.publishing.closure_list import is_day, read_table
from tests.api.application import RunningApplication, small

CLOSURE: dict[str, Any] = {
    "extends": "england-and-wales",
    "title": "Exampleton",
    "days": [{"date": f"2026-12-{day}", "name": "Christmas closure"} for day in (24, 25, 27, 29, 30, 31)],
    "source": "Cabinet, 3 June 2026",
}
WHERE = "/v1/calendars/exampleton/closure-days"
TABLE = "Date,Description\r\n24/12/2026,Christmas closure\r\n2026-12-29,\r\n"
PREVIEW = {"preview": "true"}


def preview(here: RunningApplication, headers: dict[str, str], body: dict[str, Any] = CLOSURE) -> dict[str, Any]:
    answer = here.client.post(WHERE, json=body, headers=headers, params=PREVIEW)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def limits(answer: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {item["rule"]: item for item in answer["moves"]["limits"]}


def test_closing_days_show_which_limits_they_move_before_anything_is_published(here: RunningApplication) -> None:
    both = here.key("author", "publish")
    here.published(both, small(15), in_force_from="2026-01-01", reason="first")
    before = here.store.load_everything().calendars
    answer = preview(here, both)
    found = limits(answer)
    recorded = found["discussion-recorded"]
    assert (recorded["moved"], recorded["strength"], recorded["protection"]) == (True, "should", None)
    furthest = {"event": "strategy_discussion_held", "occurred_on": "2026-12-23", "before": "2026-12-24"}
    assert recorded["examples"][0] == {**furthest, "after": "2027-01-04", "days": 11}
    assert answer["moves"]["summary"] == {
        "moved": 1,
        "not_moved": 1,
        "protection_moved": 0,
        "must": 0,
        "should": 1,
        "suggested": 0,
    }
    assert answer["moves"]["profiles"] == [{"key": "exampleton", "version": 1}]
    assert here.store.load_everything().calendars == before


def test_a_limit_that_protects_a_child_is_never_moved_by_a_closure_unless_its_rule_says_so(
    here: RunningApplication,
) -> None:
    both = here.key("author", "publish")
    here.published(both, small(15), in_force_from="2026-01-01", reason="first")
    conference = limits(preview(here, both))["icpc-held"]
    assert (conference["moved"], conference["closures"]) == (False, "count")
    assert "Working Together to Safeguard Children" in conference["protection"]
    assert conference["examples"][0]["before"] == conference["examples"][0]["after"]

    lax = small(15, calendar="england-and-wales")
    lax["rules"][0]["closures"] = "skip"
    here.published(both, lax, in_force_from="2026-02-01", reason="second")
    answer = preview(here, both)
    assert limits(answer)["icpc-held"]["moved"]
    assert answer["moves"]["summary"]["protection_moved"] == 1
    assert answer["moves"]["limits"][0]["rule"] == "icpc-held", "what protects a child comes first"
    assert 'closures = "skip"' in answer["moves"]["warnings"][0]


def test_a_due_date_that_protects_stays_and_another_waits_once_the_closure_is_published(
    here: RunningApplication,
) -> None:
    both = here.key("author", "publish")
    assert here.client.post(WHERE, json=CLOSURE, headers=both).status_code == 201
    here.published(both, small(1, calendar="exampleton"), in_force_from="2026-01-01", reason="first")
    event = {"type": "strategy_discussion_held", "occurred_at": "2026-12-23"}
    answer = here.client.post("/v1/calculations", json={"profile": "exampleton", "event": event}).json()
    due = {item["rule"]: item["due_date"] for item in answer["obligations"]}
    assert due == {"icpc-held": "2026-12-24", "discussion-recorded": "2027-01-04"}
    timing = next(item["timing"] for item in answer["obligations"] if item["rule"] == "icpc-held")
    assert timing == "within 1 working day of the strategy discussion"


def test_closing_a_sunday_or_christmas_day_is_remarked(here: RunningApplication) -> None:
    publisher = here.key("publish")
    assert preview(here, publisher)["remarks"] == [
        "2026-12-25 is no working day anyway: Christmas Day",
        "2026-12-27 is no working day anyway: Sunday",
    ]
    made = here.client.post(WHERE, json=CLOSURE, headers=publisher).json()
    assert len(made["remarks"]) == 2
    assert made["moves"] is None


def test_a_list_of_closure_days_is_taken_as_excel_saves_it(here: RunningApplication) -> None:
    publisher = here.key("publish")
    query = {"source": "Cabinet", "extends": "england-and-wales", "title": "Exampleton", "name": "Closed"}
    csv = {**publisher, "Content-Type": "text/csv"}
    tried = here.client.post(f"{WHERE}.csv", content=TABLE, headers=csv, params={**query, **PREVIEW})
    assert (tried.status_code, tried.json()["preview"]) == (200, True)
    made = here.client.post(f"{WHERE}.csv", content=TABLE, headers=csv, params=query)
    assert made.status_code == 201, made.text
    added = [(day["date"], day["name"]) for day in made.json()["report"]["added"]]
    assert added == [("2026-12-24", "Christmas closure"), ("2026-12-29", "Closed")]
    again = here.client.post(f"{WHERE}.csv", content=TABLE, headers=csv, params={"source": "Cabinet", "name": "Closed"})
    assert (again.status_code, again.json()["changed"]) == (200, False)


@pytest.mark.parametrize(
    ("body", "kind", "status", "said"),
    [
        (b"Date\n46385\n", "text/csv", 422, "the number that Excel has for a date"),
        (b"Date\n29/12/26\n", "text/csv", 422, "a year of two digits"),
        (b"Date\n31/11/2026\n", "text/csv", 422, "is no date"),
        (b"24 Dez 2026,Christmas\n29/12/2026,Christmas\n", "text/csv", 422, "'24 Dez 2026' is no date"),
        (b"", "text/csv", 422, "no day is given"),
        (b"Date\n\x96\n", "text/csv", 422, "not UTF-8"),
        (b'{"days": []}', "application/json", 415, "send text/csv"),
    ],
)
def test_a_table_that_cannot_be_read_names_its_rows(
    here: RunningApplication, body: bytes, kind: str, status: int, said: str
) -> None:
    headers = {**here.key("publish"), "Content-Type": kind}
    answer = here.client.post(f"{WHERE}.csv", content=body, headers=headers, params={"source": "x"})
    assert answer.status_code == status, answer.text
    assert said in answer.text


COUNTS: dict[str, dict[str, Any]] = {
    "add": {"start": "2026-03-02", "days": 5},
    "count": {"start": "2026-03-02", "end": "2026-03-09"},
    "check": {"date": "2026-03-02"},
}


def test_answers_say_that_a_calendar_is_behind(here: RunningApplication, monkeypatch: pytest.MonkeyPatch) -> None:
    both = here.key("author", "publish")
    here.client.post(WHERE, json=CLOSURE, headers=both)
    here.published(both, small(5, calendar="exampleton"), in_force_from="2026-01-01", reason="first")
    monkeypatch.setattr("app.services.publishing.calendar_versions.follow_all", lambda *_: [])
    holiday = {"date": "2027-05-10", "name": "One-off", "source": "Parliament"}
    made = here.client.post("/v1/calendars/england-and-wales/bank-holidays", json=holiday, headers=both).json()
    assert made["extended_by"] == [{"key": "exampleton", "version": 1, "extends_version": 1}]
    said = (
        "the calendar exampleton follows version 1 of england-and-wales, which has version 2: its bank holidays may be "
        "out of date"
    )
    event = {"type": "strategy_discussion_held", "occurred_at": "2026-03-02"}
    asked = {"profile": "exampleton", "event": event}
    assert here.client.post("/v1/calculations", json=asked).json()["warnings"] == [said]
    for what, query in COUNTS.items():
        counted = here.client.get(f"/v1/working-days/{what}", params={"calendar": "exampleton", **query}).json()
        assert counted["warnings"] == said
        older = {"calendar": "england-and-wales", "calendar_version": 1, **query}
        assert here.client.get(f"/v1/working-days/{what}", params=older).json().keys() == counted.keys() - {"warnings"}
    case = {"profile": "exampleton", "events": [event], "as_of": "2026-03-03"}
    assert said in here.client.post("/v1/timelines", json=case).json()["warnings"]
    assert here.client.post("/v1/calculations", json={**asked, "as_known_on": "2026-12-31"}).status_code in {200, 422}
    here.client.post("/v1/calendars/exampleton/follow", json={}, headers=both)
    assert here.client.post("/v1/calculations", json=asked).json()["warnings"] == []


def test_another_reading_of_a_limit_is_counted_too(here: RunningApplication) -> None:
    both = here.key("author", "publish")
    read_twice = small(15)
    read_twice["rules"][1] |= {
        "timing": {"within": {"days": 5}},
        "reading": "Days are calendar days.",
        "alternatives": [{"reading": "Days are working days.", "timing": {"within": {"working_days": 5}}}],
    }
    here.published(both, read_twice, in_force_from="2026-01-01", reason="first")
    answer = preview(here, both)
    (recorded,) = [item for item in answer["moves"]["limits"] if item["rule"] == "discussion-recorded"]
    assert (recorded["reading"], recorded["moved"]) == ("Days are working days.", True)
    assert recorded["examples"][0]["days"] > 0
    assert answer["moves"]["summary"]["moved"] == 1


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("Tuesday 29/12/2027", "29 December 2027 is a Wednesday, not a Tuesday"),
        ("Thurs 29 December 2026", "29 December 2026 is a Tuesday, not a Thursday"),
        ("29 Decembre 2026", "is no date"),
        ("31 November 2026", "is no date"),
    ],
)
def test_a_weekday_that_is_not_that_of_its_date_is_refused(written: str, said: str) -> None:
    with pytest.raises(Problem) as refused:
        read_table(f"{written};Christmas closure")
    (fault,) = refused.value.faults
    assert said in fault.message


@pytest.mark.parametrize(
    "written", ["29 December 2026", "Tuesday 29th Dec 2026", "Tue 29 dec. 2026", "tues 29/12/2026"]
)
def test_a_day_is_read_as_the_page_writes_it(written: str) -> None:
    assert read_table(f"{written};Christmas closure") == [{"date": "2026-12-29", "name": "Christmas closure"}]
    assert is_day(written)

"""Calendars as they change over HTTP: the government's list, closures, one-off holidays."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from tests.api.application import RunningApplication, small

EW = "/v1/calendars/england-and-wales"
GOVUK = json.loads((Path(__file__).parents[1] / "calendars" / "govuk_2019_2028.json").read_text("utf-8"))
HOLIDAY = {"date": "2027-05-10", "name": "One-off holiday", "source": "Announced in Parliament"}
CLOSURE = {
    "extends": "england-and-wales",
    "title": "Exampleton",
    "days": [{"date": "2026-12-29", "name": "Christmas closure"}, {"date": "2026-12-30", "name": "Christmas closure"}],
    "source": "The council's decision",
}


def listed(*years: int, extra: dict[str, str] | None = None) -> dict[str, Any]:
    document = copy.deepcopy(GOVUK)
    events = document["england-and-wales"]["events"]
    in_years = [event for event in events if int(event["date"][:4]) in years]
    in_years += [{"title": name, "date": day, "notes": "", "bunting": False} for day, name in (extra or {}).items()]
    document["england-and-wales"]["events"] = in_years
    return document


def check(here: RunningApplication, day: str, calendar: str = "england-and-wales", **more: Any) -> Any:
    where = "/v1/working-days/check"
    return here.client.get(where, params={"calendar": calendar, "date": day, **more}).json()["is_working_day"]


def test_the_governments_list_is_taken_in_as_it_is_published(anywhere: RunningApplication) -> None:
    publisher = anywhere.key("publish")
    again = anywhere.client.post(f"{EW}/versions", json=GOVUK, headers=publisher)
    assert (again.status_code, again.json()["changed"], again.json()["version"]) == (200, False, 1)

    new = listed(2027, 2028, extra={"2028-06-05": "A new holiday"})
    preview = anywhere.client.post(f"{EW}/versions", params={"preview": "true"}, json=new, headers=publisher)
    assert (preview.status_code, preview.json()["preview"], preview.json()["version"]) == (200, True, 2)
    assert check(anywhere, "2028-06-05")

    made = anywhere.client.post(f"{EW}/versions", params={"reason": "GOV.UK of May"}, json=new, headers=publisher)
    assert made.status_code == 201
    assert [day["date"] for day in made.json()["report"]["added"]] == ["2028-06-05"]
    assert made.json()["report"]["removed"] == []
    assert made.headers["location"] == f"{EW}/versions/2"
    assert not check(anywhere, "2028-06-05")
    assert check(anywhere, "2028-06-05", calendar_version="1")
    # Years that have vanished from the list are kept.
    assert not check(anywhere, "2019-12-25")
    shown = anywhere.client.get(f"{EW}/versions/2").json()
    assert (shown["reason"], shown["published_by"]) == ("GOV.UK of May", "key:publish")
    assert shown["report"]["added"][0]["name"] == "A new holiday"


def test_a_one_off_holiday_is_added_and_calendars_that_extend_this_one_follow_at_once(here: RunningApplication) -> None:
    publisher = here.key("publish")
    begun = here.client.post("/v1/calendars/exampleton/closure-days", json=CLOSURE, headers=publisher)
    assert begun.status_code == 201
    body = begun.json()
    assert (body["version"], body["extends"], body["extends_version"]) == (1, "england-and-wales", 1)
    assert [day["date"] for day in body["report"]["added"]] == ["2026-12-29", "2026-12-30"]

    tried = here.client.post(f"{EW}/bank-holidays", json=HOLIDAY, headers=publisher, params={"preview": "true"})
    assert tried.json()["followed_by"] == [{"key": "exampleton", "version": 1, "extends_version": 1}]
    made = here.client.post(f"{EW}/bank-holidays", json=HOLIDAY, headers=publisher)
    assert (made.status_code, made.json()["version"]) == (201, 2)
    assert made.json()["followed_by"] == [{"key": "exampleton", "version": 2, "extends_version": 2}]
    assert made.json()["extended_by"] == []
    assert not check(here, "2027-05-10")
    assert not check(here, "2027-05-10", "exampleton")
    assert not check(here, "2026-12-29", "exampleton")
    shown = here.client.get("/v1/calendars/exampleton/versions/2").json()
    assert shown["reason"] == "Follows england-and-wales to version 2"
    again = here.client.post("/v1/calendars/exampleton/follow", json={}, headers=publisher)
    assert (again.status_code, again.json()["changed"]) == (200, False)


def test_a_profile_counts_by_its_own_calendar_and_a_request_may_name_another(here: RunningApplication) -> None:
    both = here.key("author", "publish")
    here.client.post("/v1/calendars/exampleton/closure-days", json=CLOSURE, headers=both)
    profile = small(15, calendar="exampleton")
    profile["rules"][0] |= {"closures": "skip"}
    here.published(both, profile, in_force_from="2026-01-01", reason="first")
    event = {"type": "strategy_discussion_held", "occurred_at": "2026-12-18"}
    asked = {"profile": "exampleton", "event": event}
    assert here.due(**asked)[-1] == "2027-01-15"
    assert here.due(**asked, calendar="england-and-wales")[-1] == "2027-01-13"
    more = CLOSURE | {"days": [{"date": "2026-12-31", "name": "Christmas closure"}]}
    del more["extends"], more["title"]
    assert here.client.post("/v1/calendars/exampleton/closure-days", json=more, headers=both).json()["version"] == 2
    assert here.due(**asked)[-1] == "2027-01-18"
    assert here.due(**asked, calendar_version=1)[-1] == "2027-01-15"


def test_a_day_can_be_made_to_count_again(here: RunningApplication) -> None:
    publisher = here.key("publish")
    here.client.post("/v1/calendars/exampleton/closure-days", json=CLOSURE, headers=publisher)
    removal = {"date": "2026-12-29", "kind": "closure", "reason": "Open after all"}
    made = here.client.post("/v1/calendars/exampleton/removals", json=removal, headers=publisher)
    assert (made.status_code, made.json()["version"]) == (201, 2)
    assert "Open after all" in made.json()["note"]
    assert check(here, "2026-12-29", "exampleton")
    again = here.client.post("/v1/calendars/exampleton/removals", json=removal, headers=publisher)
    assert [fault["path"] for fault in again.json()["errors"]] == ["date"]


def test_a_whole_calendar_in_our_own_shape(here: RunningApplication) -> None:
    publisher = here.key("publish")
    version = here.client.get(f"{EW}/versions/1").json()
    whole = {
        "key": "border-county",
        "title": "Border county",
        "first": version["first"],
        "last": version["last"],
        "published_until": version["published_until"],
        "days": version["days"],
    }
    where = "/v1/calendars/border-county/versions"
    made = here.client.post(where, json=whole, headers=publisher)
    assert (made.status_code, made.json()["version"]) == (201, 1)
    assert len(made.json()["report"]["added"]) == len(version["days"])
    whole["days"] = whole["days"][1:]
    assert here.client.post(where, json=whole, headers=publisher).status_code == 428
    assert here.client.post(where, json=whole, headers={**publisher, "If-Match": '"7"'}).status_code == 412
    second = here.client.post(where, json=whole, headers={**publisher, "If-Match": made.headers["etag"]})
    assert (second.status_code, second.json()["version"]) == (201, 2)
    assert len(second.json()["report"]["removed"]) == 1
    other = here.client.post("/v1/calendars/other/versions", json=whole, headers=publisher)
    assert [fault["path"] for fault in other.json()["errors"]] == ["key"]


@pytest.mark.parametrize(
    ("where", "body", "paths"),
    [
        ("england-and-wales/closure-days", {"days": CLOSURE["days"], "source": "x"}, ["key"]),
        ("new/closure-days", {"days": CLOSURE["days"], "source": "x"}, ["extends"]),
        ("new/closure-days", CLOSURE | {"extends": "nowhere"}, ["calendar"]),
        ("new/closure-days", CLOSURE | {"days": []}, ["days"]),
        ("new/closure-days", CLOSURE | {"days": [{"date": "x", "name": ""}]}, ["days[0].name", "days[0].date"]),
        ("new/closure-days", CLOSURE | {"days": [{"date": "1066-01-01", "name": "x"}]}, ["days[0].date"]),
        ("Not A Key/closure-days", CLOSURE, ["key"]),
        ("england-and-wales/bank-holidays", {}, ["date", "name", "source"]),
        ("england-and-wales/bank-holidays", HOLIDAY | {"date": "2026-12-25"}, ["date"]),
        ("england-and-wales/bank-holidays", HOLIDAY | {"colour": "red"}, ["colour"]),
        ("nowhere/bank-holidays", HOLIDAY, ["calendar"]),
        ("england-and-wales/removals", {"date": "2026-12-24", "kind": "closure", "reason": "x"}, ["date"]),
        ("england-and-wales/removals", {"date": "2026-12-24", "kind": "party", "reason": "x"}, ["kind"]),
        ("england-and-wales/follow", {}, ["key"]),
        ("england-and-wales/versions", {}, ["england-and-wales"]),
        ("england-and-wales/versions", [], ["(body)"]),
        ("nowhere/versions", GOVUK, ["key"]),
        ("england-and-wales/versions?preview=maybe", GOVUK, ["preview"]),
        ("nowhere/versions", {"days": [], "first": "x"}, ["title", "last", "published_until", "first"]),
    ],
)
def test_a_change_that_cannot_be_made_says_why_and_makes_nothing(
    here: RunningApplication, where: str, body: dict[str, Any] | list[Any], paths: list[str]
) -> None:
    before = here.store.load_everything().calendars
    answer = here.client.post(f"/v1/calendars/{where}", json=body, headers=here.key("publish"))
    assert answer.status_code in {404, 422}, answer.text
    assert sorted(fault["path"] for fault in answer.json()["errors"]) == sorted(paths)
    assert here.store.load_everything().calendars == before


def test_a_list_that_would_cut_a_year_off_is_refused(here: RunningApplication) -> None:
    document = listed(2027)
    document["england-and-wales"]["events"] = document["england-and-wales"]["events"][:3]
    answer = here.client.post(f"{EW}/versions", json=document, headers=here.key("publish"))
    assert answer.status_code == 422
    assert "not whole" in answer.json()["errors"][0]["message"]


def test_two_changes_at_once_both_count(here: RunningApplication, monkeypatch: pytest.MonkeyPatch) -> None:
    publisher = here.key("publish")
    publish = here.store.publish_calendar_version
    calls: list[str] = []

    def slow(version: Any, **words: Any) -> Any:
        if not calls:
            calls.append("overtaken")
            other = HOLIDAY | {"date": "2027-05-17", "name": "Another"}
            assert here.client.post(f"{EW}/bank-holidays", json=other, headers=publisher).status_code == 201
        return publish(version, **words)

    monkeypatch.setattr(here.store, "publish_calendar_version", slow)
    made = here.client.post(f"{EW}/bank-holidays", json=HOLIDAY, headers=publisher)
    assert (made.status_code, made.json()["version"]) == (201, 3)
    assert not check(here, "2027-05-10")
    assert not check(here, "2027-05-17")

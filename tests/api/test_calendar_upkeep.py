"""Calendars held true over HTTP: a government's list that cannot be trusted changes nothing and says why."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.api.application import RunningApplication, running_application
from tests.api.test_calendars import listed
from tests.government_site import WHOLE, Publisher, publishing

EW = "/v1/calendars/england-and-wales"
NEW_DAY = {"2027-05-10": "A new holiday"}
YEARS = range(2019, 2029)


@pytest.fixture(scope="module")
def site() -> Iterator[Publisher]:
    with publishing() as server:
        yield server


@pytest.fixture
def upkeep(filled_url: str, site: Publisher) -> Iterator[RunningApplication]:
    with running_application(filled_url, bank_holidays_url=site.address, bank_holidays_seconds=0.4) as running:
        yield running


def shortened() -> dict[str, Any]:
    return listed(*range(2024, 2029))


def of_scotland() -> dict[str, Any]:
    return {**WHOLE, "england-and-wales": {**WHOLE["scotland"], "division": "england-and-wales"}}


def cut_off() -> dict[str, Any]:
    document = listed(*YEARS)
    document["england-and-wales"]["events"] = document["england-and-wales"]["events"][:-3]
    return document


BAD: list[tuple[str, dict[str, Any], str, str]] = [
    ("shortened", {"document": shortened()}, "list-not-taken", "it was shortened: the list begins in 2024"),
    ("cut off", {"document": cut_off()}, "list-not-taken", "is not whole: nothing in December"),
    ("of another nation", {"document": of_scotland()}, "list-not-taken", "it fits scotland better"),
    ("without the division", {"document": {"wales": WHOLE["scotland"]}}, "list-not-taken", "not in the file"),
    ("not a list", {"document": [1, 2]}, "list-not-taken", ""),
    ("malformed", {"document": b'{"england-and-wales": {'}, "list-unavailable", "not JSON"),
    ("a page", {"document": b"<html>moved</html>"}, "list-unavailable", "not JSON"),
    ("nested too deep", {"document": b"[" * 200 + b"]" * 200}, "list-unavailable", "nested too deep"),
    ("too big", {"document": b" " * 1_100_000}, "list-unavailable", "sends more than 1024 KiB"),
    ("too slow", {"document": WHOLE, "pause": 1.0}, "list-unavailable", "takes longer than 0.4 seconds"),
    ("dripping", {"document": WHOLE, "drips": True}, "list-unavailable", "takes longer than 0.4 seconds"),
    ("an error", {"document": {}, "status": 503}, "list-unavailable", "answered with status 503"),
    (
        "redirected elsewhere",
        {"document": b"", "status": 302, "Location": "http://elsewhere.example/list"},
        "list-unavailable",
        "redirects to http://elsewhere.example/list",
    ),
    ("compressed", {"document": WHOLE, "Content_Encoding": "gzip"}, "list-unavailable", "compressed"),
]


@pytest.mark.parametrize(("answer", "kind", "said"), [each[1:] for each in BAD], ids=[each[0] for each in BAD])
def test_a_list_that_cannot_be_trusted_changes_nothing_and_says_why(
    upkeep: RunningApplication, site: Publisher, answer: dict[str, Any], kind: str, said: str
) -> None:
    site.puts(**answer)
    before = upkeep.store.load_everything().calendars
    refused = upkeep.client.post(f"{EW}/update", params={"publish": "true"}, headers=upkeep.key("publish"))
    assert refused.json()["type"] == f"/problems/{kind}", refused.text
    assert refused.status_code in {409, 503}
    assert said in refused.text
    assert "Nothing was changed" in refused.json()["detail"]
    assert refused.json()["errors"]
    assert upkeep.store.load_everything().calendars == before


def test_the_list_is_shown_day_by_day_and_published_only_on_request(
    upkeep: RunningApplication, site: Publisher
) -> None:
    publisher = upkeep.key("publish")
    site.puts(listed(*YEARS, extra=NEW_DAY))
    tried = upkeep.client.post(f"{EW}/update", headers=publisher)
    assert (tried.status_code, tried.json()["preview"], tried.json()["version"]) == (200, True, 2)
    assert [(day["date"], day["name"]) for day in tried.json()["report"]["added"]] == [*NEW_DAY.items()]
    assert len(upkeep.store.load_everything().calendars) == 3
    publication = {"publish": "true", "reason": "GOV.UK of May"}
    made = upkeep.client.post(f"{EW}/update", params=publication, headers=publisher)
    assert (made.status_code, made.json()["version"]) == (201, 2)
    shown = upkeep.client.get(f"{EW}/versions/2").json()
    assert (shown["reason"], shown["days"][-1]["origin"]) == ("GOV.UK of May", "projected")
    again = upkeep.client.post(f"{EW}/update", params=publication, headers=publisher)
    assert (again.status_code, again.json()["changed"]) == (200, False)


def test_whoever_may_not_publish_sends_the_service_nowhere(upkeep: RunningApplication) -> None:
    for scope in ("calculate", "author"):
        headers = upkeep.key(scope)
        assert upkeep.client.post(f"{EW}/update", headers=headers).status_code == 403
        assert upkeep.client.get(f"{EW}/verification", headers=headers).status_code == 403
        neighbour = upkeep.client.post(
            "/v1/calendars/jersey/from-holidays", json={"from_holidays": "JE"}, headers=headers
        )
        assert neighbour.status_code == 403


def test_an_address_at_which_nobody_answers_changes_nothing(filled_url: str) -> None:
    with running_application(filled_url, bank_holidays_url="http://127.0.0.1:9/list.json") as alone:
        refused = alone.client.post(f"{EW}/update", params={"publish": "true"}, headers=alone.key("publish"))
    assert (refused.status_code, "127.0.0.1/list.json cannot be read" in refused.text) == (503, True)
    with running_application(filled_url, bank_holidays_url="") as closed:
        refused = closed.client.post(f"{EW}/update", headers=closed.key("publish", name="again"))
    assert "no address is set" in refused.text


def test_no_address_is_taken_from_a_request(upkeep: RunningApplication) -> None:
    elsewhere = {"url": "http://127.0.0.1:9/"}
    assert upkeep.client.post(f"{EW}/update", params=elsewhere, headers=upkeep.key("publish")).status_code == 422


def test_an_update_waits_for_a_second_person_with_the_list_that_the_first_one_read(
    filled_url: str, site: Publisher
) -> None:
    settings: dict[str, Any] = {"bank_holidays_url": site.address, "two_pairs_of_eyes": True}
    with running_application(filled_url, **settings) as careful:
        ann, bea = careful.key("publish", name="Ann"), careful.key("publish", name="Bea")
        site.puts(listed(*YEARS, extra=NEW_DAY))
        proposed = careful.client.post(f"{EW}/update", params={"publish": "true"}, headers=ann)
        assert (proposed.status_code, proposed.json()["action"]) == (202, "update_calendar")
        site.puts({})
        where = proposed.headers["location"]
        shown = careful.client.get(where, headers=bea).json()["preview"]
        assert [day["date"] for day in shown["report"]["added"]] == [*NEW_DAY]
        assert careful.client.post(f"{where}/approve", headers=ann).status_code == 403
        approved = careful.client.post(f"{where}/approve", headers=bea)
        assert (approved.status_code, approved.json()["outcome"]["version"]) == (200, 2)
        made = careful.client.post("/v1/calendars/jersey/from-holidays", json={"from_holidays": "JE"}, headers=ann)
        assert (made.status_code, made.json()["action"]) == (202, "create_calendar")
        done = careful.client.post(f"{made.headers['location']}/approve", headers=bea)
        assert done.json()["outcome"]["key"] == "jersey"


def test_a_calendar_for_a_neighbour_says_where_each_of_its_days_is_from(upkeep: RunningApplication) -> None:
    publisher = upkeep.key("publish")
    where = "/v1/calendars/jersey/from-holidays"
    made = upkeep.client.post(where, json={"from_holidays": "JE", "published_until": "2027-12-31"}, headers=publisher)
    assert (made.status_code, made.json()["version"]) == (201, 1), made.text
    shown = upkeep.client.get("/v1/calendars/jersey/versions/1").json()
    assert shown["title"] == "Jersey"
    days = {day["date"]: day for day in shown["days"]}
    liberation = days["2028-05-09"]
    assert (liberation["name"], liberation["origin"]) == ("Liberation Day", "projected")
    assert liberation["source"].startswith("holidays ")
    assert liberation["source"].endswith(" JE")
    assert days["2027-05-03"]["origin"] == "history"
    assert "2026-05-09" not in days, "a Saturday does not count anyway"
    assert upkeep.client.post(where, json={"from_holidays": "JE"}, headers=publisher).status_code == 409
    unknown = upkeep.client.post("/v1/calendars/fr/from-holidays", json={"from_holidays": "FR"}, headers=publisher)
    assert unknown.status_code == 422


def test_a_calendar_that_differs_from_its_sources_is_named_day_by_day(
    upkeep: RunningApplication, site: Publisher
) -> None:
    publisher = upkeep.key("publish")
    site.puts(WHOLE)
    clean = upkeep.client.get(f"{EW}/verification", params={"government_list": "true"}, headers=publisher)
    assert clean.json()["calendars"][0]["differences"] == []
    assert upkeep.client.get("/readyz").json()["warnings"] == []
    holiday = {"date": "2027-05-10", "name": "One-off", "source": "Parliament"}
    upkeep.client.post(f"{EW}/bank-holidays", json=holiday, headers=publisher)
    found = upkeep.client.get(f"{EW}/verification", params={"government_list": "true"}, headers=publisher).json()
    against = {(each["against"], each["date"], each["stored"], each["listed"]) for each in _differences(found)}
    assert against == {
        ("the holidays package", "2027-05-10", "One-off", None),
        ("the government's list", "2027-05-10", "One-off", None),
    }
    ready = _ready(upkeep)
    assert (ready["status"], ready["warnings"]) == (
        "ready",
        ["the calendar england-and-wales differs from the holidays package on 2027-05-10"],
    )
    counted = upkeep.client.get("/metrics").text
    assert 'deadlines_calendar_warnings{calendar="england-and-wales"} 1.0' in counted
    assert 'deadlines_calendar_warnings{calendar="scotland"} 0.0' in counted


def _differences(found: dict[str, Any]) -> list[dict[str, Any]]:
    return list(found["calendars"][0]["differences"])


def _ready(upkeep: RunningApplication) -> dict[str, Any]:
    """Give the readiness once the calendars have been looked at."""
    upkeep.client.get("/readyz")
    upkeep.client.app.state.upkeep.wait()  # type: ignore[attr-defined]  # Starlette's application
    answer = upkeep.client.get("/readyz")
    assert answer.status_code == 200
    return dict(answer.json())

"""What there is to ask for, its entity tags and its caching."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient

READS = [
    "/v1/event-types",
    "/v1/event-types?profile=swindon",
    "/v1/facts",
    "/v1/duties",
    "/v1/profiles",
    "/v1/profiles/swindon",
    "/v1/profiles/swindon/versions/1",
    "/v1/profiles/swindon/versions/1/rules/icpc-held",
    "/v1/calendars",
    "/v1/calendars/england-and-wales",
    "/v1/calendars/england-and-wales/versions/1",
]


@pytest.mark.parametrize("path", READS)
def test_a_read_is_tagged_and_not_sent_twice(client: TestClient, path: str) -> None:
    first = client.get(path)
    assert first.status_code == 200
    assert isinstance(first.json(), dict)
    again = client.get(path, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    immutable = "/versions/" in path
    assert ("immutable" in first.headers["cache-control"]) is immutable


def test_every_profile_and_calendar_is_listed(client: TestClient) -> None:
    keys = [item["key"] for item in client.get("/v1/profiles").json()["profiles"]]
    assert keys == ["barnet", "cin-chapter", "statutory-england", "swindon", "wiltshire", "york"]
    calendars = [item["key"] for item in client.get("/v1/calendars").json()["calendars"]]
    assert calendars == ["england-and-wales", "northern-ireland", "scotland"]


def test_an_event_names_the_facts_that_matter_to_it(client: TestClient) -> None:
    events = {item["type"]: item for item in client.get("/v1/event-types?profile=swindon").json()["event_types"]}
    assert "section_47_initiated" in events["strategy_discussion_held"]["facts"]
    assert "placement_started_on" not in events["placement_started"]["facts"]


def test_an_event_is_found_by_its_counterpart_in_a_return(client: TestClient) -> None:
    for text in ("CPPstartDate", "cppstartdate"):
        found = client.get("/v1/event-types", params={"counterpart": text}).json()["event_types"]
        assert [item["type"] for item in found] == ["cp_plan_started"]
        assert text.casefold() in found[0]["counterpart"].casefold()
    assert client.get("/v1/event-types?counterpart=NoSuchField").json()["event_types"] == []
    of_one = client.get("/v1/event-types?counterpart=CPPstartDate&profile=cin-chapter").json()["event_types"]
    assert {item["type"] for item in of_one} <= {"cp_plan_started"}


@pytest.mark.parametrize("query", ["counterparts=CPPstartDate", "counterpart=a&counterpart=b"])
def test_what_the_list_of_events_cannot_be_asked_for_is_refused(client: TestClient, query: str) -> None:
    refused = client.get(f"/v1/event-types?{query}")
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["path"].startswith("counterpart")


def test_a_fact_says_what_its_absence_means(client: TestClient) -> None:
    facts = {item["fact"]: item for item in client.get("/v1/facts").json()["facts"]}
    assert facts["section_47_initiated"]["when_absent"] == "undetermined"
    assert facts["first_review_held_on"]["when_absent"] == "not_yet_happened"
    assert facts["plan_made_at_conference"]["default"] is True
    assert facts["placement_type"]["values"][0] == "foster"


def test_a_rule_is_given_in_words_and_as_data(client: TestClient) -> None:
    rule = client.get("/v1/profiles/swindon/versions/1/rules/icpc-held").json()
    assert rule["timing"] == "within 15 working days of the strategy discussion"
    assert rule["data"]["timing"] == {"within": {"working_days": 15}}


def test_operations(client: TestClient) -> None:
    assert client.get("/healthz").json() == {"status": "ok"}
    assert client.get("/readyz").json()["status"] == "ready"
    assert client.get("/version").json()["zone"] == "Europe/London"
    assert client.get("/v1/profiles").headers["x-request-id"]
    given = client.get("/v1/profiles", headers={"X-Request-Id": "case-7"})
    assert given.headers["x-request-id"] == "case-7"
    assert given.headers["x-content-type-options"] == "nosniff"


def test_the_docs_carry_their_own_assets(client: TestClient) -> None:
    page = client.get("/docs").text
    assert "swagger" in page.lower()
    assert "http://" not in page.replace("http://testserver", "")
    assert "https://" not in page

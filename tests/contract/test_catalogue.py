"""What there is to ask for, its entity tags and its caching."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient
from jsonschema import Draft202012Validator

from app.profiles.packaged import packaged_documents

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
    listed = client.get("/v1/profiles").json()["profiles"]
    names = [item["name"] for item in listed]
    assert names == sorted(names, key=str.lower)
    assert any(name.startswith("City of York Council: ") for name in names)
    assert {item["key"] for item in listed} == packaged_documents().keys()
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


def test_a_profile_narrows_the_lists_and_says_what_each_event_starts(client: TestClient) -> None:
    narrowed = {"profile": "swindon", "event": "strategy_discussion_held"}
    (event,) = client.get("/v1/event-types", params=narrowed).json()["event_types"]
    started = {item["duty"]: item for item in event["starts"]}
    assert started["hold_icpc"]["facts"] == ["icpc_required", "section_47_initiated"]
    duties = client.get("/v1/duties", params=narrowed).json()["duties"]
    assert {item["duty"] for item in duties} == set(started)
    facts = client.get("/v1/facts", params=narrowed).json()["facts"]
    assert [item["fact"] for item in facts] == event["facts"]
    assert len(client.get("/v1/event-types", params=narrowed).content) < 4_000


def test_the_events_that_start_a_duty_are_found_by_it(client: TestClient) -> None:
    answer = client.get("/v1/event-types", params={"profile": "swindon", "starts": "hold_icpc"}).json()
    assert "strategy_discussion_held" in {item["type"] for item in answer["event_types"]}
    assert all([duty["duty"] for duty in item["starts"]] == ["hold_icpc"] for item in answer["event_types"])


@pytest.mark.parametrize(
    ("path", "name", "column"),
    [("event-types", "event_types", "type"), ("facts", "facts", "fact"), ("duties", "duties", "duty")],
)
def test_a_list_is_read_page_by_page(client: TestClient, path: str, name: str, column: str) -> None:
    everything = [item[column] for item in client.get(f"/v1/{path}").json()[name]]
    titles = [item["title"].lower() for item in client.get(f"/v1/{path}").json()[name]]
    assert titles == sorted(titles)
    collected: list[str] = []
    after: dict[str, str] = {}
    while True:
        page = client.get(f"/v1/{path}", params={"limit": "50", **after}).json()
        collected += [item[column] for item in page[name]]
        if page["next"] is None:
            break
        after = {"after": page["next"]}
    assert collected == everything
    lost = client.get(f"/v1/{path}", params={"after": "nothing"})
    assert (lost.status_code, lost.json()["errors"][0]["path"]) == (422, "after")


def test_words_narrow_a_list_the_best_first(client: TestClient) -> None:
    events = client.get("/v1/event-types", params={"q": "ICPC", "profile": "swindon"}).json()["event_types"]
    assert events[0]["type"] in {"icpc_held", "icpc_scheduled"}
    words = client.get("/v1/words", params={"q": "LAC review", "kind": "event", "limit": "3"}).json()["words"]
    assert len(words) == 3
    assert words[0]["key"].startswith("cla_review")
    assert words[0]["matched"] == ["lac review"]


@pytest.mark.parametrize(
    "path",
    [
        "/v1/event-types?profil=swindon",
        "/v1/facts?lang=en",
        "/v1/duties?limit=0",
        "/v1/words",
        "/v1/words?q=x&kind=child",
        "/v1/form?profile=swindon",
    ],
)
def test_a_list_refuses_what_it_does_not_know(client: TestClient, path: str) -> None:
    assert client.get(path).status_code == 422


@pytest.mark.parametrize("query", ["profile=atlantis", "event=xyz", "starts=xyz"])
def test_a_list_of_what_does_not_exist_is_not_found(client: TestClient, query: str) -> None:
    for path in ("event-types", "facts", "duties"):
        assert client.get(f"/v1/{path}?{query}").status_code == 404


def test_the_form_asks_for_just_the_facts_that_matter(client: TestClient) -> None:
    asked = {"profile": "swindon", "event": "strategy_discussion_held", "duty": "hold_icpc"}
    form = client.get("/v1/form", params=asked).json()
    Draft202012Validator.check_schema(form)
    assert set(form["properties"]) == {"section_47_initiated", "icpc_required"}
    assert form["properties"]["section_47_initiated"]["type"] == "boolean"
    assert form["properties"]["section_47_initiated"]["title"] == "Section 47 initiated"
    Draft202012Validator(form).validate({"section_47_initiated": True})
    never = client.get("/v1/form", params={**asked, "duty": "hold_rcpc"})
    assert (never.status_code, never.json()["type"]) == (422, "/problems/event-does-not-start-duty")

"""Bad input: problem+json, every fault at once, each with its path and remedy, and never a fact about a child."""

from __future__ import annotations

import json
from typing import Any

import pytest
from fastapi.testclient import TestClient

from tests.contract.test_calculations import ICPC

EVENT = ICPC["event"]
BROKEN: list[tuple[str, dict[str, Any], list[tuple[str, str]]]] = [
    ("an unknown profile", {"profile": "swindo"}, [("profile", "swindon")]),
    ("an unknown version", {"profile_version": 99}, [("profile_version", "use one of: 1")]),
    ("a version in words", {"profile_version": "one"}, [("profile_version", "number")]),
    ("an unknown calendar", {"calendar": "england"}, [("calendar", "england-and-wales")]),
    ("an unknown event", {"event": {**EVENT, "type": "strategy_discussion"}}, [("event.type", "strategy_discussion_held")]),
    ("an unknown fact", {"facts": {"section_47_started": True}}, [("facts.section_47_started", "section_47_started_on")]),
    ("a fact of the wrong type", {"facts": {"section_47_initiated": "yes"}}, [("facts.section_47_initiated", "true")]),
    ("a choice that is none", {"facts": {"placement_type": "hotel"}}, [("facts.placement_type", "foster")]),
    ("a date that is none", {"facts": {"child_date_of_birth": "02/04/2019"}}, [("facts.child_date_of_birth", "2019-04-02")]),
    ("a time that the clocks skip", {"event": {**EVENT, "occurred_at": "2026-03-29T01:30"}}, [("event.occurred_at", "02:30")]),
    ("a date outside the calendar", {"event": {**EVENT, "occurred_at": "1950-01-01"}, "profile_version": 1}, [("event.occurred_at", "1970-01-01")]),
    ("a date after the calendar", {"event": {**EVENT, "occurred_at": "2090-01-01"}}, [("event.occurred_at", "2056-12-31")]),
    ("an unknown key", {"untill": "2027-01-01"}, [("untill", "until")]),
    ("until too far on", {"until": "2090-01-01"}, [("until", "2050-12-18")]),
    ("facts as a list", {"facts": ["section_47_initiated"]}, [("facts", "send {")]),
    ("an event as text", {"event": "strategy_discussion_held"}, [("event", "object")]),
    ("a reference that is not text", {"reference": 12}, [("reference", "characters")]),
    ("explain in words", {"explain": "yes"}, [("explain", "true or false")]),
    ("a fact that contradicts its event", {"event": {"type": "section_47_started", "occurred_at": "2026-01-05"}, "facts": {"section_47_initiated": False}}, [("facts.section_47_initiated", "leave the fact out")]),
    ("several faults at once", {"profile": "swindo", "event": {"type": "icpc", "occurred_at": "soon"}, "facts": {"x": 1}, "y": 2}, [("profile", ""), ("event.type", ""), ("event.occurred_at", ""), ("facts.x", ""), ("y", "")]),
]  # fmt: skip


@pytest.mark.parametrize(("says", "changes", "faults"), BROKEN, ids=[item[0] for item in BROKEN])
def test_a_request_that_cannot_be_understood(
    client: TestClient, says: str, changes: dict[str, Any], faults: list[tuple[str, str]]
) -> None:
    answer = client.post("/v1/calculations", json={**ICPC, **changes})
    assert answer.status_code == 422, says
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert {"type", "title", "status", "detail", "errors"} <= set(problem)
    found = {error["path"]: error for error in problem["errors"]}
    assert set(found) == {path for path, _ in faults}
    for path, hint in faults:
        assert found[path]["message"]
        assert hint in found[path]["remedy"], found[path]


@pytest.mark.parametrize(
    ("says", "body", "headers", "status", "kind"),
    [
        ("not JSON", b"{", {}, 400, "invalid-json"),
        ("nothing", b"", {}, 400, "invalid-json"),
        ("not UTF-8", b'{"profile": "\xff"}', {}, 400, "invalid-json"),
        ("a key twice", b'{"profile": "swindon", "profile": "york"}', {}, 400, "invalid-json"),
        ("no number", b'{"profile": NaN}', {}, 400, "invalid-json"),
        ("far too deep", b"[" * 100_000, {}, 400, "invalid-json"),
        ("a number of five thousand digits", b'{"profile_version": ' + b"9" * 5000 + b"}", {}, 400, "invalid-json"),
        ("a list", b"[]", {}, 422, "invalid-request"),
        ("a text", b'"swindon"', {}, 422, "invalid-request"),
        ("an empty object", b"{}", {}, 422, "invalid-request"),
        ("too large", b'{"reference": "' + b"x" * 1_100_000 + b'"}', {}, 413, "body-too-large"),
        ("XML", b"<a/>", {"content-type": "application/xml"}, 415, "unsupported-media-type"),
        (
            "a form",
            b"profile=swindon",
            {"content-type": "application/x-www-form-urlencoded"},
            415,
            "unsupported-media-type",
        ),
    ],
)
def test_a_body_that_is_no_request(
    client: TestClient, says: str, body: bytes, headers: dict[str, str], status: int, kind: str
) -> None:
    answer = client.post("/v1/calculations", content=body, headers={"content-type": "application/json", **headers})
    assert (answer.status_code, answer.json()["type"]) == (status, f"/problems/{kind}"), says
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["errors"][0]["remedy"]


@pytest.mark.parametrize(
    "facts",
    [
        {"child_date_of_birth": "planted-2013-07-09"},
        {"placement_type": "planted-secret"},
        {"section_47_initiated": "planted-secret"},
        {"review_number": -424242},
    ],
)
def test_a_fact_is_never_repeated_in_a_refusal(client: TestClient, facts: dict[str, Any]) -> None:
    answer = client.post("/v1/calculations", json={**ICPC, "facts": facts})
    assert answer.status_code == 422
    assert str(next(iter(facts.values()))) not in answer.text


def test_the_nearest_choices_are_named_and_the_private_value_is_not(client: TestClient) -> None:
    answer = client.post("/v1/calculations", json={**ICPC, "facts": {"placement_type": "Foster carers Q7"}})
    (fault,) = answer.json()["errors"]
    assert fault["nearest"] == ["foster"]
    assert "value" not in fault
    assert "Q7" not in answer.text
    far = client.post("/v1/calculations", json={**ICPC, "facts": {"placement_type": "zzz"}}).json()["errors"]
    assert "nearest" not in far[0]


@pytest.mark.parametrize(
    ("path", "body", "where", "nearest"),
    [
        ("/v1/timelines/timeliness", {"group_by": "months", "timelines": [{}]}, "group_by", "month"),
        ("/v1/timelines", {"source": "ssda90", "profile": "york", "events": []}, "source", "ssda903"),
    ],
)
def test_a_misspelt_choice_in_a_body_is_answered_with_the_nearest(
    client: TestClient, path: str, body: dict[str, Any], where: str, nearest: str
) -> None:
    faults = {fault["path"]: fault for fault in client.post(path, json=body).json()["errors"]}
    assert nearest in faults[where]["nearest"]


@pytest.mark.parametrize(
    ("method", "path", "status", "kind"),
    [
        ("GET", "/v1/nothing", 404, "not-found"),
        ("GET", "/v1/profiles/swindo", 404, "not-found"),
        ("GET", "/v1/profiles/swindon/versions/99", 404, "not-found"),
        ("GET", "/v1/profiles/swindon/versions/1/rules/icpc", 404, "not-found"),
        ("GET", "/v1/calendars/england", 404, "not-found"),
        ("GET", "/v1/calendars/scotland/versions/0", 404, "not-found"),
        ("DELETE", "/v1/calculations", 405, "method-not-allowed"),
        ("GET", f"/v1/words?q={'a' * 17_000}", 414, "uri-too-long"),
    ],
)
def test_what_is_not_there_is_a_problem_too(client: TestClient, method: str, path: str, status: int, kind: str) -> None:
    answer = client.request(method, path)
    assert (answer.status_code, answer.json()["type"]) == (status, f"/problems/{kind}")
    assert all(error["path"] and error["remedy"] for error in answer.json()["errors"])


def test_the_nearest_known_name_is_named(client: TestClient) -> None:
    assert client.get("/v1/profiles/swindo").json()["errors"][0]["nearest"] == ["swindon"]


DISCUSSION = {"type": "strategy_discussion_held", "occurred_at": "2025-12-18"}
FACT = {"section_47_initiated": True}
MISPLACED: list[tuple[str, dict[str, Any], str, str]] = [
    ("/v1/calculations", {"profile": "swindon", "event": DISCUSSION, **FACT}, "section_47_initiated", "facts"),
    ("/v1/calculations", {"profile": "swindon", "event": DISCUSSION | FACT}, "event.section_47_initiated", "facts"),
    (
        "/v1/checks",
        {"profile": "swindon", "event": DISCUSSION, "date": "2026-01-13", "duty": "hold_icpc", **FACT},
        "section_47_initiated",
        "facts",
    ),
    (
        "/v1/timelines",
        {"profile": "swindon", "as_of": "2026-02-01", "events": [DISCUSSION | FACT]},
        "events[0].section_47_initiated",
        "events[0].facts",
    ),
    (
        "/v1/timelines",
        {"profile": "swindon", "as_of": "2026-02-01", "events": [DISCUSSION], "child_date_of_birth": "2015-01-01"},
        "child_date_of_birth",
        "facts",
    ),
]


@pytest.mark.parametrize(("path", "body", "where", "belongs"), MISPLACED)
def test_a_fact_in_the_wrong_place_is_sent_to_the_right_one(
    client: TestClient, path: str, body: dict[str, Any], where: str, belongs: str
) -> None:
    (fault,) = client.post(path, json=body).json()["errors"]
    assert fault["path"] == where
    assert fault["remedy"] == f"move it into {belongs}"
    assert "true" not in fault["message"]


def test_an_unknown_event_hides_no_unknown_duty(client: TestClient) -> None:
    query = {"profile": "swindon", "event": "Strategy Discussion", "at": "2026-01-05", "duty": "ICPC"}
    found = client.get("/v1/due-dates", params=query).json()["errors"]
    assert {fault["path"] for fault in found} == {"event", "duty"}
    assert all(fault["nearest"] for fault in found)


@pytest.mark.parametrize(
    ("says", "address", "status", "faults"),
    [
        (
            "a misspelt parameter among the facts",
            "/v1/due-dates?profil=swindon&event=contact_received&at=2026-01-05&colour=red",
            422,
            {"profile": "add profile", "profil": "profile", "colour": "at, calendar, calendar_version, duty, event"},
        ),
        (
            "every name that does not exist, by its parameter",
            "/v1/duties?profile=nowhere&event=nope&starts=hold_icp",
            404,
            {"profile": "york", "event": "", "starts": "hold_icpc"},
        ),
        (
            "those next to what has the wrong shape",
            "/v1/form?profile=nowhere&event=strategy_discussion&form=short",
            422,
            {"form": "duty, event, profile", "profile": "york", "event": "strategy_discussion_held"},
        ),
        ("a name like none of many", "/v1/facts?event=zzz", 404, {"event": "GET /v1/event-types"}),
        ("a calendar like none of few", "/v1/working-days/check?calendar=mars&date=2026-01-05", 422, {"calendar": "scotland"}),
        ("the older of two versions", "/v1/profiles/swindon/diff?from=7&to=1", 404, {"from": "use one of: 1"}),
        ("a required version", "/v1/profiles/swindon/diff?from=x&to=1", 422, {"from": "digits"}),
        ("a parameter without a name", "/v1/due-dates?=1", 422, {"profile": "", "event": "", "at": "", "(query)": "profile_version"}),
        ("a parameter without a name where none is taken", "/v1/profiles?=1", 422, {"(query)": "leave it out"}),
        ("a key for a workbook", "/v1/workbook?key=My%20Council", 422, {"key": "small letters"}),
    ],
)  # fmt: skip
def test_a_query_is_refused_by_the_names_that_its_caller_wrote(
    client: TestClient, says: str, address: str, status: int, faults: dict[str, str]
) -> None:
    answer = client.get(address)
    assert answer.status_code == status, says
    remedies = {error["path"]: error["remedy"] for error in answer.json()["errors"]}
    assert remedies.keys() == faults.keys()
    for path, hint in faults.items():
        assert hint in remedies[path]


def test_a_profile_that_may_be_a_text_or_an_object_is_not_said_to_be_an_object(client: TestClient) -> None:
    answer = client.post("/v1/timelines", json={"as_of": "2026-01-05", "profiles": [5], "events": []})
    (fault,) = answer.json()["errors"]
    assert (fault["path"], fault["remedy"]) == ("profiles[0]", "send the profile as a text, or in an object")


def test_an_address_says_which_methods_it_has(client: TestClient) -> None:
    answer = client.delete("/v1/calculations")
    assert (answer.headers["allow"], answer.json()["errors"][0]["remedy"]) == ("POST", "use POST")


def test_a_reminder_that_is_no_number_is_refused_in_words(client: TestClient) -> None:
    answer = client.post("/v1/calculations.ics?alarm=soon", json=ICPC)
    (fault,) = answer.json()["errors"]
    assert (fault["path"], "such as 1,7" in fault["remedy"]) == ("alarm", True)


LINES = {"Content-Type": "application/x-ndjson"}


@pytest.mark.parametrize("line", ["null", "[]", "{", "7"])
def test_a_line_that_is_no_request_has_one_path(client: TestClient, line: str) -> None:
    answer = client.post("/v1/calculations/batch", content=line, headers=LINES)
    assert [fault["path"] for fault in answer.json()["errors"]] == ["(line)"]


@pytest.mark.parametrize("item", [None, [], 7])
def test_an_item_that_is_no_request_has_one_path(client: TestClient, item: object) -> None:
    (problem,) = client.post("/v1/calculations/batch", json={"items": [item]}).json()["items"]
    assert [fault["path"] for fault in problem["errors"]] == ["(item)"]


@pytest.mark.parametrize("line", ["null", "[]", "{", "7"])
def test_a_case_that_is_none_is_refused_by_the_number_of_its_line(client: TestClient, line: str) -> None:
    first = json.dumps({"profile": "york", "as_of": "2026-01-05"})
    answer = client.post("/v1/timelines/timeliness", content=f"{first}\n{line}\n", headers=LINES)
    (refused,) = answer.json()["refused"]
    assert [fault["path"] for fault in refused["problem"]["errors"]] == [refused["place"]] == ["line 2"]


@pytest.mark.parametrize("line", ["null", "{", ""])
def test_a_first_line_that_asks_nothing_is_refused_by_its_number(client: TestClient, line: str) -> None:
    answer = client.post("/v1/timelines/timeliness", content=line, headers=LINES)
    assert [fault["path"] for fault in answer.json()["errors"]] == ["line 1"]


@pytest.mark.parametrize(
    ("form", "content"),
    [("toml", b"this is not TOML"), ("toml", b""), ("toml", b"\xff\xfe"), ("csv", b""), ("csv", b"PK\x03\x04")],
)
def test_a_fault_of_a_whole_file_has_a_path(client: TestClient, form: str, content: bytes) -> None:
    kinds = {"toml": "application/toml", "csv": "text/csv"}
    answer = client.post("/v1/profiles/validations", content=content, headers={"Content-Type": kinds[form]})
    faults = answer.json()["errors"]
    assert {fault["path"] for fault in faults} == {"(document)"}

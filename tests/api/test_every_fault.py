"""Whatever is wrong with a request is told in one answer, in whichever part of the request it is."""

import json
from typing import Any

import pytest

from tests.api.application import RunningApplication
from tests.api.test_addresses import every, filled_in

ICPC: dict[str, Any] = {
    "profile": "swindon",
    "event": {"type": "strategy_discussion_held", "occurred_at": "2025-12-18"},
}
LONG = {**ICPC, "profile": "swindo", "facts": dict.fromkeys((f"unknown_{number}" for number in range(900)), True)}
DRAFT = "/v1/profiles/exampleton/drafts/1"
TOGETHER: list[tuple[str, str, str, dict[str, Any], int, set[str]]] = [
    (
        "broken JSON and a misspelt parameter",
        *("POST", "/v1/calculations?colour=red", {"content": "{"}),
        *(400, {"(body)", "colour"}),
    ),
    (
        "another media type and a misspelt parameter",
        *("POST", "/v1/timelines?colour=red", {"content": "<a/>", "headers": {"Content-Type": "text/xml"}}),
        *(415, {"Content-Type", "colour"}),
    ),
    (
        "a body that is too large and a misspelt parameter",
        *("POST", "/v1/checks?colour=red", {"content": b" " * 1_100_000}),
        *(413, {"(body)", "colour"}),
    ),
    (
        "no form of answer, a body of another shape with an unknown name, and a misspelt parameter",
        *("POST", "/v1/calculations?colour=red"),
        {"json": {**ICPC, "profile": "swindo", "until": 3}, "headers": {"Accept": "image/png"}},
        *(406, {"Accept", "profile", "until", "colour"}),
    ),
    (
        "a long body that is sound but for an unknown name, and a misspelt parameter",
        *("POST", "/v1/calculations?colour=red", {"json": {**ICPC, "profile": "swindo", "reference": "x" * 200}}),
        *(422, {"profile", "colour"}),
    ),
    (
        "no revision and a body of another shape",
        *("PUT", DRAFT, {"json": {"documnt": {}}}),
        *(428, {"If-Match", "document", "documnt"}),
    ),
    (
        "what is no revision, broken JSON and a misspelt parameter",
        *("PUT", f"{DRAFT}?colour=red", {"content": "{", "headers": {"If-Match": "abc"}}),
        *(400, {"If-Match", "(body)", "colour"}),
    ),
    (
        "what is no revision and a misspelt parameter",
        *("DELETE", f"{DRAFT}?colour=red", {"headers": {"If-Match": "abc"}}),
        *(412, {"If-Match", "colour"}),
    ),
    (
        "no revision, a body where none is read and a misspelt parameter",
        *("DELETE", f"{DRAFT}?colour=red", {"json": {"reason": "a mistake"}}),
        *(428, {"If-Match", "(body)", "colour"}),
    ),
    (
        "a file of an unknown kind, no revision and a misspelt parameter",
        *("PUT", f"{DRAFT}.toml?colour=red", {"content": "x", "headers": {"Content-Type": "text/css"}}),
        *(415, {"Content-Type", "If-Match", "colour"}),
    ),
    (
        "no number in the address and a misspelt parameter",
        *("GET", "/v1/profiles/swindon/versions/one?colour=red", {}),
        *(404, {"version", "colour"}),
    ),
    (
        "an unknown profile, no number and a misspelt parameter",
        *("GET", "/v1/profiles/swindo/versions/one?colour=red", {}),
        *(404, {"profile", "version", "colour"}),
    ),
    (
        "an unknown version and a body where none is read",
        *("GET", "/v1/profiles/swindon/versions/99", {"json": {"a": 1}}),
        *(404, {"version", "(body)"}),
    ),
    (
        "an unknown rule, a misspelt parameter and a body where none is read",
        *("GET", "/v1/profiles/swindon/versions/1/rules/icpc-hold?colour=red", {"json": {"a": 1}}),
        *(404, {"rule", "colour", "(body)"}),
    ),
    (
        "an unknown calendar and a misspelt parameter",
        *("GET", "/v1/calendars/england?colour=red", {}),
        *(404, {"calendar", "colour"}),
    ),
    (
        "an unknown profile and a parameter of another shape",
        *("GET", "/v1/profiles/nowhere/diff?from=x", {}),
        *(404, {"profile", "from", "to"}),
    ),
    (
        "an unknown return that is no form, no form of answer and a misspelt parameter",
        *("POST", "/v1/imports/ssda?colour=red", {"json": {}, "headers": {"Accept": "image/png"}}),
        *(404, {"source", "Accept", "Content-Type", "colour"}),
    ),
    (
        "a return that is no form and a misspelt parameter",
        *("POST", "/v1/imports/ssda903/timeliness?colour=red", {"json": {}}),
        *(415, {"Content-Type", "colour"}),
    ),
    (
        "a table of an unknown kind, what is no revision and a parameter that is missing",
        *("POST", "/v1/calendars/exampleton/closure-days.csv"),
        {"content": "x", "headers": {"Content-Type": "text/css", "If-Match": "abc"}},
        *(415, {"Content-Type", "If-Match", "source"}),
    ),
    (
        "compressed lines and a misspelt parameter",
        *("POST", "/v1/calculations/batch?colour=red"),
        {"content": "{}", "headers": {"Content-Type": "application/x-ndjson", "Content-Encoding": "gzip"}},
        *(415, {"Content-Encoding", "colour"}),
    ),
    (
        "an address that is too long to be a key's and a misspelt parameter",
        *("GET", f"/v1/profiles/{'a' * 101}/versions/1?colour=red", {}),
        *(404, {"key", "colour"}),
    ),
    (
        "an unknown name among the changes under two versions and a misspelt parameter",
        *("POST", "/v1/comparisons?colour=red"),
        {"json": {"before": {"profile": "swindo"}, "after": {"profile": "york"}, "events": [{"id": "a", **ICPC["event"]}]}},
        *(422, {"before.profile", "colour"}),
    ),
    (
        "unknown names in a query and a body where none is read",
        *("GET", "/v1/due-dates?profile=swindo&event=icpc_held&at=2026-01-13&sektion=yes", {"json": {"a": 1}}),
        *(422, {"profile", "sektion", "(body)"}),
    ),
    (
        "a parameter sent twice and a body where none is read",
        *("GET", "/v1/working-days/check?calendar=england&date=2026-01-05&date=2026-01-06", {"json": {"a": 1}}),
        *(422, {"calendar", "date", "(body)"}),
    ),
]  # fmt: skip


@pytest.mark.parametrize(
    ("says", "method", "address", "sent", "status", "paths"), TOGETHER, ids=[a[0] for a in TOGETHER]
)
def test_one_answer_names_what_is_wrong_in_every_part_of_a_request(
    here: RunningApplication, says: str, method: str, address: str, sent: dict[str, Any], status: int, paths: set[str]
) -> None:
    headers = {**here.key("admin"), **sent.get("headers", {})}
    answer = here.client.request(method, address, **{**sent, "headers": headers})
    problem = answer.json()
    assert answer.status_code == problem["status"] == status, says
    assert {fault["path"] for fault in problem["errors"]} == paths, says
    assert all(fault["remedy"] for fault in problem["errors"])


def test_a_name_that_the_body_and_the_query_have_is_a_fault_of_each(here: RunningApplication) -> None:
    answer = here.client.post("/v1/calculations?untill=2027-01-01", json={**ICPC, "untill": "2027-01-01"})
    assert [fault["path"] for fault in answer.json()["errors"]] == ["untill", "untill"]
    assert len({fault["remedy"] for fault in answer.json()["errors"]}) == 2


@pytest.mark.parametrize("name", ["<script>", "<Event>", "<", "events[0]", "a.b"])
def test_an_unknown_field_is_named_whatever_its_name_looks_like(here: RunningApplication, name: str) -> None:
    for path, sent in (
        ("/v1/calculations", ICPC),
        ("/v1/comparisons", {**ICPC, "profiles": ["york", "swindon"], "profile": None}),
    ):
        answer = here.client.post(path, params={name: "1"}, json={**sent, name: 1})
        assert [fault["path"] for fault in answer.json()["errors"]] == [name, name]


def test_a_body_read_in_a_thread_is_answered_with_the_rest_of_its_request(here: RunningApplication) -> None:
    sent = json.dumps(LONG)
    assert len(sent) > 16 * 1024
    answer = here.client.post("/v1/calculations?colour=red", content=sent)
    assert answer.status_code == 422
    assert {"profile", "facts.unknown_1", "colour"} <= {fault["path"] for fault in answer.json()["errors"]}
    padded = json.dumps({**ICPC, "profile": "swindo"}) + " " * 20_000
    answer = here.client.post("/v1/calculations?colour=red", content=padded)
    assert {fault["path"] for fault in answer.json()["errors"]} == {"profile", "colour"}


def test_broken_json_hides_no_other_fault_of_any_operation(here: RunningApplication) -> None:
    headers, hidden, seen = here.key("admin"), [], 0
    for path, method, operation in every():
        if "application/json" not in operation.get("requestBody", {}).get("content", {}):
            continue
        seen += 1
        needed = {
            each["name"] for each in operation.get("parameters", ()) if each["in"] == "header" and each["required"]
        }
        answer = here.client.request(method, f"{filled_in(path)}?zz=1", headers=headers, content="{")
        found = {fault["path"] for fault in answer.json()["errors"]}
        if answer.status_code != 400 or not {"(body)", "zz", *needed} <= found:
            hidden.append((path, answer.status_code, found))
    assert hidden == []
    assert seen > 20


@pytest.mark.parametrize("sent", [{"content": "{"}, {"json": {"documnt": 1}, "headers": {"If-Match": "abc"}}])
def test_a_caller_who_may_not_call_learns_nothing_of_the_request(
    here: RunningApplication, sent: dict[str, Any]
) -> None:
    answer = here.client.put(f"{DRAFT}?colour=red", **sent)
    assert answer.status_code == 401
    assert not {"colour", "If-Match", "documnt", "(body)"} & {fault["path"] for fault in answer.json()["errors"]}

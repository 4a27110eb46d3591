"""POST /v1/calculations as the contract names it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from fastapi.testclient import TestClient

ICPC: dict[str, Any] = {
    "profile": "swindon",
    "event": {"type": "strategy_discussion_held", "occurred_at": "2025-12-18T14:30:00+00:00"},
    "facts": {"section_47_initiated": True, "child_date_of_birth": "2019-04-02"},
}
FIELDS = [
    "rule", "duty", "title", "responsible", "kind", "occurrence", "due_date", "due_at", "last_working_day", "timing",
    "strength", "basis", "source", "reading", "alternatives", "assumptions", "projected", "provisional", "explanation",
]  # fmt: skip


def ask(client: TestClient, **changes: Any) -> Any:
    answer = client.post("/v1/calculations", json={**ICPC, **changes})
    assert answer.status_code == 200, answer.text
    return answer.json()


def of(answer: Any, duty: str) -> Any:
    return next(item for item in answer["obligations"] if item["duty"] == duty)


def test_a_birth_after_the_event_is_said_and_changes_no_date(client: TestClient) -> None:
    born = {"facts": {**ICPC["facts"], "child_date_of_birth": "2109-04-02"}}
    usual, unborn = ask(client), ask(client, **born)
    (warning,) = set(unborn["warnings"]) - set(usual["warnings"])
    assert "child_date_of_birth lies after the event" in warning
    assert "2109" not in json.dumps(unborn)
    dates = [(each["rule"], each["due_at"]) for each in usual["obligations"]]
    assert [(each["rule"], each["due_at"]) for each in unborn["obligations"]] == dates
    on_the_day = ask(client, facts={**ICPC["facts"], "child_date_of_birth": ICPC["event"]["occurred_at"][:10]})
    assert on_the_day["warnings"] == usual["warnings"]


def test_the_contracts_own_example(client: TestClient) -> None:
    answer = ask(client)
    assert list(answer)[:9] == [
        "calculation_id", "engine", "profile", "calendar", "event", "obligations", "undetermined", "warnings", "reference",
    ]  # fmt: skip
    assert answer["profile"]["key"] == "swindon"
    assert answer["calendar"]["published_until"] == "2028-12-31"
    assert answer["event"] == ICPC["event"]
    icpc = of(answer, "hold_icpc")
    assert not set(FIELDS) - set(icpc)
    assert {name: icpc[name] for name in ("rule", "kind", "occurrence", "due_date", "due_at", "last_working_day")} == {
        "rule": "icpc-held",
        "kind": "deadline",
        "occurrence": 1,
        "due_date": "2026-01-13",
        "due_at": "2026-01-13T23:59:59+00:00",
        "last_working_day": "2026-01-13",
    }
    assert icpc["timing"] == "within 15 working days of the strategy discussion"
    assert icpc["source"][0]["section"] == "13.3"
    assert (icpc["strength"], icpc["basis"], icpc["projected"], icpc["provisional"]) == ("must", "local", False, False)
    assert icpc["explanation"] is None


def test_the_explanation_can_be_followed_with_a_wall_calendar(client: TestClient) -> None:
    answer = ask(client, explain=True)
    explanation = of(answer, "hold_icpc")["explanation"]
    assert explanation["day_zero"] == "2025-12-18"
    assert [step["counted"] for step in explanation["steps"] if step["counted"]] == list(range(1, 16))
    skipped = [step["note"] for step in explanation["steps"] if step["counted"] is None]
    assert any("Christmas Day" in note for note in skipped)
    assert explanation["landed_on"] == "2026-01-13"
    assert explanation["conditions"][0] == {
        "condition": "section 47 initiated: yes",
        "fact": "section_47_initiated",
        "held": True,
    }
    assert "not_applicable" in answer


def test_what_does_not_apply_is_listed_only_when_asked_for(client: TestClient) -> None:
    facts = {"section_47_initiated": False}
    assert "not_applicable" not in ask(client, facts=facts)
    listed = ask(client, facts=facts, explain=True)["not_applicable"]
    assert any(item["rule"] == "icpc-held" and "section 47 initiated" in item["because"] for item in listed)


def test_a_missing_fact_is_asked_for(client: TestClient) -> None:
    answer = ask(client, facts={})
    waiting = next(item for item in answer["undetermined"] if item["rule"] == "icpc-held")
    assert waiting["reason"] == "facts_missing"
    assert waiting["needs"] == ["section_47_initiated"]
    assert waiting["from_date"] is None
    assert waiting["source"][0]["section"] == "13.3"


def test_the_id_digests_what_decides_the_answer_and_nothing_else(client: TestClient) -> None:
    first = ask(client)["calculation_id"]
    assert first.startswith("sha256:")
    assert ask(client, reference="case 1", explain=True)["calculation_id"] == first
    spelt = {"type": "strategy_discussion_held", "occurred_at": "2025-12-18T14:30:00Z"}
    assert ask(client, event=spelt)["calculation_id"] == first
    assert ask(client, until="2026-12-31")["calculation_id"] != first
    assert ask(client, facts={"section_47_initiated": True})["calculation_id"] != first


def test_the_same_request_gives_the_same_bytes(client: TestClient) -> None:
    assert client.post("/v1/calculations", json=ICPC).content == client.post("/v1/calculations", json=ICPC).content


def test_null_and_empty_are_absent(client: TestClient) -> None:
    usual = ask(client)
    empty = ask(client, profile_version=None, calendar="", calendar_version=None, until="", explain=None, reference="")
    assert empty == usual


def test_a_pinned_version_calculates_outside_its_force_with_a_warning(client: TestClient) -> None:
    event = {"type": "strategy_discussion_held", "occurred_at": "2018-01-08"}
    refused = client.post("/v1/calculations", json={**ICPC, "event": event})
    assert refused.status_code == 422
    assert refused.json()["type"] == "/problems/no-version-in-force"
    assert "version 1 from 2020-01-01" in refused.text
    answer = ask(client, event=event, profile_version=1)
    assert answer["obligations"]
    assert any("in force only from 2020-01-01" in warning for warning in answer["warnings"])


def test_warnings_are_judged_on_the_day_of_the_event(client: TestClient) -> None:
    early = {"type": "strategy_discussion_held", "occurred_at": "2021-03-01"}
    assert not ask(client, event=early)["warnings"]
    assert any("review date" in warning for warning in ask(client)["warnings"])


def test_another_calendar_may_be_named(client: TestClient) -> None:
    scotland = of(ask(client, calendar="scotland"), "hold_icpc")
    assert scotland["due_date"] == "2026-01-14"  # 2 January is a bank holiday there
    easter = {"type": "strategy_discussion_held", "occurred_at": "2026-03-27"}
    assert (
        of(ask(client, event=easter), "hold_icpc")["due_date"]
        != of(ask(client, event=easter, calendar="scotland"), "hold_icpc")["due_date"]
    )


def test_until_unfolds_what_recurs_and_leaves_the_rest_alone(client: TestClient) -> None:
    event = {"type": "became_looked_after", "occurred_at": "2026-01-05"}
    once = ask(client, event=event, facts={})
    unfolded = ask(client, event=event, facts={}, until="2027-12-31")
    reviews = [item for item in unfolded["obligations"] if item["rule"] == "cla-reviews"]
    assert [item["due_date"] for item in reviews] == [
        "2026-02-02",
        "2026-05-02",
        "2026-11-02",
        "2027-05-02",
        "2027-11-02",
    ]
    assert [item["occurrence"] for item in reviews] == [1, 2, 3, 4, 5]
    assert [item["projected"] for item in reviews] == [False, True, True, True, True]
    one_off = {item["rule"] for item in once["obligations"] if item["kind"] != "recurring"}
    assert one_off == {item["rule"] for item in unfolded["obligations"] if item["kind"] != "recurring"}


def test_obligations_are_sorted_by_their_end_then_by_rule(client: TestClient) -> None:
    event = {"type": "became_looked_after", "occurred_at": "2026-01-05"}
    answer = ask(client, event=event, facts={"child_date_of_birth": "2012-05-01"}, until="2030-01-01")
    keys = [(item["due_at"], item["rule"]) for item in answer["obligations"]]
    assert len(keys) > 20
    assert [key[1] for key in keys] == [key[1] for key in sorted(keys, key=lambda key: (key[0][:19], key[1]))]


@pytest.mark.parametrize(
    ("says", "occurred_at"),
    [
        ("seven fractional digits", "2025-12-18T14:30:00.1234567Z"),
        ("a London time without an offset", "2025-12-18T14:30"),
        ("a date", "2025-12-18"),
    ],
)
def test_the_times_that_callers_send_are_taken(client: TestClient, says: str, occurred_at: str) -> None:
    answer = ask(client, event={"type": "strategy_discussion_held", "occurred_at": occurred_at})
    assert of(answer, "hold_icpc")["due_date"] == "2026-01-13", says
    assert answer["event"]["occurred_at"] == occurred_at


def test_until_before_the_event_is_warned_of(client: TestClient) -> None:
    answer = ask(client, event={"type": "icpc_held", "occurred_at": "2026-01-13"}, facts={}, until="2026-01-01")
    assert any("before the event" in warning for warning in answer["warnings"])


def test_a_head_request_is_answered_without_a_body(client: TestClient) -> None:
    answer = client.head("/v1/profiles")
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["etag"]


def test_the_type_of_a_problem_leads_somewhere(client: TestClient) -> None:
    kind = client.post("/v1/calculations", json={}).json()["type"]
    assert client.get(kind).json()["type"] == kind

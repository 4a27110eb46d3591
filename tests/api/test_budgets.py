"""Every route has a budget of work, which its document states and which a request is refused by name with."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from app.api.budgets import BUDGETS, budget_of
from app.services.work import WorkBudget
from bench.rude_requests import RUDE
from tests.api.application import EVENT, RunningApplication
from tests.house.test_routes import ROUTES, scopes

DOCUMENT: dict[str, Any] = json.loads(Path("openapi/openapi.json").read_text(encoding="utf-8"))
OPERATIONS = {
    operation["operationId"]: operation for methods in DOCUMENT["paths"].values() for operation in methods.values()
}
SERIES = {"type": "cp_plan_started", "occurred_at": "2026-01-05"}
CASE = {"profile": "swindon", "events": [SERIES], "as_of": "2026-01-06", "until": "2027-01-05"}
COMPARED = {"before": {"profile": "swindon"}, "after": {"profile": "barnet"}, "events": [EVENT] * 3}
CHECKED = {"profile": "swindon", "event": EVENT, "duty": "hold_icpc", "date": "2026-03-10"}
BODIES: dict[str, tuple[str, dict[str, Any]]] = {
    "timeline": ("/v1/timelines", CASE),
    "recalculate": ("/v1/timelines/recalculations", {**CASE, "earlier_events": [SERIES]}),
    "timeliness": (
        "/v1/timelines/timeliness",
        {"profile": "swindon", "as_of": "2026-01-06", "timelines": [{"events": [SERIES]}]},
    ),
    "compare": ("/v1/comparisons", COMPARED),
    "check_date": ("/v1/checks", CHECKED),
}


@pytest.mark.parametrize("operation", OPERATIONS)
def test_the_document_states_the_budget_of_every_operation(operation: str) -> None:
    stated = OPERATIONS[operation]["x-work-budget"]
    budget = {name: value for name, value in budget_of(operation)._asdict().items() if value is not None}
    assert budget.items() <= stated.items()
    assert ("body_bytes" in stated) == ("requestBody" in OPERATIONS[operation])
    assert "At most" in OPERATIONS[operation]["description"]


def test_no_budget_is_of_an_operation_that_there_is_not() -> None:
    assert BUDGETS.keys() <= OPERATIONS.keys()


def test_every_route_that_is_open_to_all_has_a_rude_request() -> None:
    open_to_all = {
        route.operation_id
        for route in ROUTES
        if route.include_in_schema and scopes(route)[0] in {"open", "read", "calculate"}
    }
    assert open_to_all <= {rude.operation for rude in RUDE}


@pytest.mark.parametrize("operation", BODIES)
def test_a_request_that_calculates_too_many_events_is_refused_with_the_budgets_name(
    here: RunningApplication, operation: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(BUDGETS, operation, WorkBudget(steps=0))
    path, body = BODIES[operation]
    answer = here.client.post(path, json=body)
    # One case of many is refused in its place.
    refused = answer.json()["refused"][0]["problem"] if operation == "timeliness" else answer.json()
    assert (refused["type"], refused["budget"], refused["limit"]) == ("/problems/too-much-work", "steps", 0)


@pytest.mark.parametrize("operation", BODIES)
def test_an_answer_of_too_many_bytes_is_refused_with_the_budgets_name(
    here: RunningApplication, operation: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(BUDGETS, operation, WorkBudget(answer_bytes=100))
    path, body = BODIES[operation]
    answer = here.client.post(path, json=body)
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/too-many-obligations")
    assert (answer.json()["budget"], answer.json()["limit"]) == ("answer_bytes", 100)


def test_a_comparison_of_too_many_obligations_is_refused_with_the_budgets_name(
    here: RunningApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(BUDGETS, "compare", WorkBudget(obligations=2))
    answer = here.client.post("/v1/comparisons", json=COMPARED)
    assert (answer.status_code, answer.json()["budget"], answer.json()["limit"]) == (422, "obligations", 2)


def test_profiles_with_too_many_obligations_together_are_not_compared(
    here: RunningApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.services.comparison.profiles.MAX_LIMITS", 3)
    answer = here.client.post(
        "/v1/comparisons", json={"profiles": ["swindon", "york"], "event": SERIES, "until": "2026-06-01"}
    )
    assert (answer.status_code, answer.json()["budget"]) == (422, "obligations")


def test_a_calendar_file_with_too_many_alarms_is_refused_with_the_budgets_name(
    here: RunningApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.services.exports.icalendar.MAX_ALARMS", 3)
    body = {"profile": "swindon", "event": SERIES, "reference": "r", "until": "2026-06-01"}
    answer = here.client.post("/v1/calculations?alarm=1,7", json=body, headers={"Accept": "text/calendar"})
    assert (answer.status_code, answer.json()["budget"]) == (422, "alarms")


@pytest.mark.parametrize(
    ("path", "most"), [("/v1/calculations", 65_536), ("/v1/timelines", 65_536), ("/v1/calculations/batch", 524_288)]
)
def test_a_body_of_too_many_values_is_refused_with_the_budgets_name(
    here: RunningApplication, path: str, most: int
) -> None:
    body = b"[" + b",".join([b"1"] * (most + 1)) + b"]"
    answer = here.client.post(path, content=body, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["type"]) == (413, "/problems/body-too-large")
    assert (answer.json()["budget"], answer.json()["limit"]) == ("json_values", most)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/v1/calculations", {f"f{n:05}": 1 for n in range(60_000)}),
        ("/v1/calculations", {"profile": "swindon", "event": EVENT, "facts": {f"f{n:05}": 1 for n in range(60_000)}}),
        ("/v1/calculations", {"profile": "swindon", "event": EVENT, "facts": {f"f{n:03}": 1 for n in range(900)}}),
        ("/v1/due-dates", {f"f{n:05}": 1 for n in range(60_000)}),
        ("/v1/timelines", {**CASE, "events": [{f"f{n:02}": 1 for n in range(50)}] * 900}),
        ("/v1/comparisons", {**COMPARED, "events": [{f"f{n:02}": 1 for n in range(50)}] * 900}),
        ("/v1/calculations/batch", {f"f{n:05}": 1 for n in range(60_000)}),
        ("/v1/timelines/timeliness", {f"f{n:05}": 1 for n in range(60_000)}),
    ],
)
def test_of_ten_thousands_of_faults_the_first_200_are_listed(
    here: RunningApplication, path: str, body: dict[str, Any]
) -> None:
    answer = here.client.post(path, json=body)
    assert answer.status_code == 422
    assert len(answer.json()["errors"]) == 200
    assert "More than 200 faults" in answer.json()["detail"]
    assert len(answer.content) < 100_000


def test_of_a_document_with_thousands_of_faults_the_first_200_are_listed(here: RunningApplication) -> None:
    rules = [{"id": f"r{n}"} for n in range(3_000)]
    answer = here.client.post("/v1/profiles/validations", json={"document": {"format": 1, "rules": rules}})
    assert answer.status_code == 200
    assert len(answer.json()["errors"]) == 200
    assert answer.json()["omitted"] > 10_000


def test_a_faulty_batch_item_lists_200_faults(here: RunningApplication) -> None:
    item = {"profile": "swindon", "event": EVENT, "facts": {f"f{n:03}": 1 for n in range(900)}}
    answer = here.client.post("/v1/calculations/batch", json={"items": [item]})
    assert len(answer.json()["items"][0]["errors"]) == 200


def test_a_long_body_is_answered_as_a_short_one_is(here: RunningApplication) -> None:
    body = json.dumps({"profile": "swindon", "event": EVENT, "reference": "r"})
    short = here.client.post("/v1/calculations", content=body, headers={"Content-Type": "application/json"})
    for path in ("/v1/calculations", "/v1/calculations?bom=false"):
        long = here.client.post(path, content=body + " " * 100_000, headers={"Content-Type": "application/json"})
        assert (long.status_code, long.content) == (200, short.content)


def test_a_long_faulty_body_lists_every_kind_of_fault(here: RunningApplication) -> None:
    body = {"profile": "swindn", "event": {**EVENT, "type": "strategy_discusion_held"}, "until": 3, "x": "y" * 20_000}
    answers = [here.client.post(path, json=body) for path in ("/v1/calculations", "/v1/calculations?bom=false")]
    assert {fault["path"] for fault in answers[0].json()["errors"]} == {"profile", "event.type", "until", "x"}
    assert answers[0].content == answers[1].content

"""A shape is defined once: what validates a request is what the document publishes."""

from concurrent.futures import ThreadPoolExecutor
from typing import Annotated, Any

import pytest
from fastapi import APIRouter, FastAPI, Query
from fastapi.testclient import TestClient
from pydantic import Field

from app.api import errors
from app.api.dependencies import current_snapshot
from app.api.routing import ContractRoute
from app.api.security import authorize
from app.api.threads import WorkLimits
from app.services.access.permissions import Caller
from app.services.calculation.request import CalculationRequest
from app.services.problems import Problem
from app.services.snapshot.offline import packaged_snapshot
from app.services.snapshot.snapshot import Snapshot
from app.services.validation import FROM_TEXT, QueryModel, faults_of
from tests.api.application import RunningApplication
from tests.published.walking import committed, operations, walk

DOCUMENT = committed("openapi.json")
SCHEMES = ["ApiKey", "Bearer", "Basic"]
OPEN = {"health", "readiness"}


@pytest.mark.parametrize("bound", [3, 30])
def test_a_bound_that_changes_in_the_model_changes_behaviour_and_document(bound: int) -> None:
    class Days(QueryModel):
        """A number of days."""

        days: Annotated[int, Field(le=bound), FROM_TEXT]

    router = APIRouter(route_class=ContractRoute)

    @router.get("/days")
    async def days(query: Annotated[Days, Query()]) -> int:
        return query.days

    app = FastAPI()
    app.include_router(router)
    errors.install(app)
    app.state.holder = type("Holder", (), {"snapshot": Snapshot("")})()
    app.state.limits = WorkLimits()
    client = TestClient(app)
    (parameter,) = app.openapi()["paths"]["/days"]["get"]["parameters"]
    assert parameter["schema"]["maximum"] == bound
    assert client.get("/days", params={"days": bound}).json() == bound
    refused = client.get("/days", params={"days": bound + 1})
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["remedy"] == f"send {bound} or less"


@pytest.mark.parametrize("path", ["/v1/profiles", "/healthz", "/v1/working-days/add", "/v1/audit", "/problems"])
def test_an_unknown_query_parameter_is_refused_with_the_names_of_the_others(
    here: RunningApplication, path: str
) -> None:
    answer = here.client.get(path, params={"colour": "red"}, headers=here.key("admin"))
    assert answer.status_code == 422
    (fault,) = [fault for fault in answer.json()["errors"] if fault["path"] == "colour"]
    expected = [item["name"] for item in DOCUMENT["paths"][path]["get"].get("parameters", []) if item["in"] == "query"]
    assert all(name in fault["remedy"] for name in expected), fault
    assert expected or "leave it out" in fault["remedy"]


def test_a_parameter_sent_twice_is_refused(here: RunningApplication) -> None:
    answer = here.client.get("/v1/working-days/check?calendar=england-and-wales&date=2026-01-05&date=2026-01-06")
    assert (answer.status_code, answer.json()["errors"][0]["message"]) == (422, "this is sent twice")


def test_the_shape_s_faults_and_the_domain_s_come_in_one_answer(here: RunningApplication) -> None:
    body = {
        "profile": "swindo",
        "event": {"type": "strategy_discussion", "occurred_at": "soon"},
        "facts": {"section_47_initiated": "yes", "sektion": True, "placement_type": "foster"},
        "until": 3,
    }
    found = {fault["path"]: fault for fault in here.client.post("/v1/calculations", json=body).json()["errors"]}
    assert found.keys() == {
        "profile",
        "event.type",
        "event.occurred_at",
        "facts.section_47_initiated",
        "facts.sektion",
        "until",
    }
    assert found["profile"]["nearest"] == ["swindon"]
    assert "yes" not in str(found["facts.section_47_initiated"].values())


def test_the_domain_s_faults_of_a_query_come_with_those_of_its_shape(here: RunningApplication) -> None:
    query = {"calendar": "england", "date": "yesterday", "calendar_version": "x"}
    answer = here.client.get("/v1/working-days/check", params=query)
    assert {fault["path"] for fault in answer.json()["errors"]} == {"calendar", "date", "calendar_version"}


def test_a_fault_of_another_kind_than_expected_still_has_a_message_and_a_remedy() -> None:
    fault = {"type": "unheard_of", "loc": ("profile",), "msg": "no", "input": 1, "ctx": {}}
    (found,) = faults_of([fault], CalculationRequest)
    assert (found.path, found.message) == ("profile", "no")
    assert found.remedy


def test_every_operation_states_the_credentials_and_the_scope_that_it_needs() -> None:
    for name, operation in operations(DOCUMENT).items():
        security: list[dict[str, list[str]]] = operation["security"]
        if name in OPEN:
            assert security == [], name
            continue
        named = [alternative for alternative in security if alternative]
        assert [next(iter(alternative)) for alternative in named] == SCHEMES, name
        scopes = {scope for alternative in named for scope in next(iter(alternative.values()))}
        assert len(scopes) == 1, name
        may_do_without = scopes <= {"read", "calculate"} or name == "metrics"
        assert ({} in security) == may_do_without, name
        assert security.index({}) == len(security) - 1 if may_do_without else True, name


def test_where_a_key_is_required_no_guarded_operation_may_do_without(here: RunningApplication) -> None:
    from app.api.application import create_app
    from app.settings import Settings

    document = create_app(here.live, Settings(require_key=True)).openapi()
    for name, operation in operations(document).items():
        assert {} not in operation["security"] or name == "metrics", name


def test_several_who_ask_for_the_document_first_all_get_it(here: RunningApplication) -> None:
    from app.api.application import create_app
    from app.settings import Settings

    app = create_app(here.live, Settings())
    with ThreadPoolExecutor(3) as callers:
        documents = list(callers.map(lambda _: app.openapi(), range(3)))
    assert documents == [DOCUMENT] * 3


def test_the_document_names_the_server_that_the_operator_names(here: RunningApplication) -> None:
    from app.api.application import create_app
    from app.settings import Settings

    settings = Settings(docs_origin="https://deadlines.example.org")
    assert create_app(here.live, settings).openapi()["servers"] == [{"url": "https://deadlines.example.org"}]
    assert "servers" not in DOCUMENT


def test_input_facts_and_dates_are_published_as_what_they_are() -> None:
    schemas = DOCUMENT["components"]["schemas"]
    for name, fact in schemas["Facts"]["properties"].items():
        assert fact["type"] in {"boolean", "integer", "string"}, name
        assert not {"anyOf", "default"} & fact.keys(), name
        assert schemas["DueDateRequest"]["properties"][name] == {
            **fact,
            "title": schemas["DueDateRequest"]["properties"][name]["title"],
        }
    for name, field in schemas["CalculationRequest"]["properties"].items():
        assert not {"anyOf", "default"} & field.keys(), name
    assert schemas["CalculationRequest"]["properties"]["until"]["format"] == "date"
    assert not [name for name in committed("openapi-3.0.json")["components"]["schemas"] if name.endswith("OrNull")]


def test_no_part_of_a_request_is_published_as_one_type_or_another() -> None:
    """A generated client has a class of its own for each such part; that a fact may be taken back needs null."""
    either = set()
    for path, part in walk(requests_of(DOCUMENT)):
        branches = (part.get("anyOf") or part.get("oneOf") or []) if isinstance(part, dict) else []
        if len([branch for branch in branches if branch != {"type": "null"}]) > 1:
            either.add(path)
    assert either == {"/bodies/compare/content/application/json/schema"}


def requests_of(document: dict[str, Any]) -> dict[str, Any]:
    """Give the bodies of a document, by operation, and the schemas that they refer to, by name."""
    bodies = {name: operation.get("requestBody", {}) for name, operation in operations(document).items()}
    schemas: dict[str, Any] = {}
    waiting: list[object] = [bodies]
    while waiting:
        for _, part in walk(waiting.pop()):
            name = part.get("$ref", "").rpartition("/")[2] if isinstance(part, dict) else ""
            if name and name not in schemas and name in document["components"]["schemas"]:
                schemas[name] = document["components"]["schemas"][name]
                waiting.append(schemas[name])
    return {"bodies": bodies, "schemas": schemas}


def test_a_test_may_put_something_else_in_a_dependency_s_place(here: RunningApplication) -> None:
    async def nobody() -> Caller:
        raise Problem("forbidden", "Nobody may today.")

    async def packaged() -> Snapshot:
        return packaged_snapshot()

    overrides: dict[Any, Any] = here.client.app.dependency_overrides  # type: ignore[attr-defined]  # an ASGI application
    try:
        overrides[authorize] = nobody
        assert here.client.get("/v1/facts").json()["detail"] == "Nobody may today."
        assert here.client.post("/v1/calculations", json={}).status_code == 403
        overrides[authorize] = lambda: Caller("test")
        overrides[current_snapshot] = packaged
        assert here.client.get("/v1/profiles").status_code == 200
    finally:
        overrides.clear()

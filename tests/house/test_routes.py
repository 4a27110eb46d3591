"""Every route says who may call it, and is documented for whoever does."""

from typing import Any, cast

import pytest
from fastapi import FastAPI, params
from fastapi.routing import APIRoute

from app.api.application import create_app
from app.api.lazy_route import LazyRoute
from app.api.openapi import REFERENCE
from app.api.route_table import ROUTERS
from app.api.security import authorize
from app.services.access.permissions import SCOPES
from app.services.measures.return_timeliness import ReturnTimelinessForm
from app.services.returns.form import ImportForm
from app.services.snapshot.holder import SnapshotHolder
from app.settings import Settings
from app.store import open_store

ROUTES = [route for router in ROUTERS for route in router.routes if isinstance(route, APIRoute)]
NAMES = [f"{min(route.methods or ())} {route.path}" for route in ROUTES]
EVERY = pytest.mark.parametrize("route", ROUTES, ids=NAMES)
OPEN = {"/healthz", "/readyz", "/metrics"}


def scopes(route: APIRoute) -> list[str]:
    """Give the scopes that a route asks for whatever the settings; `open` where it asks for none."""
    guards = [each for each in route.dependencies if isinstance(each, params.Security) and each.dependency is authorize]
    return [scope for each in guards for scope in each.scopes or ()] or ["open"]


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    store = open_store(f"sqlite:///{tmp_path_factory.mktemp('none')}/none.db")
    return create_app(SnapshotHolder(store, 60), Settings()).openapi()


@EVERY
def test_every_route_states_one_scope(route: APIRoute) -> None:
    found = scopes(route)
    assert len(found) == 1, f"{route.path} has the scopes {found}: give it Security(authorize, scopes=[...])"
    assert found[0] in {"open", *SCOPES}


@EVERY
def test_only_the_operators_routes_are_open_to_all(route: APIRoute) -> None:
    assert ("open" in scopes(route)) == (route.path in OPEN)


@EVERY
def test_what_changes_something_needs_more_than_reading(route: APIRoute) -> None:
    changes = (
        (route.methods or set()) & {"PUT", "DELETE", "PATCH"}
        or "/drafts" in route.path
        or route.path.endswith(("/withdraw", "/approve"))
    )
    if changes:
        reads = route.methods == {"GET"} or route.path.endswith(("/validate", "/impact"))
        assert scopes(route)[0] in {"author", "publish", "admin"} | ({"review"} if reads else set())


@EVERY
def test_every_route_is_documented(route: APIRoute, document: dict[str, Any]) -> None:
    operation = document["paths"][route.path][min(route.methods or ()).lower()]
    assert operation["summary"]
    assert operation["description"]
    assert operation["operationId"]
    for response in operation["responses"].values():
        assert response["description"]
    for content in operation.get("requestBody", {}).get("content", {}).values():
        assert content.get("examples") or content.get("example"), "a body needs an example"
    for parameter in operation.get("parameters", []):
        assert parameter["description"], parameter["name"]


@EVERY
def test_every_route_declares_the_problems_it_may_answer_with(route: APIRoute, document: dict[str, Any]) -> None:
    responses = document["paths"][route.path][min(route.methods or ()).lower()]["responses"]
    if route.path == "/readyz":
        assert "503" in responses
        return
    scope = scopes(route)[0]
    expected = {"500"} | (set() if scope == "open" else {"401", "403"}) | ({"404"} if "{" in route.path else set())
    if route.path.endswith("/drafts"):
        expected -= {"404"}
    assert expected <= set(responses)


@EVERY
def test_a_shape_that_a_route_adds_to_the_document_is_that_of_a_model(route: APIRoute) -> None:
    models = {model.__name__: model for model in (ImportForm, ReturnTimelinessForm)}
    extra = cast(Any, route).options.get("openapi_extra") or {}
    assert extra.keys() <= {"requestBody"}
    for content in extra.get("requestBody", {}).get("content", {}).values():
        schema = content["schema"]
        if schema.keys() <= {"type", "format", "description"}:
            # The bytes of a file, or lines that are described in words: FastAPI knows one body for an operation.
            assert schema.get("type", "string") == "string"
        else:
            assert schema == models[schema["title"]].model_json_schema(ref_template=REFERENCE)


def test_routes_have_names_of_their_own(document: dict[str, Any]) -> None:
    names = [
        operation["operationId"] for path in document["paths"].values() for operation in path.values() if operation
    ]
    assert len(names) == len(set(names))


def test_a_route_that_was_looked_at_belongs_to_no_application() -> None:
    path = "/v1/facts"
    shared = next(route for route in ROUTES if route.path == path)
    assert shared.dependant is not None
    application = FastAPI()
    bound = cast(LazyRoute, shared).bound_to(application)
    assert bound.dependency_overrides_provider is application
    assert shared.dependency_overrides_provider is None

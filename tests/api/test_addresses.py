"""What an address says is read strictly at every address: numbers are digits, no parameter and no body is passed over."""

import re
from collections.abc import Iterable, Iterator
from typing import Any, cast
from urllib.parse import quote

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient
from starlette.routing import Mount

from app.api.application import create_app
from app.api.budgets import budget_of
from app.api.security import guard
from app.api.unexpected import no_body
from app.main import mount_assistants
from app.profiles.vocabulary import shared_vocabulary
from app.settings import Settings
from app.web.pages import mount
from tests.api.application import RunningApplication
from tests.published.walking import committed

DOCUMENT = committed("openapi.json")
FORM = "application/x-www-form-urlencoded"
NO_NUMBERS = ("1_0", "+5", "5.0", " 10", "10\n", "1e1", "\u0661")
FIRST = {
    "key": "swindon",
    "version": "1",
    "calendar": "england-and-wales",
    "draft": "1",
    "rule": "icpc-held",
    "source": "ssda903",
}


def every() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in DOCUMENT["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def parameters(kind: str) -> Iterator[tuple[str, str, dict[str, Any], dict[str, Any]]]:
    """Yield each method, path, parameter of a type, and the operation."""
    for path, method, operation in every():
        for parameter in operation.get("parameters", ()):
            if parameter["schema"].get("type") == kind:
                yield method, path, parameter, operation


def example(parameter: dict[str, Any]) -> str:
    return str(FIRST.get(parameter["name"]) or parameter.get("example") or parameter["schema"].get("default", "1"))


def send(here: RunningApplication, headers: dict[str, str], number: Any, text: str) -> Any:
    method, path, meant, operation = number
    sent = {
        (each["in"], each["name"]): text if each is meant else example(each)
        for each in operation["parameters"]
        if each is meant or each.get("required")
    }
    for (where, name), value in sent.items():
        path = path.replace(f"{{{name}}}", quote(value)) if where == "path" else path
    query = {name: value for (where, name), value in sent.items() if where == "query"}
    kinds = operation.get("requestBody", {}).get("content", {})
    body: dict[str, Any] = {"content": "{}"} if kinds else {}
    sent_as = {"Content-Type": next(iter(kinds))} if kinds else {}
    return here.client.request(method, path, params=query, headers={**headers, **sent_as}, **body)


def test_what_is_no_whole_number_is_refused_wherever_an_address_has_one(here: RunningApplication) -> None:
    headers, seen = here.key("admin"), set()
    for number in parameters("integer"):
        _, path, parameter, _ = number
        in_path = parameter["in"] == "path"
        seen.add((parameter["in"], parameter["name"]))
        for text in (*NO_NUMBERS, *(("01",) if in_path else ())):
            # The blanks around a fact's text are ignored, wherever it is written.
            if text.strip() != text and parameter["name"] in shared_vocabulary().facts:
                continue
            answer = send(here, headers, number, text)
            assert answer.status_code == (404 if in_path else 422), (path, parameter["name"], text)
            assert parameter["name"] in [fault["path"] for fault in answer.json()["errors"]], answer.text
    assert {("path", "version"), ("query", "days"), ("query", "limit"), ("query", "sequence")} <= seen


def test_true_and_false_are_read_alike_wherever_an_address_has_one(here: RunningApplication) -> None:
    headers, seen = here.key("admin"), set()
    for number in parameters("boolean"):
        _, path, parameter, _ = number
        seen.add(parameter["name"])
        few = parameter["name"] in shared_vocabulary().facts
        for text in ("1", "on") if few else ("1", "0", "on", "off", "t", "f", "y", "n", "2", "truth"):
            answer = send(here, headers, number, text)
            assert answer.status_code == 422, (path, parameter["name"], text)
            assert parameter["name"] in [fault["path"] for fault in answer.json()["errors"]], answer.text
        for text in ("YES",) if few else ("true", "False", "YES", "no"):
            answer = send(here, headers, number, text)
            faults = answer.json().get("errors", ()) if "json" in answer.headers["content-type"] else ()
            assert parameter["name"] not in [fault["path"] for fault in faults], answer.text
    assert {"bom", "preview", "publish", "government_list", "section_47_initiated"} <= seen


def choices_of(schema: dict[str, Any]) -> list[str]:
    """Give the values of an enumeration; none of any other schema."""
    name = schema.get("$ref", "").rpartition("/")[2]
    return (DOCUMENT["components"]["schemas"][name] if name else schema).get("enum", [])


def test_a_misspelt_choice_is_answered_with_the_nearest_wherever_an_address_has_one(here: RunningApplication) -> None:
    headers, seen = here.key("admin"), set()
    for path, method, operation in every():
        for parameter in operation.get("parameters", ()):
            for value in [each for each in choices_of(parameter["schema"]) if len(each) > 4]:
                seen.add(parameter["name"])
                answer = send(here, headers, (method, path, parameter, operation), value[:-1])
                faults = {fault["path"]: fault for fault in answer.json()["errors"]}
                fault = faults[parameter["name"]]
                assert value in fault["nearest"], (path, parameter["name"], value)
                assert value in fault["remedy"]
    assert {"source", "kind", "placement_type", "legal_status"} <= seen


@pytest.fixture
def whole(here: RunningApplication) -> FastAPI:
    """Give the application with all that an operator can add to it: pages, assistants, an issuer of tokens."""
    settings = Settings(oidc_issuer="https://login.example/tenant", oidc_audience="api://deadlines", mcp=True)
    app = create_app(here.live, settings, [lambda app: mount(app, here.live, guard, budget_of)])
    mount_assistants(app, here.live, settings)
    app.state.later.load()
    return app


def filled_in(path: str) -> str:
    """Give the address of a path whose parts name what there is, as far as every database has it."""
    key = "england-and-wales" if "calendars" in path else FIRST["key"]
    return re.sub(r"{(\w+)}", lambda name: {**FIRST, "key": key}.get(name[1], "x"), path)


def every_route(routes: Iterable[Any]) -> Iterator[Any]:
    """Yield every route of an application, those of the routers that it includes among them."""
    for route in routes:
        inner = getattr(route, "original_router", None)
        yield from [route] if inner is None else every_route(inner.routes)


def test_a_parameter_that_an_address_does_not_take_is_refused_everywhere(
    here: RunningApplication, whole: FastAPI
) -> None:
    client, headers = TestClient(whole, base_url="http://localhost"), here.key("admin")
    passed_over, seen = [], set()
    for route in every_route(whole.router.routes):
        # What is mounted is a folder of files; any other kind of route has to be looked at here.
        assert isinstance(route, APIRoute | Mount), route
        address = f"{route.path}/swagger-ui.css" if isinstance(route, Mount) else route.path
        seen.add(route.path)
        path = filled_in(address)
        method = "GET" if isinstance(route, Mount) else min(route.methods or ())
        body = DOCUMENT["paths"].get(route.path, {}).get(method.lower(), {}).get("requestBody", {"content": [FORM]})
        sent = {**headers, "If-Match": '"1"', "Content-Type": next(iter(body["content"]))}
        answer = client.request(method, f"{path}?zz=1", headers=sent, content="{}", follow_redirects=False)
        if answer.status_code != 422 or "zz" not in answer.text:
            passed_over.append((route.path, answer.status_code, answer.text[:200]))
    assert passed_over == []
    known = {"/v1/profiles", "/healthz", "/metrics", "/docs", "/openapi.json", "/explorer", "/caseload", "/mcp"}
    assert known | {"/static-offline-docs", "/.well-known/oauth-protected-resource"} <= seen


def test_a_body_is_refused_where_no_operation_reads_one(here: RunningApplication) -> None:
    app, headers = cast(FastAPI, here.client.app), here.key("admin")
    app.state.later.load()
    silent = []
    for route in app.state.routes:
        operation = DOCUMENT["paths"].get(route.path, {}).get(min(route.methods or ()).lower())
        if operation is None or "requestBody" in operation:
            continue
        answer = here.client.request(
            min(route.methods), filled_in(route.path), headers=headers, json={"child_refused": True}
        )
        faults = {fault["path"]: fault for fault in answer.json().get("errors", ())}
        if "(body)" not in faults or "child_refused" in answer.text:
            silent.append((route.path, answer.status_code, answer.text[:200]))
    assert silent == []


@pytest.mark.parametrize("content", [b"", b"{}", b" { }\n", b"[]", b'""', b"null", b"  "])
def test_an_empty_body_where_none_is_read_is_what_tools_send_for_none(here: RunningApplication, content: bytes) -> None:
    answer = here.client.request("GET", "/v1/profiles", content=content)
    assert answer.status_code == 200


@pytest.mark.parametrize("content", [b"{", b"profile=york", b" " * 2000, b'{"a": 1}', b"0", b"false"])
def test_whatever_says_something_where_no_body_is_read_is_refused(here: RunningApplication, content: bytes) -> None:
    answer = here.client.request("GET", "/v1/profiles?colour=red", content=content)
    assert answer.status_code == 422
    assert {fault["path"] for fault in answer.json()["errors"]} == {"(body)", "colour"}


def test_a_route_reads_a_body_where_the_document_has_one(here: RunningApplication) -> None:
    app = cast(FastAPI, here.client.app)
    app.state.later.load()
    for route in app.state.routes:
        refuses = any(each.call is no_body for each in route.dependant.dependencies)
        operation = DOCUMENT["paths"].get(route.path, {}).get(min(route.methods or ()).lower(), {})
        assert refuses == ("requestBody" not in operation and not route.reads_body), route.path
        assert not (refuses and route.body_field is not None), route.path

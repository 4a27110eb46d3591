"""What an address says is read strictly at every address: numbers are digits, and no parameter is passed over."""

import re
from collections.abc import Iterator
from typing import Any, cast
from urllib.parse import quote

from fastapi import FastAPI
from fastapi.routing import APIRoute

from app.api.budgets import budget_of
from app.api.security import guard
from app.profiles.vocabulary import shared_vocabulary
from app.web.pages import mount, routes
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


def numbers() -> Iterator[tuple[str, str, dict[str, Any], dict[str, Any]]]:
    """Yield each method, path, parameter that is a whole number, and the operation."""
    for path, method, operation in every():
        for parameter in operation.get("parameters", ()):
            if parameter["schema"].get("type") == "integer":
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
    body: dict[str, Any] = {"json": {}} if "requestBody" in operation else {}
    return here.client.request(method, path, params=query, headers=headers, **body)


def test_what_is_no_whole_number_is_refused_wherever_an_address_has_one(here: RunningApplication) -> None:
    headers, seen = here.key("admin"), set()
    for number in numbers():
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


def test_a_parameter_that_an_address_does_not_take_is_refused_everywhere(here: RunningApplication) -> None:
    app, headers = cast(FastAPI, here.client.app), here.key("admin")
    app.state.later.load()
    mount(app, here.live, guard, budget_of)
    passed_over, seen = [], set()
    pages = routes(here.live, guard).routes
    for route in [*app.router.routes, *pages]:
        if not isinstance(route, APIRoute):
            continue
        seen.add(route.path)
        path = re.sub(r"{(\w+)}", lambda name: FIRST.get(name[1], "x"), route.path)
        method = min(route.methods or ())
        body = DOCUMENT["paths"].get(route.path, {}).get(method.lower(), {}).get("requestBody", {"content": [FORM]})
        sent = {**headers, "If-Match": '"1"', "Content-Type": next(iter(body["content"]))}
        answer = here.client.request(method, f"{path}?zz=1", headers=sent, content="{}", follow_redirects=False)
        if answer.status_code != 422 or "zz" not in answer.text:
            passed_over.append((route.path, answer.status_code, answer.text[:200]))
    assert passed_over == []
    assert {"/v1/profiles", "/healthz", "/docs", "/openapi.json", "/explorer", "/caseload"} <= seen

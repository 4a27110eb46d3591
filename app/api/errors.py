"""Answer every error as RFC 9457 problem+json, and declare those answers in the OpenAPI document."""

from __future__ import annotations

from typing import Any, cast

import orjson
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.routing import Match

from app.api.every_fault import add_other_faults, problem_of_invalid
from app.api.problem_examples import example_of
from app.services.observability import metrics
from app.services.observability.structured import get_logger
from app.services.ports import StoreError, StoreUnavailable
from app.services.problems import TITLES, Fault, Problem, nothing_here
from app.services.store_problem import store_problem

log = get_logger("store")

PROBLEM_JSON = "application/problem+json"
BY_STATUS = {
    401: "unauthenticated",
    404: "not-found",
    405: "method-not-allowed",
    406: "not-acceptable",
    413: "body-too-large",
}
UNREADABLE = Fault("Authorization", "these are no Basic credentials", "send the key as password, in base64 as name:key")
EVERYWHERE = ("bad-request", "uri-too-long", "head-too-large", "invalid-request", "internal-error")
GUARDED = ("unauthenticated", "forbidden", "too-many-requests")
BODY = (
    "invalid-json",
    "request-timeout",
    "body-too-large",
    "unsupported-media-type",
    "invalid-request",
    "not-ready",
    "overloaded",
)
READING = ("not-ready", "overloaded")
CALCULATING = ("no-version-in-force", "too-many-obligations", "too-much-work")


def problem_responses(*kinds: str, guarded: bool = True) -> dict[int | str, dict[str, Any]]:
    """Return the `responses` of a route: each status with the kinds of problem behind it."""
    by_status: dict[int, list[str]] = {}
    for kind in (*kinds, *(GUARDED if guarded else ()), *EVERYWHERE):
        by_status.setdefault(TITLES[kind][0], []).append(kind)
    schema = {"$ref": "#/components/schemas/ProblemDetails"}
    return {
        status: {
            "description": "; ".join(dict.fromkeys(TITLES[kind][1] for kind in named)) + ".",
            "content": {
                PROBLEM_JSON: {"schema": schema, "examples": {kind: example_of(kind) for kind in dict.fromkeys(named)}}
            },
        }
        for status, named in sorted(by_status.items())
    }


def problem_response(problem: Problem) -> Response:
    """Return the answer of a problem, and count it."""
    metrics.count_problem(problem.kind)
    return Response(orjson.dumps(problem.as_json()), problem.status, problem.headers, PROBLEM_JSON)


def install(app: FastAPI) -> None:
    """Register the handlers of every kind of error."""
    app.add_exception_handler(Problem, _on_problem)
    app.add_exception_handler(StoreError, _on_store_error)
    app.add_exception_handler(HTTPException, _on_http_exception)
    app.add_exception_handler(RequestValidationError, _on_invalid_request)


async def _on_problem(request: Request, error: Exception) -> Response:
    return problem_response(await add_other_faults(request, cast(Problem, error)))


async def _on_store_error(request: Request, error: Exception) -> Response:
    if isinstance(error, StoreUnavailable):
        log.warning("store_unavailable", request_id=request.state.request_id, outage=error.outage, reason=str(error))
    return problem_response(store_problem(cast(StoreError, error)))


async def _on_http_exception(request: Request, error: Exception) -> Response:
    error = cast(HTTPException, error)
    kind = BY_STATUS.get(error.status_code, "invalid-request")
    if kind == "not-found":
        return problem_response(nothing_here())
    headers, faults = dict(error.headers or {}), []
    detail = "That cannot be done at this address."
    if kind == "unauthenticated":
        detail, faults = "The credential cannot be read.", [UNREADABLE]
    if kind == "method-not-allowed":
        # Of a page, which is no operation, the framework names the methods.
        headers["Allow"] = ", ".join(sorted(_methods_at(request) or headers.get("Allow", "").split(", ")))
        faults = [Fault("(method)", f"{request.method} is not a method of this address", f"use {headers['Allow']}")]
    return problem_response(Problem(kind, detail, faults, headers))


async def _on_invalid_request(request: Request, error: Exception) -> Response:
    return problem_response(await problem_of_invalid(request, cast(RequestValidationError, error)))


def _methods_at(request: Request) -> set[str]:
    """Return every method of an address. The framework names those of the first route that it fits."""
    fitting = [route for route in request.app.state.routes if route.matches(request.scope)[0] is not Match.NONE]
    # `/v1/profiles/validations` also fits `/v1/profiles/{key}`, and is not meant by it.
    literal = [route for route in fitting if "{" not in route.path]
    return {method for route in literal or fitting for method in route.methods or ()}

"""Serve the usual calculation without FastAPI's per-request machinery, which costs more than the calculation itself.

FastAPI looks through every router and resolves a dozen dependencies anew for each request. `CalculationRoute` knows
what they come to where a request is the usual one: JSON in, JSON out, no query, no credential but an X-API-Key. It then
authorises, validates with the same model, calculates and answers in the same words; signature, model, security and
document stay FastAPI's. Every other request, and every request while a test overrides a dependency, goes FastAPI's way.
"""

from __future__ import annotations

from collections.abc import Awaitable, Iterable, Mapping
from functools import cached_property

from fastapi import Request, params
from fastapi.routing import APIRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from app.api.bodies import MAX_BYTES, MAX_LOOP_BYTES, receive_body
from app.api.budgets import budget_of
from app.api.errors import problem_response
from app.api.routing import ContractRoute
from app.api.withdrawn import withdrawn_headers
from app.services.calculation.calculator import Calculator
from app.services.calculation.json_body import check_values, parse_json
from app.services.calculation.request import ResolvedRequest, read_request
from app.services.event_loop import NeedsThread
from app.services.problems import Problem
from app.services.work import CURRENT, Work

BODY_TYPES = frozenset(
    {None, b"application/json", b"application/json; charset=utf-8", b"application/json;charset=UTF-8"}
)
ACCEPTED_TYPES = frozenset({None, b"*/*", b"application/json", b"application/json, text/plain, */*"})
MAX_LENGTH_DIGITS = 7
VARIES, JSON_TYPE = (b"vary", b"Accept"), (b"content-type", b"application/json")


class CalculationRoute(ContractRoute):
    """The route of one calculation, which can serve the usual request by itself."""

    @cached_property
    def _scopes(self) -> list[str]:
        guards = [each for each in self.options["dependencies"] if isinstance(each, params.Security)]
        return [scope for each in guards for scope in each.scopes or ()]

    async def serve(self, scope: Scope, receive: Receive, send: Send, key: bytes | None) -> None:
        """Serve one usual request, with the X-API-Key that it carries."""
        scope["route"] = self
        state = scope["app"].state
        try:
            if key is not None or not state.authorizer.is_open(self._scopes):
                await self._authorize(Request(scope, receive), key)
            body = await receive_body(scope, receive, MAX_BYTES)
            request, data = await self._answer(scope, receive, body)
        except Problem as problem:
            await problem_response(problem)(scope, receive, send)
            return
        headers = [VARIES, (b"content-length", b"%d" % len(data)), JSON_TYPE]
        if request.profile.withdrawn_at is not None:
            added = withdrawn_headers(state.holder.snapshot, request.profile)
            headers[1:1] = [(name.lower().encode(), value.encode("latin-1")) for name, value in added.items()]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": data})

    async def _answer(self, scope: Scope, receive: Receive, body: bytes) -> tuple[ResolvedRequest, bytes]:
        """Answer at once, with the others of this turn of the loop; in a thread what may take long."""
        state = scope["app"].state
        if len(body) <= MAX_LOOP_BYTES:
            try:
                request, data = await state.answers.answer(body)
            except NeedsThread:
                pass
            else:
                if data is not None:
                    return request, data
        CURRENT.set(Work(budget_of(self.operation_id)))
        answered: tuple[ResolvedRequest, bytes] = await state.limits.heavy.run(
            scope, receive, _answer_long, state.calculation.current(), body
        )
        return answered

    async def _authorize(self, request: Request, key: bytes | None) -> None:
        secret = key.decode("latin-1").strip() if key is not None else None
        for name in self._scopes:
            request.state.caller = await request.app.state.authorizer.authorize(request, name, secret, None)


def _answer_long(calculator: Calculator, body: bytes) -> tuple[ResolvedRequest, bytes]:
    check_values(body, MAX_BYTES)
    request = read_request(calculator.snapshot, parse_json(body))
    return request, calculator.answer(request)


class DirectDispatch:
    """Hand the usual calculation to its route at once, before FastAPI looks for it."""

    def __init__(self, app: ASGIApp, routes: Iterable[APIRoute]) -> None:
        self._app = app
        self._routes = {route.path: route for route in routes if isinstance(route, CalculationRoute)}

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """Return what will serve one request: the route or the application, with no layer in between."""
        route = self._routes.get(scope["path"]) if scope["type"] == "http" else None
        headers = dict(scope["headers"]) if route is not None else {}
        if route is not None and is_usual(scope, headers):
            return route.serve(scope, receive, send, headers.get(b"x-api-key"))
        return self._app(scope, receive, send)


def is_usual(scope: Scope, headers: Mapping[bytes, bytes]) -> bool:
    """Return True if the request sends JSON of an allowed length, accepts JSON, and says nothing else of interest."""
    length = headers.get(b"content-length", b"0")
    return (
        scope["method"] == "POST"
        and not scope["query_string"]
        and not scope.get("root_path")
        and not scope["app"].dependency_overrides
        and len(headers) == len(scope["headers"])
        and headers.get(b"content-type") in BODY_TYPES
        and headers.get(b"accept") in ACCEPTED_TYPES
        and b"authorization" not in headers
        and b"content-encoding" not in headers
        and len(length) <= MAX_LENGTH_DIGITS
        and length.isdigit()
        and int(length) <= MAX_BYTES
    )

"""Serve the usual calculation without FastAPI's per-request machinery, which costs more than the calculation itself.

FastAPI looks through every router and resolves a dozen dependencies anew for each request. `CalculationRoute` knows what
they come to where a request is the usual one: JSON in, JSON out, no query, no credential but an X-API-Key. It then
authorises, validates with the same model, calculates and answers in the same words; signature, model, security and
document stay FastAPI's. Every other request, and every request while a test overrides a dependency, goes FastAPI's way.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from fastapi import Request, params
from starlette.types import ASGIApp, Receive, Scope, Send

from app.api.bodies import MAX_BYTES, receive_body
from app.api.errors import problem_response
from app.api.routing import ContractRoute
from app.api.withdrawn import withdrawn_headers
from app.services.calculation.calculator import CalculationService
from app.services.calculation.request import ResolvedRequest
from app.services.problems import Problem

BODY_TYPES = frozenset(
    {None, b"application/json", b"application/json; charset=utf-8", b"application/json;charset=UTF-8"}
)
ACCEPTED_TYPES = frozenset({None, b"*/*", b"application/json", b"application/json, text/plain, */*"})
MAX_LENGTH_DIGITS = 7
MAX_TOGETHER = 32
VARIES, JSON_TYPE = (b"vary", b"Accept"), (b"content-type", b"application/json")


class CalculationRoute(ContractRoute):
    """The route of one calculation, which can serve the usual request by itself."""

    def __init__(self, path: str, endpoint: Any, **options: Any) -> None:
        super().__init__(path, endpoint, **options)
        self._scopes = [
            scope for each in self.dependencies if isinstance(each, params.Security) for scope in each.scopes or ()
        ]

    async def serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one usual request."""
        scope["route"] = self
        state = scope["app"].state
        try:
            await self._authorize(scope, receive)
            body = await receive_body(receive, MAX_BYTES, state.settings.body_seconds)
            request, data = await state.answers.answer(body)
        except Problem as problem:
            await problem_response(problem)(scope, receive, send)
            return
        headers = [VARIES, (b"content-length", b"%d" % len(data)), JSON_TYPE]
        if request.profile.withdrawn_at is not None:
            added = withdrawn_headers(state.holder.snapshot, request.profile)
            headers[1:1] = [(name.lower().encode(), value.encode("latin-1")) for name, value in added.items()]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": data})

    async def _authorize(self, scope: Scope, receive: Receive) -> None:
        request = Request(scope, receive)
        authorizer = request.app.state.authorizer
        for name in self._scopes:
            if not authorizer.is_open(request, name):
                key = request.headers.get("x-api-key")
                request.scope.setdefault("path_params", {})
                request.state.caller = await authorizer.authorize(request, name, key.strip() if key else None, None)


class DirectDispatch:
    """Hand the usual calculation to its route at once, before FastAPI looks for it."""

    def __init__(self, app: ASGIApp, route: CalculationRoute) -> None:
        self._app = app
        self._route = route

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] == "http" and scope["path"] == self._route.path and is_usual(scope):
            await self._route.serve(scope, receive, send)
        else:
            await self._app(scope, receive, send)


def is_usual(scope: Scope) -> bool:
    """Return True if the request sends JSON of an allowed length, accepts JSON, and says nothing else of interest."""
    headers: Mapping[bytes, bytes] = dict(scope["headers"])
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

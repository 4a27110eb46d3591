"""Serve the usual calculation without FastAPI's per-request machinery, which costs more than the calculation itself.

FastAPI resolves a dozen dependencies anew for every request. `CalculationRoute` knows what they come to where a request
is the usual one: JSON in, JSON out, no query, no credential but an X-API-Key. It then authorises, validates with the
same model and calls the same endpoint; signature, model, security and document stay FastAPI's. Every other request, and
every request while a test overrides a dependency, takes FastAPI's own way.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import Request, Response, params
from starlette.types import Receive, Scope, Send

from app.api.bodies import MAX_BYTES, receive_body
from app.api.errors import problem_response
from app.api.responses import JSON, FileQuery
from app.api.routing import ContractRoute
from app.services.calculation.json_body import parse_json
from app.services.calculation.request import CalculationRequest
from app.services.problems import Problem
from app.services.validation import read

BODY_TYPES = frozenset(
    {None, b"application/json", b"application/json; charset=utf-8", b"application/json;charset=UTF-8"}
)
ACCEPTED_TYPES = frozenset({None, b"*/*", b"application/json", b"application/json, text/plain, */*"})
MAX_LENGTH_DIGITS = 7
NO_QUERY = FileQuery()


class CalculationRoute(ContractRoute):
    """Serve the usual calculation directly, any other request as FastAPI does."""

    def __init__(self, path: str, endpoint: Any, **options: Any) -> None:
        super().__init__(path, endpoint, **options)
        self._scopes = [
            scope for each in self.dependencies if isinstance(each, params.Security) for scope in each.scopes or ()
        ]

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        headers: dict[bytes, bytes] = dict(scope["headers"])
        if is_usual(scope, headers):
            try:
                response = await self._respond(Request(scope, receive), headers.get(b"x-api-key"))
            except Problem as problem:
                response = problem_response(problem)
            await response(scope, receive, send)
        else:
            await super().handle(scope, receive, send)

    async def _respond(self, request: Request, key: bytes | None) -> Response:
        state = request.app.state
        for scope in self._scopes:
            if not state.authorizer.is_open(request, scope):
                secret = key.decode("latin-1").strip() if key is not None else None
                request.state.caller = await state.authorizer.authorize(request, scope, secret, None)
        body = parse_json(await receive_body(request.receive, MAX_BYTES, state.settings.body_seconds))
        calculator = state.calculation.current()
        calculation = read(CalculationRequest, body, calculator.snapshot)
        response: Response = await self.endpoint(calculation, NO_QUERY, JSON, calculator)
        return response


def is_usual(scope: Scope, headers: Mapping[bytes, bytes]) -> bool:
    """Return True if the request sends JSON of an allowed length, accepts JSON, and says nothing else of interest."""
    length = headers.get(b"content-length", b"0")
    return (
        scope["method"] == "POST"
        and not scope["query_string"]
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

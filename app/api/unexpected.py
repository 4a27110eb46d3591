"""Refuse what an address does not take: an unknown query parameter, one sent twice, a body where none is read."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Query, Request
from starlette.datastructures import QueryParams

from app.api.bodies import receive_body
from app.services.calculation.json_body import parse_json
from app.services.problems import Fault, Problem
from app.services.validation import NoQuery, Repeated, read

MAX_EMPTY_BYTES = 1024
"""A longer body says something, whatever is in it."""
EMPTY: tuple[object, ...] = (None, "", {}, [])


class SentOnce(QueryParams):
    """Query parameters that may be sent once each: one sent twice gets a value that no type accepts."""

    def __getitem__(self, key: Any) -> Any:
        """Return the value of a parameter. Raises KeyError."""
        return Repeated() if len(self.getlist(key)) > 1 else super().__getitem__(key)

    def get(self, key: Any, default: Any = None) -> Any:
        """Return the value of a parameter, the default where it was not sent."""
        try:
            return self[key]
        except KeyError:
            return default


async def no_query(query: Annotated[NoQuery, Query()]) -> NoQuery:
    """Refuse every query parameter."""
    return query


def refuse_query(query_string: bytes) -> None:
    """Refuse every query parameter, where no route reads the address. Raises Problem."""
    read(NoQuery, dict(SentOnce(query_string)), whole="(query)")


async def no_body(request: Request) -> None:
    """Refuse a body where none is read: the facts in the body of a GET would otherwise be passed over in silence.

    What tools send where nothing was filled in is taken as no body: blanks, `{}`, `[]`, `""`, null. Raises Problem.
    """
    length = request.headers.get("content-length", "")
    if length in {"", "0"} and "transfer-encoding" not in request.headers:
        return
    try:
        # Nobody waits for a long body only to refuse it.
        if not length.isdecimal() or int(length[:19]) <= MAX_EMPTY_BYTES:
            body = await receive_body(request.scope, request.receive, MAX_EMPTY_BYTES)
            if not body.strip() or parse_json(body) in EMPTY:
                return
    except Problem as problem:
        if problem.kind not in {"invalid-json", "body-too-large"}:
            raise
    fault = Fault("(body)", "this address takes no body", "leave the body out: nothing in it would be read")
    raise Problem("invalid-request", "1 fault found; `errors` lists it.", [fault])

"""What every route that changes something needs: who, when, on which revision; and a thread to wait in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any, ParamSpec, TypeVar

import anyio.to_thread
from starlette.requests import Request

from app.api.access import caller
from app.services.ports import WriteContext
from app.services.problems import Fault, Problem

Params = ParamSpec("Params")
Result = TypeVar("Result")
ANY = "*"


async def in_thread(work: Callable[Params, Result], *args: Params.args, **kwargs: Params.kwargs) -> Result:
    """Do what waits for the database beside the loop, so that calculations go on meanwhile."""
    return await anyio.to_thread.run_sync(partial(work, *args, **kwargs))


def context(request: Request) -> WriteContext:
    """Who writes, now, under this request's id."""
    return WriteContext(by=caller(request).name, at=datetime.now(UTC), request_id=request.state.request_id)


def if_match(request: Request, *, required: bool = True) -> int | None:
    """The revision that the caller has read, from If-Match; None for `*`, or where it may be left out and is.

    Raises Problem: precondition-required where it is missing, precondition-failed where it names no revision.
    """
    header = request.headers.get("if-match", "").strip()
    if not header:
        if not required:
            return None
        remedy = 'send the ETag that you read last, such as If-Match: "3"'
        raise Problem(
            "precondition-required",
            "Name the revision that you mean, so that nobody's change is lost.",
            [Fault("If-Match", "this header is missing", remedy)],
        )
    if header == ANY:
        return None
    tag = header.removeprefix("W/").strip('"')
    if tag.isascii() and tag.isdigit() and len(tag) <= 9:
        return int(tag)
    fault = Fault("If-Match", "this names no revision", "send one ETag as you received it", header[:100])
    raise Problem("precondition-failed", "No revision has that ETag.", [fault])


def page_limit(value: str | None, most: int, default: int = 50) -> int:
    """How many records a page is to hold. Raises Problem."""
    if not value:
        return default
    if value.isascii() and value.isdigit() and len(value) <= 6 and 1 <= int(value) <= most:
        return int(value)
    fault = Fault("limit", "this is no size of a page", f"send a whole number from 1 to {most}", value[:100])
    raise Problem("invalid-request", "1 fault found; `errors` lists it.", [fault])


def json_body(schema: dict[str, Any], **examples: tuple[str, object]) -> dict[str, Any]:
    """A JSON body as OpenAPI declares it; each example with its summary."""
    return {
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {
                    "schema": schema,
                    "examples": {
                        name: {"summary": summary, "value": value} for name, (summary, value) in examples.items()
                    },
                }
            },
        }
    }


IF_MATCH: dict[str, Any] = {
    "name": "If-Match",
    "in": "header",
    "required": True,
    "description": "The revision's ETag, as it was last read.",
    "schema": {"type": "string"},
    "example": '"3"',
}
IF_MATCH_OPTIONAL: dict[str, Any] = {
    **IF_MATCH,
    "required": False,
    "description": "The version that the change is meant for; absent: the latest. A whole calendar needs it.",
}

"""Request bodies: read with a limit, parsed strictly as JSON."""

from __future__ import annotations

import asyncio
from typing import Any

from starlette.requests import ClientDisconnect, Request
from starlette.types import Receive

from app.services.calculation.json_body import parse_json
from app.services.problems import Fault, Problem

MOST_BYTES = 1024 * 1024
MOST_BATCH_BYTES = 8 * MOST_BYTES


async def read_body(request: Request, limit: int = MOST_BYTES) -> bytes:
    """The body, refused as soon as it is longer than the limit."""
    declared = request.headers.get("content-length", "")
    if declared.isascii() and declared.isdigit() and int(declared[:19]) > limit:
        raise too_large(limit)
    plain_only(request)
    return await gathered(request.receive, limit, request.app.state.settings.body_seconds)


async def gathered(receive: Receive, limit: int, seconds: float) -> bytes:
    """The body as it arrives. Raises Problem where it is too long or stops coming, ClientDisconnect where it ends."""
    try:
        async with asyncio.timeout(seconds):
            first, more = await _part(receive)
            body = bytearray(first) if more else first
            while more and len(body) <= limit:
                part, more = await _part(receive)
                body += part
    except TimeoutError:
        raise too_slow() from None
    if len(body) > limit:
        raise too_large(limit)
    return bytes(body)


async def _part(receive: Receive) -> tuple[bytes, bool]:
    message = await receive()
    if message["type"] == "http.disconnect":
        raise ClientDisconnect
    return message.get("body", b""), message.get("more_body", False)


def plain_only(request: Request) -> None:
    """Refuse a compressed body. None is ever unpacked, so that a small one cannot become a large one."""
    encoding = request.headers.get("content-encoding", "").strip().lower()
    if encoding not in {"", "identity"}:
        fault = Fault("Content-Encoding", "bodies are read as they are sent", "send the body without compressing it")
        raise Problem(
            "unsupported-media-type",
            "A compressed body is not read here.",
            [fault],
            headers={"Accept-Encoding": "identity"},
        )


def too_slow() -> Problem:
    """The refusal of a body that stops arriving."""
    fault = Fault("(body)", "the body did not arrive in time", "send the whole body at once")
    return Problem("request-timeout", "The body did not arrive in time.", [fault], headers={"Connection": "close"})


def too_large(limit: int) -> Problem:
    """The refusal of a body over its limit."""
    size = f"{limit // MOST_BYTES} MiB"
    return Problem(
        "body-too-large",
        f"A body holds at most {size}.",
        [Fault("(body)", "the body is too large", f"send at most {size}")],
    )


def media_type(request: Request) -> str:
    """The body's media type without its parameters."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


async def read_json(request: Request, limit: int = MOST_BYTES) -> Any:
    """The body as JSON. Raises Problem: another media type, too large, not JSON."""
    kind = media_type(request)
    if kind and kind != "application/json" and not kind.endswith("+json"):
        fault = Fault("Content-Type", "this media type is not read here", "send application/json", kind[:100])
        raise Problem("unsupported-media-type", "The body must be JSON.", [fault])
    return parse_json(await read_body(request, limit))

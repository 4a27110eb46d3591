"""Receive request bodies with a limit on their size and time, and parse them strictly as JSON."""

from __future__ import annotations

import asyncio
from collections.abc import MutableMapping
from typing import Any

from starlette.requests import ClientDisconnect, Request
from starlette.types import Message, Receive, Scope

from app.services.problems import Fault, Problem, overloaded

MAX_BYTES = 1024 * 1024
TOO_SLOW = "the body is too slow"
MAX_BATCH_BYTES = 8 * MAX_BYTES
# A body of this size takes a millisecond or two to parse and validate; a longer one is left to a thread.
MAX_LOOP_BYTES = 16 * 1024
MAX_UNCOUNTED_BYTES = 64 * 1024
MAX_RECEIVED_BYTES = 24 * MAX_BYTES
COUNTED = "body_bytes"
ARRIVED = "deadlines.arrived"
"""The extension of the ASGI scope whose `call` tells that the whole body is here. Set by app.api.head_limits."""


class ReceivedBodies:
    """Counts the bytes of the long bodies that this process has in memory, so that many of them cannot exhaust it."""

    def __init__(self, limit: int = MAX_RECEIVED_BYTES) -> None:
        self._limit = limit
        self._bytes = 0

    def add(self, state: MutableMapping[str, Any], number: int) -> None:
        """Count bytes of a request's body until `release`. Raises Problem where there would be too many in all."""
        if self._bytes + number > self._limit:
            raise overloaded()
        self._bytes += number
        state[COUNTED] = state.get(COUNTED, 0) + number

    def release(self, state: MutableMapping[str, Any]) -> None:
        """Forget the bytes of a request that has been answered."""
        self._bytes -= state.pop(COUNTED, 0)


async def receive_json(request: Request, limit: int = MAX_BYTES) -> bytes:
    """Return the bytes of a JSON body. Raises Problem: another media type, compressed, too large or too slow."""
    kind = media_type(request)
    if kind and kind != "application/json" and not kind.endswith("+json"):
        raise unread_type(request, "application/json", "The body must be JSON.")
    return await _receive_uncompressed(request, limit)


OCTETS = "application/octet-stream"
"""What generated clients send a file as, whatever is in it."""


async def receive_table(request: Request) -> str:
    """Return a CSV body as text. A dependency. Raises Problem as `receive_json` does, and where it is not UTF-8."""
    if media_type(request) not in {"text/csv", OCTETS}:
        raise unread_type(request, "text/csv", "The body must be CSV.")
    try:
        return (await _receive_uncompressed(request, MAX_BYTES)).decode("utf-8-sig")
    except UnicodeDecodeError:
        fault = Fault("(body)", "this is not UTF-8 text", "save the sheet as CSV UTF-8")
        raise Problem("invalid-request", "The table is not UTF-8 text.", [fault]) from None


def unread_type(request: Request, wanted: str, detail: str) -> Problem:
    """Return the problem of a body of a media type that its address does not read."""
    kind = media_type(request)[:100] or None
    fault = Fault("Content-Type", "this media type is not read here", f"send {wanted}", kind)
    return Problem("unsupported-media-type", detail, [fault])


async def _receive_uncompressed(request: Request, limit: int) -> bytes:
    reject_compressed(request)
    declared = request.headers.get("content-length", "")
    if declared.isascii() and declared.isdigit() and int(declared[:19]) > limit:
        raise too_large(limit)
    return await receive_body(request.scope, request.receive, limit)


async def receive_body(scope: Scope, receive: Receive, limit: int) -> bytes:
    """Collect a body as it arrives. Raises Problem where it is too long or too slow, ClientDisconnect where it ends."""
    arrived = scope.get("extensions", {}).get(ARRIVED)
    if arrived is not None and arrived["call"]():
        body, more = _part_of(await receive())
    else:
        body, more = b"", True
    if more:
        body = await _receive_in_time(scope, receive, body, limit)
    if len(body) > limit:
        raise too_large(limit)
    return body


async def _receive_in_time(scope: Scope, receive: Receive, first: bytes, limit: int) -> bytes:
    """Collect what is still to arrive, up to the limit and a little more."""
    # As asyncio.timeout does, in a third of the time.
    task = asyncio.current_task()
    assert task is not None
    state = scope["app"].state
    timer = asyncio.get_running_loop().call_later(state.settings.body_seconds, task.cancel, TOO_SLOW)
    body, more = bytearray(first), True
    try:
        while more and len(body) <= limit:
            part, more = _part_of(await receive())
            body += part
            if len(body) > MAX_UNCOUNTED_BYTES:
                state.bodies.add(scope["state"], len(part))
    except asyncio.CancelledError as cancelled:
        if cancelled.args != (TOO_SLOW,):
            raise
        task.uncancel()
        raise too_slow() from None
    finally:
        timer.cancel()
    return bytes(body)


def _part_of(message: Message) -> tuple[bytes, bool]:
    """Return what a message brings of a body, and whether more follows."""
    if message["type"] == "http.disconnect":
        raise ClientDisconnect
    return message.get("body", b""), message.get("more_body", False)


def reject_compressed(request: Request) -> None:
    """Raise Problem for a compressed body. Nothing is decompressed, so that a small body cannot become a large one."""
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
    """Return the problem of a body that stops arriving."""
    fault = Fault("(body)", "the body did not arrive in time", "send the whole body at once")
    return Problem("request-timeout", "The body did not arrive in time.", [fault], headers={"Connection": "close"})


def too_large(limit: int) -> Problem:
    """Return the problem of a body over its limit."""
    size = f"{limit / MAX_BYTES:g} MiB"
    fault = Fault("(body)", "the body is too large", f"send at most {size}")
    return Problem("body-too-large", f"A body holds at most {size}.", [fault])


def body_problem(request: Request) -> Problem | None:
    """Return why the body cannot be read, None where it can. A `StrictRequest` notes it."""
    return getattr(request.state, "body_problem", None)


def media_type(request: Request) -> str:
    """Return the body's media type without its parameters."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()

"""Write long answers as their readers take them, and close connections whose reader takes nothing.

An answer that nobody reads stays in memory. So a long one is written in pieces; the bytes that wait are counted for the
whole process; and where there are too many, the connection whose reader has taken nothing for the longest is closed.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from functools import partial

from starlette.types import Message, Scope, Send

from app.services.work import CallerGone

MAX_PIECE_BYTES = 64 * 1024
MAX_UNREAD_BYTES = 32 * 1024 * 1024
MAX_STALL_SECONDS = 60.0
MIN_STALL_SECONDS = 1.0
ABORT_SECONDS = 0.01
ABORT = "deadlines.abort"
"""The extension of the ASGI scope whose `call` closes the connection. Set by app.api.head_limits."""
GONE = "deadlines.gone"
"""The extension whose `call` says whether the connection has ended. Set there too."""


class WaitingAnswer:
    """One connection's bytes that wait for their reader."""

    def __init__(self, abort: Callable[[], None]) -> None:
        self.abort = abort
        self.bytes = 0
        self.since = time.monotonic()

    def note_read(self) -> None:
        """Note that its reader has taken something."""
        self.since = time.monotonic()


class UnreadAnswers:
    """The answers of one process that are written and not read yet."""

    def __init__(self, limit: int = MAX_UNREAD_BYTES) -> None:
        self._limit = limit
        self._waiting: set[WaitingAnswer] = set()

    def has_space(self) -> bool:
        """Return whether less than half of what may wait is waiting."""
        return sum(each.bytes for each in self._waiting) < self._limit // 2

    async def write(self, scope: Scope, send: Send, message: Message) -> None:
        """Send a message of a response's body in pieces, each as soon as the reader has taken those before.

        Raises CallerGone where the reader takes nothing for a minute, or is the slowest of too many.
        """
        body, more = message.get("body", b""), message.get("more_body", False)
        waiting = self.begin(scope)
        self.set_bytes(waiting, len(body))
        try:
            for start in range(0, max(1, len(body)), MAX_PIECE_BYTES):
                end = start + MAX_PIECE_BYTES
                piece = {"type": message["type"], "body": body[start:end], "more_body": more or end < len(body)}
                await self._write(send, piece, waiting)
                waiting.bytes = max(0, len(body) - end)
        finally:
            self.end(waiting)

    async def _write(self, send: Send, piece: Message, waiting: WaitingAnswer) -> None:
        waiting.note_read()
        try:
            async with asyncio.timeout(MAX_STALL_SECONDS):
                await send(piece)
        except TimeoutError:
            waiting.abort()
            # The server learns of it in the loop's next turn; until then it would take the answer for a broken one.
            await asyncio.sleep(ABORT_SECONDS)
            raise CallerGone from None

    def begin(self, scope: Scope) -> WaitingAnswer:
        """Begin to count what waits on a connection, until `end`."""
        waiting = WaitingAnswer(partial(abort, scope))
        self._waiting.add(waiting)
        return waiting

    def end(self, waiting: WaitingAnswer) -> None:
        """Count it no longer."""
        self._waiting.discard(waiting)

    def set_bytes(self, waiting: WaitingAnswer, number: int) -> None:
        """Set how many bytes wait; where there are too many in all now, close the slowest readers' connections."""
        waiting.bytes = number
        total = sum(each.bytes for each in self._waiting)
        if total <= self._limit:
            return
        for slowest in sorted(self._waiting - {waiting}, key=lambda each: each.since):
            if total <= self._limit or time.monotonic() - slowest.since < MIN_STALL_SECONDS:
                return
            total -= slowest.bytes
            slowest.bytes = 0
            slowest.abort()


def abort(scope: Scope) -> None:
    """Close a request's connection at once, without waiting for its reader, where the server lets us."""
    extension = scope.get("extensions", {}).get(ABORT)
    if extension is not None:
        extension["call"]()


def is_gone(scope: Scope) -> bool:
    """Return True if a request's connection has ended, where the server tells us: nobody will read the answer."""
    extension = scope.get("extensions", {}).get(GONE)
    return extension is not None and extension["call"]()

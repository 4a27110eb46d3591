"""Let a connection's requests wait without being read, and answer the last one so that its sender can read it."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine
from typing import Any
from weakref import WeakKeyDictionary

from uvicorn._types import ASGI3Application, ASGISendEvent
from uvicorn.protocols.http.flow_control import FlowControl
from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

MAX_PARSED_BYTES = 4 * 1024
"""What is parsed at once: at most some 150 short requests, each of which takes a hundred times its bytes in memory."""


MAX_STARTED = 8
"""So many of the requests that waited are started in one turn of the event loop, whatever connection they came by."""


class PipelineTurns:
    """Starts requests that waited for the answer to the one before them, one connection after the other.

    Each caller who sends many at once would else have one answered in every turn of the event loop, and whoever sends
    one would wait for all of those in each of the turns that an answer takes; a new connection takes a turn by itself.
    """

    def __init__(self) -> None:
        self._waiting: deque[Callable[[], None]] = deque()
        self._left = MAX_STARTED

    def add(self, start: Callable[[], None]) -> None:
        """Call this now, or in its turn."""
        if self._left == 0:
            self._waiting.append(start)
        else:
            self._start(start)

    def _start(self, start: Callable[[], None]) -> None:
        if self._left == MAX_STARTED:
            asyncio.get_running_loop().call_soon(self._begin_turn)
        self._left -= 1
        start()

    def _begin_turn(self) -> None:
        self._left = MAX_STARTED
        while self._waiting and self._left:
            self._start(self._waiting.popleft())


_TURNS: WeakKeyDictionary[asyncio.AbstractEventLoop, PipelineTurns] = WeakKeyDictionary()


def turns_of(loop: asyncio.AbstractEventLoop) -> PipelineTurns:
    """Return what all connections of an event loop share."""
    return _TURNS.setdefault(loop, PipelineTurns())


class PipelineFlow(FlowControl):
    """Read on only where no request waits for the answer to the one before it."""

    def __init__(self, transport: asyncio.Transport, pipeline: deque[tuple[RequestResponseCycle, ASGI3Application]]):
        super().__init__(transport)
        self._pipeline = pipeline
        self.unparsed = b""
        """What was read and is parsed when no request waits any more."""

    def resume_reading(self) -> None:
        """Read on, where nothing waits."""
        if not self._pipeline and not self.unparsed:
            super().resume_reading()


class Cycle(RequestResponseCycle):
    """Answer a request, and leave it to the protocol to close the connection where that is the last answer.

    Its sender may still be sending; a connection that is closed then is reset, and the answer lost.
    """

    is_last = False

    def send(self, message: ASGISendEvent) -> Coroutine[Any, Any, None]:
        """Send a part of the answer, whose head says whether the connection will be closed."""
        if not self.keep_alive and message["type"] == "http.response.body":
            self.is_last = self.keep_alive = True
        return super().send(message)

    def make_last(self) -> None:
        """Make this the last answer, and say so if its head is still to be sent."""
        if self.response_started:
            self.is_last = True
        else:
            self.keep_alive = False


class UnchunkedCycle(Cycle):
    """Answer a request of HTTP/1.0, which knows no chunks: a body without a length ends with the connection."""

    def send(self, message: ASGISendEvent) -> Coroutine[Any, Any, None]:
        """Send a part of the answer as it is."""
        self.chunked_encoding = False
        self.expected_content_length = len(message["body"]) if message["type"] == "http.response.body" else 0
        return super().send(message)

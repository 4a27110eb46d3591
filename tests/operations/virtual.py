"""Connections without a network, on an event loop whose clock jumps to whatever is to happen next."""

from __future__ import annotations

import asyncio
import selectors
import time
from itertools import cycle
from typing import Any

from app.api.head_limits import HeadLimitProtocol
from tests.operations.conversations import Conversation

MAX_READ_BYTES = 64 * 1024
HIGH_WATER_BYTES, LOW_WATER_BYTES = 2_000, 500
"""Far less than a real transport's, so that the server waits for its reader in the middle of ordinary answers."""
TAKING_SECONDS = 0.002
MAX_REAL_SECONDS = 10.0


class VirtualSelector(selectors.DefaultSelector):
    """Waits for nothing, but lets the clock jump; unless threads are at work, which take their own time."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        self.is_real = True

    def select(self, timeout: float | None = None) -> list[Any]:
        if self.is_real:
            began = time.monotonic()
            events = super().select(timeout)
            self.now += time.monotonic() - began
            return events
        events = super().select(0)
        if not events and timeout is None:
            events = super().select(MAX_REAL_SECONDS)
            assert events, "nothing will ever happen"
        if not events:
            self.now += timeout or 0
        return events


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop with that clock."""

    def __init__(self) -> None:
        self.clock = VirtualSelector()
        super().__init__(self.clock)

    def time(self) -> float:
        return self.clock.now


class Caller(asyncio.Transport):
    """Both the transport of a connection and the caller at its other end."""

    def __init__(self, loop: VirtualLoop, protocol: HeadLimitProtocol, taken: list[int]) -> None:
        super().__init__()
        self._loop = loop
        self.protocol = protocol
        self._taken = cycle(taken) if taken else None
        self._buffer = bytearray()
        self._may_read = asyncio.Event()
        self._may_read.set()
        self._is_closing = self._is_paused = self._is_taking = False
        self.received = bytearray()
        self.sent_bytes = 0
        self.has_ended = self.was_written_late = False
        """The server has said that it will write no more, and has done so all the same."""
        self.lost = asyncio.Event()
        protocol.connection_made(self)

    # --- as the server sees it

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return {"peername": ("127.0.0.1", 9), "sockname": ("127.0.0.1", 80)}.get(name, default)

    def pause_reading(self) -> None:
        self._may_read.clear()

    def resume_reading(self) -> None:
        self._may_read.set()

    def is_closing(self) -> bool:
        return self._is_closing

    def get_write_buffer_size(self) -> int:
        return len(self._buffer)

    def write(self, data: Any) -> None:
        self.was_written_late |= self.has_ended
        if self.lost.is_set():
            return
        if self._taken is None:
            self.received += data
            return
        self._buffer += data
        if len(self._buffer) > HIGH_WATER_BYTES and not self._is_paused:
            self._is_paused = True
            self.protocol.pause_writing()
        if not self._is_taking:
            self._is_taking = True
            self._loop.call_later(TAKING_SECONDS, self._take)

    def _take(self) -> None:
        assert self._taken is not None
        self._is_taking = False
        number = next(self._taken)
        self.received += self._buffer[:number]
        del self._buffer[:number]
        if self._is_paused and len(self._buffer) <= LOW_WATER_BYTES:
            self._is_paused = False
            self.protocol.resume_writing()
        if self._buffer:
            self._is_taking = True
            self._loop.call_later(TAKING_SECONDS, self._take)
        elif self._is_closing:
            self._lose()

    def write_eof(self) -> None:
        self.has_ended = True

    def close(self) -> None:
        if not self._is_closing:
            self._is_closing = True
            self._may_read.set()
            if not self._buffer:
                self._loop.call_soon(self._lose)

    def abort(self) -> None:
        self._buffer.clear()
        self._is_closing = True
        self._may_read.set()
        self._loop.call_soon(self._lose)

    def _lose(self) -> None:
        if not self.lost.is_set():
            self.lost.set()
            self.protocol.connection_lost(None)

    # --- as the caller

    async def say(self, conversation: Conversation) -> None:
        """Send everything, as long as the server reads, and then no more."""
        pauses = cycle(conversation.pauses)
        for piece in conversation.pieces():
            await asyncio.sleep(next(pauses))
            for start in range(0, len(piece), MAX_READ_BYTES):
                await asyncio.sleep(0)
                await self._may_read.wait()
                if self._is_closing:
                    return
                self.protocol.data_received(piece[start : start + MAX_READ_BYTES])
                self.sent_bytes += len(piece[start : start + MAX_READ_BYTES])
        if conversation.end == "half-closes":
            await asyncio.sleep(next(pauses))
            await self._may_read.wait()
            if not self._is_closing and not self.protocol.eof_received():
                self.close()

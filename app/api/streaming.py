"""Lines in, lines out, at the same time and in bounded memory."""

from __future__ import annotations

import asyncio
import zlib
from collections import deque
from collections.abc import AsyncIterator

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from app.services.calculation.batch import LineBatch

NDJSON = "application/x-ndjson"
MOST_WAITING = 32 * 1024 * 1024
PORTION = 64 * 1024
PLAIN = 1024 * 1024
LONGEST_STALL = 60.0


class LineAnswer(Response):
    """Answers each line as it arrives.

    A caller that reads only once it has sent everything is served as long as what waits for it, compressed, stays under
    `MOST_WAITING` (some hundred thousand lines). Beyond that no more is taken in until it reads, and the connection
    ends where it does not read for `LONGEST_STALL` seconds: memory stays flat however long the stream is.
    """

    def __init__(self, request: Request, work: LineBatch) -> None:
        super().__init__(media_type=NDJSON)
        del self.headers["content-length"]
        self._request = request
        self._work = work
        self._waiting: deque[tuple[bytes, bool]] = deque()
        self._size = 0
        self._more = asyncio.Event()
        self._room = asyncio.Event()
        self._room.set()
        self._done = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - an ASGI application's own signature
        """Send the answers while the lines are still coming."""
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        taking = asyncio.create_task(self._take())
        try:
            async for portion in self._give():
                await send({"type": "http.response.body", "body": portion, "more_body": True})
            await taking
            await send({"type": "http.response.body", "body": b""})
        except ClientDisconnect:
            return
        finally:
            taking.cancel()

    async def _take(self) -> None:
        try:
            async for chunk in self._chunks():
                for start in range(0, len(chunk), PORTION):
                    await self._wait_for_room()
                    self._keep(b"".join(self._work.feed(chunk[start : start + PORTION])))
                    await asyncio.sleep(0)
            self._keep(b"".join(self._work.finish()))
        finally:
            self._done = True
            self._more.set()

    async def _chunks(self) -> AsyncIterator[bytes]:
        """What arrives; the stream ends where its sender pauses for too long."""
        stream = aiter(self._request.stream())
        while True:
            try:
                async with asyncio.timeout(self._request.app.state.settings.body_seconds):
                    chunk = await anext(stream)
            except StopAsyncIteration:
                return
            except TimeoutError:
                raise ClientDisconnect from None
            yield chunk

    async def _wait_for_room(self) -> None:
        try:
            async with asyncio.timeout(LONGEST_STALL):
                await self._room.wait()
        except TimeoutError:
            raise ClientDisconnect from None

    def _keep(self, data: bytes) -> None:
        if data:
            packed = self._size > PLAIN
            held = zlib.compress(data, 1) if packed else data
            self._waiting.append((held, packed))
            self._size += len(held)
            self._more.set()
            if self._size > MOST_WAITING:
                self._room.clear()

    async def _give(self) -> AsyncIterator[bytes]:
        while True:
            while self._waiting:
                held, packed = self._waiting.popleft()
                self._size -= len(held)
                if self._size <= MOST_WAITING:
                    self._room.set()
                yield zlib.decompress(held) if packed else held
            if self._done:
                return
            self._more.clear()
            await self._more.wait()

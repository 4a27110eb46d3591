"""Stream NDJSON: answer lines while more of them arrive, in bounded memory."""

from __future__ import annotations

import asyncio
import zlib
from collections import deque
from collections.abc import AsyncIterator, Iterator

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from app.services.calculation.lines import LineReader

NDJSON = "application/x-ndjson"
MAX_PENDING_BYTES = 32 * 1024 * 1024
MAX_UNCOMPRESSED_BYTES = 1024 * 1024
MAX_PORTION_BYTES = 64 * 1024
MAX_STALL_SECONDS = 60.0


class NdjsonResponse(Response):
    """Answer each line as it arrives.

    A caller that reads only after it has sent everything is served as long as its pending answers, compressed, stay
    under `MAX_PENDING_BYTES` (some hundred thousand lines). Beyond that nothing more is received until it reads, and
    the connection ends where it does not read for `MAX_STALL_SECONDS`: memory stays flat however long the stream is.
    """

    def __init__(self, request: Request, batch: LineReader) -> None:
        super().__init__(media_type=NDJSON)
        del self.headers["content-length"]
        self._request = request
        self._batch = batch
        self._pending: deque[tuple[bytes, bool]] = deque()
        self._pending_bytes = 0
        self._has_data = asyncio.Event()
        self._may_receive = asyncio.Event()
        self._may_receive.set()
        self._done = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - an ASGI application's own signature
        """Send the answers while the lines are still arriving."""
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        receiving = asyncio.create_task(self._receive_lines())
        try:
            async for portion in self._answers():
                await send({"type": "http.response.body", "body": portion, "more_body": True})
            await receiving
            await send({"type": "http.response.body", "body": b""})
        except ClientDisconnect:
            return
        finally:
            receiving.cancel()

    async def _receive_lines(self) -> None:
        try:
            async for chunk in self._chunks():
                for start in range(0, len(chunk), MAX_PORTION_BYTES):
                    await self._answer(self._batch.feed(chunk[start : start + MAX_PORTION_BYTES]))
            await self._answer(self._batch.finish())
        finally:
            self._done = True
            self._has_data.set()

    async def _answer(self, answers: Iterator[bytes]) -> None:
        """Append answers in portions; other requests are served, and a slow reader is waited for, between them."""
        await self._wait_until_read()
        portion = bytearray()
        for answer in answers:
            portion += answer
            if len(portion) > MAX_PORTION_BYTES:
                self._append(bytes(portion))
                portion.clear()
                await asyncio.sleep(0)
                await self._wait_until_read()
        self._append(bytes(portion))
        await asyncio.sleep(0)

    async def _chunks(self) -> AsyncIterator[bytes]:
        """Yield the body as it arrives. Raises ClientDisconnect where its sender pauses for too long."""
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

    async def _wait_until_read(self) -> None:
        try:
            async with asyncio.timeout(MAX_STALL_SECONDS):
                await self._may_receive.wait()
        except TimeoutError:
            raise ClientDisconnect from None

    def _append(self, data: bytes) -> None:
        if data:
            compressed = self._pending_bytes > MAX_UNCOMPRESSED_BYTES
            data = zlib.compress(data, 1) if compressed else data
            self._pending.append((data, compressed))
            self._pending_bytes += len(data)
            self._has_data.set()
            if self._pending_bytes > MAX_PENDING_BYTES:
                self._may_receive.clear()

    async def _answers(self) -> AsyncIterator[bytes]:
        while True:
            while self._pending:
                data, compressed = self._pending.popleft()
                self._pending_bytes -= len(data)
                if self._pending_bytes <= MAX_PENDING_BYTES:
                    self._may_receive.set()
                yield zlib.decompress(data) if compressed else data
            if self._done:
                return
            self._has_data.clear()
            await self._has_data.wait()

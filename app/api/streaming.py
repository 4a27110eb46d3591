"""Stream answers to many calculations: NDJSON while more lines arrive, and the items of a list, in bounded memory."""

from __future__ import annotations

import asyncio
import zlib
from collections import deque
from collections.abc import AsyncIterator, Sequence
from typing import Protocol

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from app.api.bodies import MAX_UNCOUNTED_BYTES
from app.api.threads import limits_of, until_gone
from app.api.unread_answers import ABORT_SECONDS, MAX_PIECE_BYTES, MAX_STALL_SECONDS, UnreadAnswers, abort, is_gone
from app.services.calculation.batch import (
    MAX_TOGETHER_BYTES,
    Line,
    LineSplitter,
    ListBatch,
    group_lines,
)
from app.services.event_loop import on_event_loop
from app.services.problems import Problem
from app.services.work import CURRENT, CallerGone, Work

JSON, NDJSON = "application/json", "application/x-ndjson"
MAX_PENDING_BYTES = 32 * 1024 * 1024
MAX_UNCOMPRESSED_BYTES = 1024 * 1024
MAX_LIST_PORTION_BYTES = 256 * 1024


class LineAnswers(Protocol):
    """What answers the lines of a stream, one after the other."""

    def answer_short(self, group: Sequence[Line]) -> list[bytes | None]:
        """Return the answer to each line, None where that may take long. Called on the event loop."""
        ...

    def answer_long(self, line: Line) -> bytes:
        """Return the answer to one line, however long it takes. Called in a thread."""
        ...

    def end(self) -> bytes:
        """Return what is answered after the last line."""
        ...


class ListResponse(Response):
    """Answer the items of a list some at a time, in a thread, each time that the caller has read those before."""

    def __init__(self, request: Request, batch: ListBatch, work: Work, first: list[bytes]) -> None:
        super().__init__(media_type=JSON)
        del self.headers["content-length"]
        self._request = request
        self._batch = batch
        self._work = work
        self._first = first

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the answer while its later items are being calculated."""
        gone = asyncio.ensure_future(until_gone(receive))
        gone.add_done_callback(lambda ended: None if ended.cancelled() else self._work.stop())
        try:
            await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
            async for portion in self._portions(scope):
                await send({"type": "http.response.body", "body": portion, "more_body": True})
                self._work.check()
            await send({"type": "http.response.body", "body": b""})
        finally:
            gone.cancel()

    async def _portions(self, scope: Scope) -> AsyncIterator[bytes]:
        batch, heavy = self._batch, limits_of(self._request).heavy
        answers, self._first = self._first, []
        yield b'{"items":[' + b",".join(answers)
        while not batch.is_done:
            answers = await heavy.run_patiently(scope, batch.answer_some, MAX_LIST_PORTION_BYTES)
            yield b"," + b",".join(answers)
        yield b'],"answered":%d,"failed":%d}' % (batch.answered, batch.failed)


class NdjsonResponse(Response):
    """Answer each line as it arrives.

    Short lines are answered here, some at a time and one stream after the other; what may take long (a series unfolded,
    an explanation, unknown names) in a thread, and only once the caller has read what was answered before. A caller
    that reads only after it has sent everything is served as long as its pending answers, compressed, stay under
    `MAX_PENDING_BYTES` (some hundred thousand short lines), and those of all callers together under a limit of the
    process. Beyond that nothing more is received until it reads, and the connection ends where it does not read for a
    minute: memory stays flat however long the stream is, and whatever a line asks for. A long line that is still
    arriving is counted with the bodies of the process, and has as long to arrive as a body.
    """

    def __init__(self, request: Request, answers: LineAnswers) -> None:
        super().__init__(media_type=NDJSON)
        del self.headers["content-length"]
        self._request = request
        self._lines = answers
        self._splitter = LineSplitter()
        self._counted_bytes = 0
        self._line_began = 0.0
        self._portion = bytearray()
        self._pending: deque[tuple[bytes, bool]] = deque()
        self._pending_bytes = 0
        self._has_data = asyncio.Event()
        self._was_read = asyncio.Event()
        self._done = False
        self._unread: UnreadAnswers = request.app.state.unread
        self._waiting = self._unread.begin(request.scope)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - an ASGI application's own signature
        """Send the answers while the lines are still arriving."""
        # Each line has the limits of one answer; a stream has none.
        CURRENT.set(None)
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        receiving = asyncio.create_task(self._receive_lines())
        try:
            async for portion in self._answers():
                await self._send(send, portion)
            await receiving
            await send({"type": "http.response.body", "body": b""})
        except (ClientDisconnect, CallerGone):
            # The head of the answer is sent, so there is no other way to say that nothing more will come.
            abort(scope)
            await asyncio.sleep(ABORT_SECONDS)
            raise CallerGone from None
        finally:
            receiving.cancel()
            self._unread.end(self._waiting)

    async def _send(self, send: Send, portion: bytes) -> None:
        """Send a portion.

        Raises CallerGone where everything was received, and nothing is read for a minute, and where the connection has
        ended, which the server ends sooner when it is about to stop.
        """
        sending = asyncio.ensure_future(send({"type": "http.response.body", "body": portion, "more_body": True}))
        while not sending.done():
            was_done = self._done
            await asyncio.wait({sending}, timeout=MAX_STALL_SECONDS)
            if was_done and not sending.done():
                sending.cancel()
                raise CallerGone
        sending.result()
        if is_gone(self._request.scope):
            raise CallerGone

    async def _receive_lines(self) -> None:
        try:
            async for chunk in self._chunks():
                for start in range(0, len(chunk), MAX_PIECE_BYTES):
                    lines = self._splitter.feed(chunk[start : start + MAX_PIECE_BYTES])
                    self._count_unfinished(has_begun=bool(lines))
                    await self._answer(lines)
            await self._answer(self._splitter.finish())
            await self._append(self._lines.end())
            self._flush()
        finally:
            self._done = True
            self._has_data.set()

    def _count_unfinished(self, *, has_begun: bool) -> None:
        """Count a long line that is still arriving.

        Raises ClientDisconnect where it is too slow, and where there are too many bytes of such lines and bodies.
        """
        unfinished, app = self._splitter.unfinished_bytes, self._request.app
        counted = unfinished if unfinished > MAX_UNCOUNTED_BYTES else 0
        now = asyncio.get_running_loop().time()
        if has_begun or not counted:
            self._line_began = now
        if counted != self._counted_bytes:
            try:
                app.state.bodies.add(self._request.scope["state"], counted - self._counted_bytes)
            except Problem:
                raise ClientDisconnect from None
            self._counted_bytes = counted
        if now - self._line_began > app.state.settings.body_seconds:
            raise ClientDisconnect

    async def _answer(self, lines: list[Line]) -> None:
        """Append the answers to some lines; other requests are served, and a slow reader is awaited, between them."""
        turns: asyncio.Lock = self._request.app.state.stream_turns
        for group in group_lines(lines):
            await self._wait_until_read(MAX_PENDING_BYTES if self._unread.has_space() else MAX_UNCOMPRESSED_BYTES)
            async with turns:
                answers = self._answer_short(group)
                # So there is one group in each turn of the loop, however many streams there are.
                await asyncio.sleep(0)
            for line, answer in zip(group, answers, strict=True):
                await self._append(await self._answer_long(line) if answer is None else answer)
        self._flush()

    def _answer_short(self, group: list[Line]) -> list[bytes | None]:
        if len(group[0] or b"") > MAX_TOGETHER_BYTES:
            return [None]
        with on_event_loop():
            return self._lines.answer_short(group)

    async def _answer_long(self, line: Line) -> bytes:
        self._flush()
        await self._wait_until_read(MAX_UNCOMPRESSED_BYTES)
        heavy = limits_of(self._request).heavy
        return await heavy.run_patiently(self._request.scope, self._lines.answer_long, line)

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

    async def _wait_until_read(self, limit: int) -> None:
        """Wait while more bytes than that are pending.

        Raises ClientDisconnect where nothing is read for a minute, and where the caller has gone: one that has sent
        everything is not received from any more.
        """
        while self._pending_bytes > limit:
            self._was_read.clear()
            try:
                async with asyncio.timeout(MAX_STALL_SECONDS):
                    await self._was_read.wait()
            except TimeoutError:
                raise ClientDisconnect from None
        if is_gone(self._request.scope):
            raise ClientDisconnect

    async def _append(self, answer: bytes) -> None:
        """Append an answer; one of megabytes in pieces, between which other requests are served."""
        for start in range(0, len(answer), MAX_PIECE_BYTES):
            self._portion += answer[start : start + MAX_PIECE_BYTES]
            if len(self._portion) >= MAX_PIECE_BYTES:
                self._flush()
                await asyncio.sleep(0)

    def _flush(self) -> None:
        """Let the sender have the portion that was put together."""
        if self._portion:
            compressed = self._pending_bytes > MAX_UNCOMPRESSED_BYTES
            data = zlib.compress(self._portion, 1) if compressed else bytes(self._portion)
            self._portion.clear()
            self._pending.append((data, compressed))
            self._count_pending(len(data))
            self._has_data.set()

    def _count_pending(self, added: int) -> None:
        self._pending_bytes += added
        self._unread.set_bytes(self._waiting, self._pending_bytes)

    async def _answers(self) -> AsyncIterator[bytes]:
        while True:
            while self._pending:
                data, compressed = self._pending.popleft()
                self._count_pending(-len(data))
                self._waiting.note_read()
                self._was_read.set()
                yield zlib.decompress(data) if compressed else data
            if self._done:
                return
            self._has_data.clear()
            await self._has_data.wait()

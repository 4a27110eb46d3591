"""The server's reading of a request: its head bounded in size and time, and a plain calculation answered at once.

Named to uvicorn by `deadlines serve`. uvicorn itself would hold a head of any length, for as long as a caller likes,
and would begin a task for every request before its body is looked at.
"""

from __future__ import annotations

import asyncio
import time
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from app.api.direct import PATH
from app.api.quick import quick_of

MOST_HEAD_BYTES = 64 * 1024
HEAD_SECONDS = 20.0
QUICK = PATH.encode("ascii")
BODY = (
    b'{"type":"/problems/head-too-large","title":"The head of the request is too large","status":431,'
    b'"detail":"The address and the headers hold at most 64 KiB together."}'
)
TOO_LARGE = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-type: application/problem+json\r\n"
    b"content-length: %d\r\nconnection: close\r\n\r\n%s" % (len(BODY), BODY)
)


class BoundedProtocol(HttpToolsProtocol):
    """Refuses a head over 64 KiB, and closes a connection whose head does not arrive within 20 seconds.

    A plain calculation is held back until its body is there or what has arrived is read. If it is whole by then,
    `Quick` may answer it; else the server goes on as if nothing had been held.
    """

    def __init__(self, *words: Any, **named: Any) -> None:
        super().__init__(*words, **named)
        self._in_head = True
        self._head_bytes = 0
        self._head_timer: asyncio.TimerHandle | None = None
        self._quick = quick_of(self.app)
        self._held: list[bytes] | None = None
        self._data = b""
        self._waits = False
        self.body = b""
        self.since = 0.0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as in the base
        """Begin to wait for the first head."""
        super().connection_made(transport)
        self._head_timer = self.loop.call_later(HEAD_SECONDS, self._too_slow)

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop waiting."""
        self._stop_waiting()
        self._waits = False
        super().connection_lost(exc)

    def shutdown(self) -> None:
        """Answer what waits to be answered before the connection is closed."""
        self._settle()
        super().shutdown()

    def on_message_begin(self) -> None:
        """A head begins."""
        self._in_head = True
        self._head_bytes = 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """The head ended: what may be answered at once is held back."""
        self._in_head = False
        if self._may_be_quick():
            self._held = []
        else:
            super().on_headers_complete()

    def _may_be_quick(self) -> bool:
        return (
            self.url == QUICK
            and self._quick is not None
            and self.parser.get_method() == b"POST"
            and self.parser.get_http_version() == "1.1"
            and self.parser.should_keep_alive()
            and not self.parser.should_upgrade()
            and not self.expect_100_continue
            and not self.root_path
            and self._idle
            and not self.pipeline
            and not self.flow.write_paused
        )

    @property
    def _idle(self) -> bool:
        """Whether no earlier request of this connection is being answered."""
        cycle: RequestResponseCycle | None = self.cycle
        return cycle is None or cycle.response_complete

    def on_body(self, body: bytes) -> None:
        """Part of the body."""
        if self._held is not None:
            self._held.append(body)
        else:
            super().on_body(body)

    def on_message_complete(self) -> None:
        """The body ended."""
        if self._held is None:
            super().on_message_complete()
            return
        body = self._held[0] if len(self._held) == 1 else b"".join(self._held)
        self.body, self._held, self._waits = body, None, True
        # A request that another follows at once is answered before that is read, and no two wait on one connection.
        if self._data.find(body) + len(body) != len(self._data):
            self._begin()
            self._settle()

    def _begin(self) -> None:
        self.since = time.perf_counter()
        if self._quick is not None:
            self._quick.add(self, self.server_state.default_headers)

    def _settle(self) -> None:
        if self._waits and self._quick is not None:
            self._quick.flush()

    def answered(self, response: bytes | None) -> None:
        """Send the response to the request that waited; without one let the application answer it."""
        if not self._waits:
            return
        body, self.body, self._waits = self.body, b"", False
        if response is None:
            self._held = [body]
            self._let_go()
            super().on_message_complete()
        elif not self.transport.is_closing():
            self.transport.write(response)
            self.on_response_complete()

    def _let_go(self) -> None:
        """Go on as if nothing had been held."""
        held, self._held = self._held, None
        if held is not None:
            super().on_headers_complete()
            for body in held:
                super().on_body(body)

    def data_received(self, data: bytes) -> None:
        """Read on, and see how long the head has become if it has not ended."""
        self._settle()
        self._data = data
        super().data_received(data)
        self._data = b""
        if self._waits:
            self._begin()
        elif self._held is not None:
            if self.transport.is_closing():
                self._held = None
            else:
                self._let_go()
        if not self._in_head:
            if self._head_timer is not None:
                self._stop_waiting()
            return
        self._head_bytes += len(data)
        if self._head_timer is None:
            self._head_timer = self.loop.call_later(HEAD_SECONDS, self._too_slow)
        if self._head_bytes > MOST_HEAD_BYTES and not self.transport.is_closing():
            self.transport.write(TOO_LARGE)
            self.transport.close()

    def _too_slow(self) -> None:
        self._head_timer = None
        if self._in_head and not self.transport.is_closing():
            self.transport.close()

    def _stop_waiting(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

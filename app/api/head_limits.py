"""Limit what a connection may send: the head of a request in size and time, and a body that nobody reads any more.

uvicorn's httptools protocol has no settings for these. It is also where an upgrade to HTTP/2 is declined.
"""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING, Any

import httptools
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from app.api.bodies import ARRIVED
from app.api.malformed import MAX_HEAD_BYTES, head_too_large, malformed, parser_problem, tunnel_refused
from app.api.middleware import REFUSED
from app.api.unread_answers import ABORT, GONE
from app.services.problems import Problem

if TYPE_CHECKING:
    from uvicorn._types import ASGI3Application, ASGISendEvent

MAX_HEAD_SECONDS = 20.0
MAX_LINGER_SECONDS = 5.0
MAX_HALF_CLOSED_SECONDS = 1.0
UPGRADING = frozenset({b"upgrade", b"http2-settings"})


class UnchunkedCycle(RequestResponseCycle):
    """Answer a request of HTTP/1.0, which knows no chunks: a body without a length ends with the connection."""

    async def send(self, message: ASGISendEvent) -> None:
        """Send a part of the answer as it is."""
        self.chunked_encoding = False
        self.expected_content_length = len(message["body"]) if message["type"] == "http.response.body" else 0
        await super().send(message)


class HeadLimitProtocol(HttpToolsProtocol):
    """Answer 431 to a head over 64 KiB, and close a connection whose head does not arrive within 20 seconds.

    A body that is still arriving when its request has been answered is dropped for five seconds more; then the
    connection is closed. A head that proxies may understand otherwise than this server (two hosts, a transfer coding
    other than chunked) is answered 400. A request that offers an upgrade (to h2c, as Java's own client does) is
    answered as HTTP/1.1. What is refused here is answered by the application, with its headers, its log and its
    metrics, after the requests that were sent before. A caller that sends no more may have gone or may be reading: it
    is answered if its answer begins within a second, and one that has gone cannot be written to for long. Named to
    uvicorn by `deadlines serve`.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._in_head = True
        self._in_message = False
        self._ended = False
        """Nothing more is read from this connection."""
        self._is_offer = False
        """The head that has just ended offers an upgrade, and is sent to the parser once more."""
        self._running: RequestResponseCycle | None = None
        """What is being answered, or was last: `cycle` is what was received last."""
        self._data = b""
        self._again = b""
        self._received = 0
        self._before = 0
        self._at_start = True
        self._extensions: dict[str, dict[object, object]] = {}
        self._head_timer: asyncio.TimerHandle | None = None
        self._linger_timer: asyncio.TimerHandle | None = None
        self._half_closed_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as in the base
        """Start the timer of the first head."""
        super().connection_made(transport)
        self._extensions = {
            ABORT: {"call": transport.abort},
            ARRIVED: {"call": self._has_arrived},
            GONE: {"call": transport.is_closing},
        }
        self._start_timer()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the timers, and what is being answered."""
        self._stop_timer()
        self._stop_lingering()
        if self._half_closed_timer is not None:
            self._half_closed_timer.cancel()
        if self._running is not None:
            self._end(self._running)
        super().connection_lost(exc)

    def on_message_begin(self) -> None:
        """Note that a head begins, somewhere in what was read last."""
        self._in_head = self._in_message = True
        self._is_offer = False
        # Where in the first read a head begins is known only if nothing was before it.
        self._received = len(self._data)
        self._before = 0 if self._at_start else len(self._data)
        self._at_start = False
        super().on_message_begin()
        self.scope["extensions"] = self._extensions

    def on_headers_complete(self) -> None:
        """Note that the head has ended, and start its request. Raises Problem, which ends the parser's work."""
        if self.parser.should_upgrade():
            # One that offers nothing is CONNECT, also where its offer was left out before.
            if not any(name == b"upgrade" for name, _ in self.headers):
                raise tunnel_refused()
            self._is_offer = True
            return
        if self._received > MAX_HEAD_BYTES and self._head_bytes() > MAX_HEAD_BYTES:
            raise head_too_large()
        self._reject_ambiguous()
        super().on_headers_complete()
        self._in_head = False
        if self.scope["http_version"] == "1.0":
            # Before it is started, in the loop's next turn: the base has no other place for a cycle of our own.
            self.cycle.__class__ = UnchunkedCycle

    def on_body(self, body: bytes) -> None:
        """Pass a part of the body on."""
        if not self._is_offer:
            super().on_body(body)

    def on_message_complete(self) -> None:
        """Note that the request has ended."""
        self._in_message = False
        self._stop_lingering()
        if not self._is_offer:
            super().on_message_complete()

    def on_response_complete(self) -> None:
        """Give the rest of a body that nobody reads a few seconds to arrive: its sender is to read the answer first."""
        super().on_response_complete()
        if self._in_message and not self.transport.is_closing():
            self._linger_timer = self.loop.call_later(MAX_LINGER_SECONDS, self.transport.close)

    def data_received(self, data: bytes) -> None:
        """Parse what arrived; then look how long the head has become, if it has not ended."""
        if self._ended:
            return
        self._data = data
        self._received += len(data)
        self._at_start = not self._in_message
        super().data_received(data)
        while self._again:
            self._data, self._again = self._again, b""
            super().data_received(self._data)
        self._data = b""
        if not self._in_head:
            self._stop_timer()
            return
        self._start_timer()
        if self._received - self._before > MAX_HEAD_BYTES:
            self._refuse(head_too_large())

    def eof_received(self) -> bool:  # type: ignore[override]  # the base always closes
        """Return True, for the connection to stay open, where a whole request has still to be answered, or refused."""
        cycle: RequestResponseCycle | None = self.cycle
        if cycle is None or cycle.response_complete or (cycle.more_body and not self._ended):
            return False
        self._ended, self._in_head = True, False
        self._stop_timer()
        cycle.keep_alive = False
        self._half_closed_timer = self.loop.call_later(MAX_HALF_CLOSED_SECONDS, self._close_unless_answered)
        return True

    def _close_unless_answered(self) -> None:
        if not self.cycle.response_started:
            self.transport.close()

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - the base's signature; the parser knows more
        """Refuse the request that the parser stopped at. Called where it did."""
        self._refuse(parser_problem(sys.exc_info()[1], in_body=self._in_body))

    def _unsupported_upgrade_warning(self) -> None:
        """Parse a request that offers an upgrade once more, without the offer. Called where the parser stopped at it.

        The parser takes what follows such a head for another protocol; RFC 9110 lets a server ignore the offer.
        """
        stopped = sys.exc_info()[1]
        offset = stopped.args[0] if stopped is not None else len(self._data)
        request = b"%s %s HTTP/%s" % (self.parser.get_method(), self.url, self.parser.get_http_version().encode())
        lines = [request, *(b"%s: %s" % header for header in self.headers if header[0] not in UPGRADING)]
        self._again = b"\r\n".join([*map(without_upgrade, lines), b"", self._data[offset:]])
        self.parser = httptools.HttpRequestParser(self)
        self.parser.set_dangerous_leniencies(lenient_data_after_close=True)

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        self._running = cycle
        super()._start_asgi_task(cycle, app)

    def _refuse(self, problem: Problem) -> None:
        """Answer a problem after the requests that were sent before, close the connection, and read nothing more."""
        in_body, self._ended, self._in_head = self._in_body, True, False
        self._stop_timer()
        if not in_body:
            self._refuse_head(problem)
            return
        # One that has not been started yet is answered with the problem when it is.
        self.cycle.keep_alive = False
        self.cycle.scope["state"][REFUSED] = problem
        if self.cycle is self._running:
            self.loop.call_soon(self._refuse_body, problem)

    def _refuse_head(self, problem: Problem) -> None:
        if not self._in_message:
            self.on_message_begin()
        self.scope["state"][REFUSED] = problem
        self.url = b"/"
        super().on_headers_complete()
        self.cycle.keep_alive = self.cycle.more_body = False

    def _refuse_body(self, problem: Problem) -> None:
        """Refuse a body that is being received. Where its answer has begun, that ends there."""
        if self.cycle.response_started:
            self.transport.close()
        elif not self.transport.is_closing():
            self._end(self.cycle)
            self.cycle = None  # type: ignore[assignment]  # as before the first request
            self._refuse_head(problem)

    @staticmethod
    def _end(cycle: RequestResponseCycle) -> None:
        """Let the application know that nobody waits for its answer."""
        cycle.disconnected = True
        cycle.message_event.set()

    @property
    def _in_body(self) -> bool:
        return self._in_message and not self._in_head

    def _reject_ambiguous(self) -> None:
        """Raise Problem where another server may understand a head otherwise (RFC 9112, 3.2 and 6.1)."""
        hosts = 0
        for name, value in self.headers:
            if name == b"host":
                hosts += 1
            elif name == b"transfer-encoding" and value.strip().lower() != b"chunked":
                raise malformed("Transfer-Encoding", "the only transfer coding that is read is chunked")
        if hosts != 1 and (hosts or self.parser.get_http_version() == "1.1"):
            raise malformed("Host", "a request of HTTP/1.1 has one Host header")

    def _head_bytes(self) -> int:
        return len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers)

    def _has_arrived(self) -> bool:
        """Return True if the body of the last request is here; those before it are, too."""
        return not self.cycle.more_body

    def _start_timer(self) -> None:
        if self._head_timer is None:
            self._head_timer = self.loop.call_later(MAX_HEAD_SECONDS, self._on_timeout)

    def _stop_timer(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _stop_lingering(self) -> None:
        if self._linger_timer is not None:
            self._linger_timer.cancel()
            self._linger_timer = None

    def _on_timeout(self) -> None:
        self._head_timer = None
        if self._in_head and not self.transport.is_closing():
            self.transport.close()


def without_upgrade(line: bytes) -> bytes:
    """Return a header line; of `connection`, only what does not offer an upgrade."""
    name, _, value = line.partition(b": ")
    if name != b"connection":
        return line
    options = [option.strip() for option in value.split(b",")]
    return b"connection: " + b", ".join(option for option in options if option.lower() not in UPGRADING)

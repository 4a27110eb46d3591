"""Limit what a connection may send: the head of a request in size and time, and a body that nobody reads any more.

uvicorn's httptools protocol has no settings for these. It is also where an upgrade to HTTP/2 is declined.
"""

from __future__ import annotations

import asyncio
import sys
from typing import Any

import httptools
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from app.api.bodies import ARRIVED
from app.api.unread_answers import ABORT, GONE

MAX_HEAD_BYTES = 64 * 1024
MAX_HEAD_SECONDS = 20.0
MAX_LINGER_SECONDS = 5.0
BODY = (
    b'{"type":"/problems/head-too-large","title":"The head of the request is too large","status":431,'
    b'"detail":"The address and the headers hold at most 64 KiB together."}'
)
TOO_LARGE = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-type: application/problem+json\r\n"
    b"content-length: %d\r\nconnection: close\r\n\r\n%s" % (len(BODY), BODY)
)
UPGRADING = frozenset({b"upgrade", b"http2-settings"})
ONE_HOST = "A request of HTTP/1.1 has one Host header."
CHUNKED_ONLY = "The only transfer coding that is read is chunked."


class HeadLimitProtocol(HttpToolsProtocol):
    """Answer 431 to a head over 64 KiB, and close a connection whose head does not arrive within 20 seconds.

    A body that is still arriving when its request has been answered is dropped for five seconds more; then the
    connection is closed. A head that proxies may understand otherwise than this server (two hosts, a transfer coding
    other than chunked) is answered 400. A request that offers an upgrade (to h2c, as Java's own client does) is
    answered as HTTP/1.1. Named to uvicorn by `deadlines serve`.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._in_head = True
        self._in_message = False
        self._refused = False
        """The head that has just ended is not to be answered: it is too large, or is sent to the parser once more."""
        self._data = b""
        self._again = b""
        self._received = 0
        self._before = 0
        self._at_start = True
        self._extensions: dict[str, dict[object, object]] = {}
        self._head_timer: asyncio.TimerHandle | None = None
        self._linger_timer: asyncio.TimerHandle | None = None

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
        """Stop the timers."""
        self._stop_timer()
        self._stop_lingering()
        super().connection_lost(exc)

    def on_message_begin(self) -> None:
        """Note that a head begins, somewhere in what was read last."""
        self._in_head = self._in_message = True
        self._refused = False
        # Where in the first read a head begins is known only if nothing was before it.
        self._received = len(self._data)
        self._before = 0 if self._at_start else len(self._data)
        self._at_start = False
        super().on_message_begin()
        self.scope["extensions"] = self._extensions

    def on_headers_complete(self) -> None:
        """Note that the head has ended, and start its request."""
        self._in_head = False
        upgrade = self.parser.should_upgrade()
        if upgrade or (self._received > MAX_HEAD_BYTES and self._head_bytes() > MAX_HEAD_BYTES):
            self._refused = True
            if not upgrade:
                self._refuse()
            return
        if (ambiguous := self._ambiguous()) is not None:
            self._refused = True
            if not self._is_answering():
                self.send_400_response(ambiguous)
            self.transport.close()
            return
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Pass a part of the body on."""
        if not self._refused:
            super().on_body(body)

    def on_message_complete(self) -> None:
        """Note that the request has ended."""
        self._in_message = False
        self._stop_lingering()
        if not self._refused:
            super().on_message_complete()

    def on_response_complete(self) -> None:
        """Give the rest of a body that nobody reads a few seconds to arrive: its sender is to read the answer first."""
        super().on_response_complete()
        if self._in_message and not self.transport.is_closing():
            self._linger_timer = self.loop.call_later(MAX_LINGER_SECONDS, self.transport.close)

    def data_received(self, data: bytes) -> None:
        """Parse what arrived; then look how long the head has become, if it has not ended."""
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
            self._refuse()

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

    def _ambiguous(self) -> str | None:
        """Return what is wrong with a head that another server may understand otherwise (RFC 9112, 3.2 and 6.1)."""
        hosts = 0
        for name, value in self.headers:
            if name == b"host":
                hosts += 1
            elif name == b"transfer-encoding" and value.strip().lower() != b"chunked":
                return CHUNKED_ONLY
        return ONE_HOST if hosts != 1 and (hosts or self.parser.get_http_version() == "1.1") else None

    def _head_bytes(self) -> int:
        return len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers)

    def _has_arrived(self) -> bool:
        """Return True if the body of the last request is here; those before it are, too."""
        return not self.cycle.more_body

    def _refuse(self) -> None:
        if self.transport.is_closing():
            return
        # Not in between the parts of an answer to the request before.
        if not self._is_answering():
            self.transport.write(TOO_LARGE)
        self.transport.close()

    def _is_answering(self) -> bool:
        cycle: RequestResponseCycle | None = self.cycle
        return cycle is not None and not cycle.response_complete

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

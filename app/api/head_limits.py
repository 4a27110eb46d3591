"""Limit what a connection may send and leave unread: heads and trailers, requests that wait, bodies that nobody reads.

uvicorn's httptools protocol has no settings for these. It is also where an upgrade to HTTP/2 is declined.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import httptools
from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

from app.api.bodies import ARRIVED
from app.api.connection_timers import MAX_LINGER_BYTES, TimedProtocol
from app.api.malformed import (
    HOST,
    MAX_HEAD_BYTES,
    MAX_HEADERS,
    framing_too_large,
    head_too_large,
    malformed,
    parser_problem,
    tunnel_refused,
    with_path,
)
from app.api.middleware import REFUSED
from app.api.pipelines import MAX_PARSED_BYTES, Cycle, PipelineFlow, UnchunkedCycle, turns_of
from app.api.unread_answers import ABORT, GONE
from app.services.problems import Problem

if TYPE_CHECKING:
    import asyncio

    from uvicorn._types import ASGI3Application

UPGRADING = frozenset({b"upgrade", b"http2-settings"})


class HeadLimitProtocol(TimedProtocol):
    """Answer 431 to a head over 64 KiB or 200 headers; close a connection whose head does not arrive in 20 seconds.

    What is around the chunks of a body (trailers, extensions) has the same limit. Requests that are sent before the
    answers to those before them wait unread. A body that is still arriving when its request has been answered is
    dropped for five seconds more; then the connection is closed, as is one on which nothing begins, and one whose
    reader takes nothing of what is written for a minute. So is everything dropped that still arrives after the last
    answer of a connection, so that it can be read. A head that proxies may understand otherwise than this server (two
    hosts, a transfer coding other than chunked) is answered 400. A request that offers an upgrade (to h2c, as Java's
    own client does) is answered as HTTP/1.1. What is refused here is answered by the application, with its headers, its
    log and its metrics, after the requests that were sent before. A caller that sends no more may have gone or may be
    reading: it is answered if its answer begins within a second, and one that has gone cannot be written to for long.
    Named to uvicorn by `deadlines serve`.
    """

    _flow: PipelineFlow
    cycle: Cycle

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._turns = turns_of(self.loop)
        self._in_head = True
        self._in_message = False
        self._ended = False
        """Nothing more is read from this connection."""
        self._is_offer = False
        """The head that has just ended offers an upgrade, and is sent to the parser once more."""
        self._data = b""
        self._received = 0
        self._before = 0
        self._dropped = 0
        self._at_start = True
        self._extensions: dict[str, dict[object, object]] = {}

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as in the base
        """Start the timer of the first head."""
        super().connection_made(transport)
        self.flow = self._flow = PipelineFlow(transport, self.pipeline)
        self._extensions = {
            ABORT: {"call": transport.abort},
            ARRIVED: {"call": self._has_arrived},
            GONE: {"call": transport.is_closing},
        }
        self._start_timer()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop what is being answered, and leave no references in a circle: the process seldom looks for those."""
        if self._running is not None:
            self._end(self._running)
        super().connection_lost(exc)
        self.pipeline.clear()
        self._running = self.cycle = None  # type: ignore[assignment]  # as before the first request
        del self._extensions[ARRIVED]

    def on_message_begin(self) -> None:
        """Note that a head begins, somewhere in what was read last."""
        self._unset_keepalive_if_required()
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
        if len(self.headers) > MAX_HEADERS or (self._received > MAX_HEAD_BYTES and self._head_bytes() > MAX_HEAD_BYTES):
            raise head_too_large()
        self._reject_ambiguous()
        if self.url[:1] != b"/":
            self.url = with_path(self.url)
        self._make_cycle()
        self._in_head = False
        if self._head_timer is not None:
            self._stop_timer()
        self._received = self._before = 0
        # Trailers go to a list that nobody reads.
        self.headers = []

    def _make_cycle(self) -> None:
        super().on_headers_complete()
        # Before it runs, in the loop's next turn: the base has no other place for a cycle of our own.
        if self.scope["http_version"] == "1.0":
            self.cycle.__class__ = UnchunkedCycle
            # HTTP/1.0 knows no answer before the answer (RFC 9110, 10.1.1).
            self.cycle.waiting_for_100_continue = False
        else:
            self.cycle.__class__ = Cycle

    def on_body(self, body: bytes) -> None:
        """Pass a part of the body on."""
        self._received = 0
        if not self._is_offer:
            super().on_body(body)

    def on_message_complete(self) -> None:
        """Note that the request has ended. One that was answered before has left nothing that waits."""
        self._in_message = False
        if self._linger_timer is not None:
            self._stop_lingering()
            self._wait_for_next()
        if not self._is_offer:
            super().on_message_complete()

    def on_response_complete(self) -> None:
        """Go on with what has arrived behind the request, if anything has, or end after the last answer."""
        if self._running is not None and self._running.is_last:
            self.server_state.total_requests += 1
            self._finish()
            return
        if self.pipeline and not self.transport.is_closing():
            self.server_state.total_requests += 1
            self._turns.add(self._start_next)
            return
        super().on_response_complete()
        if self._in_message or self._ended or self._flow.unparsed or self.timeout_keep_alive_task is None:
            self._go_on()

    def _go_on(self) -> None:
        if self.transport.is_closing():
            self._watch()
            return
        if self.cycle.response_complete and self._in_message:
            self._unset_keepalive_if_required()
            if self._in_head:
                self._start_timer()
            else:
                # Its sender is to read the answer first.
                self._linger()
        self._go_on_parsing()

    def _start_next(self) -> None:
        if self.pipeline and not self.transport.is_closing():
            self._start_asgi_task(*self.pipeline.pop())
            self._go_on_parsing()

    def _go_on_parsing(self) -> None:
        if self._flow.unparsed and not self.pipeline:
            # Not here, in the middle of the application's answer, whose own error may be being handled.
            self.loop.call_soon(self._parse_rest)

    def _parse_rest(self) -> None:
        if not self.transport.is_closing():
            self.data_received(b"")
            self._flow.resume_reading()

    def data_received(self, data: bytes) -> None:
        """Parse what arrived, until a request has to wait."""
        self._has_moved = True
        if self._ended:
            self._drop(data)
            return
        if len(data) <= MAX_PARSED_BYTES and not self._flow.unparsed:
            self._parse(data)
        else:
            self._parse_in_turn(self._flow.unparsed + data)

    def _parse_in_turn(self, data: bytes) -> None:
        start, goes_on = 0, True
        while goes_on and start < len(data) and not self.pipeline:
            goes_on = self._parse(data[start : start + MAX_PARSED_BYTES])
            start += MAX_PARSED_BYTES
        self._flow.unparsed = data[start:] if goes_on else b""

    def _parse(self, data: bytes) -> bool:
        """Parse some bytes, and look how long a head, or what is around a body, has become. Return False at the end."""
        self._received += len(data)
        self._at_start = not self._in_message
        while data:
            self._data, data = data, b""
            try:
                self.parser.feed_data(self._data)
            except httptools.HttpParserError as error:
                self._refuse(parser_problem(error, in_body=self._in_body))
            except httptools.HttpParserUpgrade as stopped:
                data = self._without_offer(stopped.args[0])
        self._data = b""
        if self._received > MAX_HEAD_BYTES or (self._in_message and len(self.headers) > MAX_HEADERS):
            self._bound_received()
        if self._in_head and self._is_answered:
            self._start_timer()
        return not self._ended

    def _bound_received(self) -> None:
        is_too_large = self._received - self._before > MAX_HEAD_BYTES or len(self.headers) > MAX_HEADERS
        if is_too_large and self._in_message and not self._ended:
            self._refuse(head_too_large() if self._in_head else framing_too_large())

    def eof_received(self) -> bool:  # type: ignore[override]  # the base always closes
        """Return True, for the connection to stay open, where a whole request has still to be answered, or refused.

        Nothing is read while a request waits, so what is being answered now was sent last.
        """
        if self._is_answered or (self.cycle.more_body and not self._ended):
            self._watch()
            return False
        self._ended, self._in_head = True, False
        self._stop_timer()
        self.cycle.make_last()
        self._close_unless_answered_soon()
        return True

    def _without_offer(self, offset: int) -> bytes:
        """Return what the parser stopped at, a request that offers an upgrade, without the offer, for a new parser.

        The parser takes what follows such a head for another protocol; RFC 9110 lets a server ignore the offer.
        """
        request = b"%s %s HTTP/%s" % (self.parser.get_method(), self.url, self.parser.get_http_version().encode())
        lines = [request, *(b"%s: %s" % header for header in self.headers if header[0] not in UPGRADING)]
        self.parser = httptools.HttpRequestParser(self)
        self.parser.set_dangerous_leniencies(lenient_data_after_close=True)
        return b"\r\n".join([*map(without_upgrade, lines), b"", self._data[offset:]])

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        self._running = cast("Cycle", cycle)
        super()._start_asgi_task(cycle, app)

    def _refuse(self, problem: Problem) -> None:
        """Answer a problem after the requests that were sent before, close the connection, and read nothing more."""
        # A traceback leads back to this connection.
        problem.with_traceback(None)
        in_body, self._ended, self._in_head = self._in_body, True, False
        self._stop_timer()
        if not in_body:
            self._refuse_head(problem)
        elif self.cycle.response_complete:
            self._finish()
        else:
            # One that has not been started yet is answered with the problem when it is.
            self._make_refusal(problem)
            if self.cycle is self._running:
                self.loop.call_soon(self._refuse_body, problem)

    def _refuse_head(self, problem: Problem) -> None:
        if not self._in_message:
            self.on_message_begin()
        has_method = self.url != b""
        self.url = b"/"
        self._make_cycle()
        if not has_method:
            # The parser's is that of the request before.
            self.scope["method"] = "GET"
        self.cycle.more_body = False
        self._make_refusal(problem)

    def _make_refusal(self, problem: Problem) -> None:
        self.cycle.scope["state"][REFUSED] = problem
        self.cycle.make_last()

    def _refuse_body(self, problem: Problem) -> None:
        """Refuse a body that is being received. Where its answer has begun, that ends there."""
        if self.transport.is_closing() or self.cycle.response_complete:
            return
        if self.cycle.response_started:
            self._close()
            return
        self._end(self.cycle)
        self.cycle = None  # type: ignore[assignment]  # as before the first request
        self._refuse_head(problem)

    def _finish(self) -> None:
        """Write no more, and drop what still arrives for a while: what was written could be lost in a close at once."""
        self._ended, self._in_head = True, False
        self._stop_timer()
        self._unset_keepalive_if_required()
        self._stop_lingering()
        # What was sent after the last request is not answered.
        self.pipeline.clear()
        self._flow.unparsed = b""
        self.cycle = self._running  # type: ignore[assignment]  # as before the first request
        if self._is_half_closed or self.transport.is_closing():
            self._close()
            return
        self.transport.write_eof()
        self.flow.resume_reading()
        self._linger()

    def _drop(self, data: bytes) -> None:
        """Drop what arrives after the last answer, up to a limit."""
        self._dropped += len(data)
        if self._dropped > MAX_LINGER_BYTES and self._linger_timer is not None:
            self._close()

    def shutdown(self) -> None:
        """Answer what was begun and close the connection; at once where nothing was. The server is about to stop."""
        if not self._is_answered:
            self.cycle.make_last()
        elif not self._ended:
            if self._in_message or self._flow.unparsed:
                self._finish()
            else:
                self._close()
        self._drain()

    @staticmethod
    def _end(cycle: RequestResponseCycle) -> None:
        """Let the application know that nobody waits for its answer."""
        cycle.disconnected = True
        cycle.message_event.set()

    @property
    def _is_answered(self) -> bool:
        """Return True if there is no request whose answer is not complete."""
        last: Cycle | None = self.cycle
        return last is None or last.response_complete

    @property
    def _in_body(self) -> bool:
        return self._in_message and not self._in_head

    def _reject_ambiguous(self) -> None:
        """Raise Problem where another server may understand a head otherwise (RFC 9112, 3.2 and 6.1)."""
        hosts = 0
        for name, value in self.headers:
            if name == b"host":
                hosts += 1
                if not HOST.fullmatch(value):
                    raise malformed("Host", "this is no name or address of a host")
            elif name == b"transfer-encoding" and value.strip().lower() != b"chunked":
                raise malformed("Transfer-Encoding", "the only transfer coding that is read is chunked")
        if hosts != 1 and (hosts or self.parser.get_http_version() == "1.1"):
            raise malformed("Host", "a request of HTTP/1.1 has one Host header")

    def _head_bytes(self) -> int:
        return len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers)

    def _has_arrived(self) -> bool:
        """Return True if the body of the last request is here; those before it are, too."""
        return not self.cycle.more_body


def without_upgrade(line: bytes) -> bytes:
    """Return a header line; of `connection`, only what does not offer an upgrade."""
    name, _, value = line.partition(b": ")
    if name != b"connection":
        return line
    options = [option.strip() for option in value.split(b",")]
    return b"connection: " + b", ".join(option for option in options if option.lower() not in UPGRADING)

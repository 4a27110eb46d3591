"""Plain calculations answered as soon as their last byte is read, without a task for each.

Calculating waits for nothing, so whole requests that lie there can be answered in the same breath. Only what comes
out right is answered here: a request that is not plain, a caller who cannot be known at once (a key not verified yet, a
token, a rate to count), and everything that would be refused go the declared way, which then does as if this had not
been tried. Tests hold the two to the same bytes.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any, ParamSpec, Protocol, TypeVar

import structlog

from app.api.direct import JSON_SENT, PATH, SCOPE, VARY, plain
from app.api.draining import Draining
from app.api.middleware import ALWAYS, UNLESS_SAID, request_id_of
from app.api.security import Guard
from app.services.calculation.plain import read_plain
from app.services.calculation.rendered import rendered
from app.services.calculation.request import Request
from app.services.calculation.response import perform
from app.services.observability import metrics
from app.services.observability.logging import error_location, log_request
from app.services.snapshot.holder import SnapshotHolder
from app.services.snapshot.snapshot import Snapshot

log = structlog.get_logger("quick")

Given = ParamSpec("Given")
Found = TypeVar("Found")
Header = tuple[bytes, bytes]
# As many as are read before the first of them is answered.
MOST_TOGETHER = 32


def _lines(headers: Iterable[Header]) -> bytes:
    return b"".join([b"%s: %s\r\n" % header for header in headers])


BEFORE = _lines([VARY]) + b"content-length: "
BETWEEN = b"\r\n" + _lines([JSON_SENT]) + b"x-request-id: "
AFTER = b"\r\n" + _lines([*ALWAYS, *UNLESS_SAID]) + b"\r\n"


class Waiting(Protocol):
    """A whole request on a connection that stays open: a POST to `PATH` without a query, whose answer is waited for."""

    headers: list[Header]
    body: bytes
    since: float

    def answered(self, response: bytes | None) -> None:
        """Take the response; None where the declared way has to answer."""


class Quick:
    """Answers requests that are plain and right, as bytes for their connections.

    Those that arrived in one turn of the event loop are answered together, one step of the work after another: what a
    step needs is then at hand for all of them, which on a busy server saves a third of the time. All are for what is
    due next: what may be long (series unfolded, explanations) is left to the declared way, one at a time.
    """

    def __init__(self, guard: Guard, live: SnapshotHolder, draining: Draining) -> None:
        self._guard = guard
        self._live = live
        self._draining = draining
        self._waiting: list[Waiting] = []
        self._given: Sequence[Header] = ()
        self._first = b""

    def add(self, request: Waiting, given: Sequence[Header]) -> None:
        """Answer a request at the end of this turn of the loop, the server's own headers (`given`) first."""
        if not self._waiting:
            asyncio.get_running_loop().call_soon(self.flush)
        if given is not self._given:
            self._given, self._first = given, b"HTTP/1.1 200 OK\r\n" + _lines(given) + BEFORE
        self._waiting.append(request)

    def flush(self) -> None:
        """Answer all that wait."""
        waiting, self._waiting = self._waiting, []
        for start in range(0, len(waiting), MOST_TOGETHER):
            self._answer(waiting[start : start + MOST_TOGETHER])

    def _answer(self, waiting: list[Waiting]) -> None:
        snapshot = self._live.snapshot
        asked = [self._asked(each, snapshot) for each in waiting]
        found = [None if each is None else _or_none(perform, each) for each in asked]
        answers = [
            None if request is None or result is None else _or_none(rendered, request, result)
            for request, result in zip(asked, found, strict=True)
        ]
        for each, answer in zip(waiting, answers, strict=True):
            each.answered(self._response(each, answer))

    def _asked(self, waiting: Waiting, snapshot: Snapshot) -> Request | None:
        head = dict(waiting.headers)
        if (
            len(head) != len(waiting.headers)
            or not plain(head)
            or b"origin" in head
            or (self._guard.asks(head) and not self._guard.lets_in(head, SCOPE, snapshot))
            or self._draining.active
            or not snapshot.ready
        ):
            return None
        return _or_none(read_plain, snapshot, waiting.body)

    def _response(self, waiting: Waiting, answer: bytes | None) -> bytes | None:
        if answer is None:
            return None
        request_id = request_id_of(waiting.headers)
        seconds = time.perf_counter() - waiting.since
        metrics.observe_request("POST", PATH, 200, seconds)
        log_request(request_id, "POST", PATH, 200, seconds)
        return b"%s%d%s%s%s%s" % (self._first, len(answer), BETWEEN, request_id.encode("ascii"), AFTER, answer)


def _or_none(step: Callable[Given, Found], *given: Given.args, **named: Given.kwargs) -> Found | None:
    """What a step of the work comes to; None where it failed, and then the declared way answers.

    A fault of the work's own is met there again and told as one; a fault of this way alone is told only here.
    """
    try:
        return step(*given, **named)
    except Exception as error:  # noqa: BLE001 - whatever it was, one request must not take the others with it
        log.warning("not_answered_quickly", error=type(error).__name__, at=error_location(error))
        return None


def quick_of(app: Any) -> Quick | None:
    """The one that an application has, looked for inside whatever a server has wrapped it in."""
    while app is not None and not hasattr(app, "state"):
        app = getattr(app, "app", None)
    return getattr(app.state, "quick", None) if app is not None else None

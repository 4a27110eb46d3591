"""A plain calculation answered as soon as its last byte is read, without a task of its own.

Calculating waits for nothing, so a whole request that lies there can be answered in the same breath. Only what comes
out right is answered here: a request that is not plain, a caller to be asked for a key, and everything that would be
refused go the declared way, which then does as if this had not been tried. Tests hold the two to the same bytes.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from typing import Any

from app.api.direct import JSON_SENT, PATH, VARY, plain
from app.api.draining import Draining
from app.api.guard import Guard
from app.api.middleware import ALWAYS, UNLESS_SAID, request_id_of
from app.service import metrics
from app.service.live import Live
from app.service.logs import request_answered
from app.service.plain import read_plain
from app.service.rendered import rendered_answer
from app.service.requests import read_request
from app.service.strict_json import parse_json

Header = tuple[bytes, bytes]


def _lines(headers: Iterable[Header]) -> bytes:
    return b"".join([b"%s: %s\r\n" % header for header in headers])


BEFORE = _lines([VARY]) + b"content-length: "
BETWEEN = b"\r\n" + _lines([JSON_SENT]) + b"x-request-id: "
AFTER = b"\r\n" + _lines([*ALWAYS, *UNLESS_SAID]) + b"\r\n"


class Quick:
    """Answers a request that is plain and right, as bytes for the connection."""

    def __init__(self, guard: Guard, live: Live, draining: Draining) -> None:
        self._guard = guard
        self._live = live
        self._draining = draining
        self._given: Sequence[Header] = ()
        self._first = b""

    def answer(self, headers: Sequence[Header], body: bytes, given: Sequence[Header]) -> bytes | None:
        """The whole response, the server's own headers (`given`) first; None where the declared way has to answer.

        For a POST to `PATH` without a query on a connection that stays open.
        """
        head = dict(headers)
        snapshot = self._live.snapshot
        if (
            len(head) != len(headers)
            or not plain(head)
            or b"origin" in head
            or self._guard.asks(head)
            or self._draining.active
            or not snapshot.ready
        ):
            return None
        started = time.perf_counter()
        try:
            asked = read_plain(snapshot, body) or read_request(snapshot, parse_json(body))
            if asked.profile.withdrawn_at is not None:
                return None
            data = rendered_answer(asked)
        except Exception:  # noqa: BLE001 - whatever it was, the declared way meets it again and tells it
            return None
        request_id = request_id_of(headers)
        seconds = time.perf_counter() - started
        metrics.answered("POST", PATH, 200, seconds)
        request_answered(request_id, "POST", PATH, 200, seconds)
        if given is not self._given:
            self._given, self._first = given, b"HTTP/1.1 200 OK\r\n" + _lines(given) + BEFORE
        return b"%s%d%s%s%s%s" % (self._first, len(data), BETWEEN, request_id.encode("ascii"), AFTER, data)


def quick_of(app: Any) -> Quick | None:
    """The one that an application has, looked for inside whatever a server has wrapped it in."""
    while app is not None and not hasattr(app, "state"):
        app = getattr(app, "app", None)
    return getattr(app.state, "quick", None) if app is not None else None

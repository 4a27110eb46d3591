"""What happens to every request: an id, a log line without anything that was sent, security headers, no traceback."""

from __future__ import annotations

import random
import re
import secrets
import time
from collections.abc import Iterable

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.draining import Draining
from app.api.rate_limits import HEADERS as RATE_HEADERS
from app.api.rendering import problem
from app.services.observability import metrics
from app.services.observability.logging import error_location, log_request
from app.services.problems import Problem

log = structlog.get_logger("access")

REQUEST_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")
# An id tells lines of a log apart and keeps no secret: each process begins from a number of its own.
NUMBERS = random.Random(secrets.randbits(256))  # noqa: S311 - no secret is made of it
LONGEST_QUERY = 16 * 1024
RawHeaders = tuple[tuple[bytes, bytes], ...]
ALWAYS: RawHeaders = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"DENY"),
    (b"cross-origin-resource-policy", b"same-origin"),
)
# These stand only where the answer does not say otherwise: pages bring a policy of their own, the catalogue is kept.
POLICY = (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'")
NO_STORE = (b"cache-control", b"no-store")
UNLESS_SAID = (POLICY, NO_STORE)
OF_ITS_OWN = frozenset({POLICY[0], NO_STORE[0]})


class Envelope:
    """Wraps the application: the outermost of our own layers."""

    def __init__(self, app: ASGIApp, draining: Draining | None = None) -> None:
        self._app = app
        self._draining = draining

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = request_id_of(scope["headers"])
        state = scope.setdefault("state", {})
        state["request_id"] = request_id
        started = time.perf_counter()
        status = 500
        begun = False

        method = scope["method"]
        if method == "HEAD":
            scope["method"] = "GET"

        async def sending(message: Message) -> None:
            nonlocal status, begun
            if message["type"] == "http.response.start":
                status, begun = message["status"], True
                message["headers"] = self._headers(message["headers"], request_id, state)
            elif method == "HEAD":
                message = {**message, "body": b""}
            await send(message)

        try:
            if len(scope["query_string"]) > LONGEST_QUERY:
                refusal = Problem("uri-too-long", f"A query holds at most {LONGEST_QUERY // 1024} KiB; send a body.")
                await problem(refusal)(scope, receive, sending)
            else:
                await self._app(scope, receive, sending)
        except Exception as error:
            # Only the kind of error is logged: its text could carry what was sent.
            log.error("failed", request_id=request_id, error=type(error).__name__, at=error_location(error))  # noqa: TRY400 - a traceback could carry it too
            if begun:
                raise
            found = problem(Problem("internal-error", "The request could not be answered; it was logged by its id."))
            await found(scope, receive, sending)
        finally:
            route = getattr(scope.get("route"), "path", "(none)")
            seconds = time.perf_counter() - started
            metrics.observe_request(method, route, status, seconds)
            log_request(request_id, method if method in metrics.METHODS else "(other)", route, status, seconds)

    def _headers(
        self, given: list[tuple[bytes, bytes]], request_id: str, state: dict[str, object]
    ) -> list[tuple[bytes, bytes]]:
        headers = [*given, (b"x-request-id", request_id.encode()), *ALWAYS]
        own = [name for name, _ in given if name in OF_ITS_OWN]
        headers += [each for each in UNLESS_SAID if each[0] not in own] if own else UNLESS_SAID
        rates = state.get(RATE_HEADERS)
        if isinstance(rates, dict):
            headers += [(name.lower().encode(), value.encode()) for name, value in rates.items()]
        if self._draining is not None and self._draining.active:
            headers.append((b"connection", b"close"))
        return headers


def request_id_of(headers: Iterable[tuple[bytes, bytes]]) -> str:
    """The caller's own id where it is a plain one, else a new one."""
    for name, value in headers:
        if name == b"x-request-id" and REQUEST_ID.fullmatch(value):
            return str(value, "ascii")
    return f"{NUMBERS.getrandbits(128):032x}"

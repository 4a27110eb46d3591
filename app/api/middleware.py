"""Give every request an id, security headers, one log line without anything that was sent, and no traceback."""

from __future__ import annotations

import asyncio
import random
import re
import secrets
import time
from collections.abc import Awaitable, Iterable

from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.bodies import COUNTED
from app.api.draining import Draining
from app.api.errors import problem_response
from app.api.rate_limits import HEADERS as RATE_HEADERS
from app.api.unread_answers import MAX_PIECE_BYTES, UnreadAnswers
from app.services.observability.logging import error_location
from app.services.observability.requests import Finished, record
from app.services.observability.structured import get_logger
from app.services.problems import Fault, Problem
from app.services.work import CURRENT, CallerGone

log = get_logger("access")

REQUEST_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")
# An id tells lines of a log apart and keeps no secret; each process begins from a seed of its own.
REQUEST_IDS = random.Random(secrets.randbits(256))  # noqa: S311 - no secret is made of it
MAX_QUERY_BYTES = 16 * 1024
RawHeaders = tuple[tuple[bytes, bytes], ...]
SECURITY_HEADERS: RawHeaders = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"DENY"),
    (b"cross-origin-resource-policy", b"same-origin"),
)
# Added unless the response has its own: pages bring a policy, and the catalogue may be cached.
DEFAULTS: RawHeaders = (
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"cache-control", b"no-store"),
)
DEFAULT_NAMES = frozenset(name for name, _ in DEFAULTS)
UNMATCHED = "(none)"
# Sent to nobody: the status under which a request is counted whose caller closed the connection before its answer.
CALLER_GONE = 499
REFUSED = "refused"
"""What the state of a request has that the server itself refuses: its problem. Set by app.api.head_limits."""


class RequestContextMiddleware:
    """Wrap the application as the outermost of our own layers.

    Answers HEAD as GET without the body, and turns an unexpected error into a 500 problem that names the request id.
    """

    def __init__(self, app: ASGIApp, draining: Draining) -> None:
        self._app = app
        self._draining = draining
        self._finished: list[Finished] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        received_at = time.perf_counter()
        # A request that was sent before the answer to the last one starts in that one's context.
        CURRENT.set(None)
        request_id = request_id_of(scope["headers"])
        state = scope.setdefault("state", {})
        unread: UnreadAnswers = scope["app"].state.unread
        state["request_id"] = request_id
        status = 0
        method = scope["method"]
        if method == "HEAD":
            # A copy: the server looks at its own scope to leave out the body, and would miss one that it was promised.
            scope = {**scope, "method": "GET"}

        def send_with_headers(message: Message) -> Awaitable[None]:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = self._headers(message["headers"], request_id, state)
            elif method == "HEAD":
                message = {**message, "body": b""}
            elif len(message.get("body", b"")) > MAX_PIECE_BYTES:
                return unread.write(scope, send, message)
            return send(message)

        try:
            too_long = len(scope["query_string"]) > MAX_QUERY_BYTES
            problem = state.get(REFUSED) or (query_too_long() if too_long else None)
            if problem is None:
                await self._app(scope, receive, send_with_headers)
            else:
                await problem_response(problem)(scope, receive, send_with_headers)
        except (CallerGone, ClientDisconnect):
            status = CALLER_GONE
        except Exception as error:
            # Only the type of the error is logged: its text could repeat what was sent.
            log.error("failed", request_id=request_id, error=type(error).__name__, at=error_location(error))  # noqa: TRY400 - a traceback could repeat it too
            if status:
                raise
            problem = Problem("internal-error", "The request could not be answered; it was logged by its id.")
            await problem_response(problem)(scope, receive, send_with_headers)
        finally:
            route = getattr(scope.get("route"), "path", UNMATCHED)
            seconds, key = time.perf_counter() - received_at, state.get("key_id")
            if COUNTED in state:
                scope["app"].state.bodies.release(state)
            self._record(Finished(request_id, method, route, status or 500, seconds, key))

    def _record(self, finished: Finished) -> None:
        """Count and log a finished request at the end of the loop's turn, with the others that finished in it."""
        if not self._finished:
            asyncio.get_running_loop().call_soon(self._record_all)
        self._finished.append(finished)

    def _record_all(self) -> None:
        finished, self._finished = self._finished, []
        record(finished)

    def _headers(
        self, own: list[tuple[bytes, bytes]], request_id: str, state: dict[str, object]
    ) -> list[tuple[bytes, bytes]]:
        headers = [*own, (b"x-request-id", request_id.encode()), *SECURITY_HEADERS]
        present = [name for name, _ in own if name in DEFAULT_NAMES]
        headers += [header for header in DEFAULTS if header[0] not in present] if present else DEFAULTS
        rates = state.get(RATE_HEADERS)
        if isinstance(rates, dict):
            headers += [(name.lower().encode(), value.encode()) for name, value in rates.items()]
        if self._draining.active:
            headers.append((b"connection", b"close"))
        return headers


def query_too_long() -> Problem:
    """Return the problem of a query over its limit."""
    most = f"{MAX_QUERY_BYTES // 1024} KiB"
    fault = Fault("(query)", "the query is too long", f"send at most {most}, or a body")
    return Problem("uri-too-long", f"A query holds at most {most}; send a body.", [fault])


def request_id_of(headers: Iterable[tuple[bytes, bytes]]) -> str:
    """Return the caller's own request id where it is a simple one, else a new one."""
    for name, value in headers:
        if name == b"x-request-id" and REQUEST_ID.fullmatch(value):
            return str(value, "ascii")
    return REQUEST_IDS.getrandbits(128).to_bytes(16).hex()

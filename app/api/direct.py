"""The shortest way to the one answer that is asked for most: a calculation sent and answered as plain JSON.

FastAPI declares and documents the route and answers whatever is not plain: a parameter in the address, another form of
answer, a header sent twice. What it would find out anew for each request (which route, which dependencies, which
parameters) is known here beforehand. Who is let in, how the body is read, what is refused and what is answered are the
same functions on both ways.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from app.api.bodies import MOST_BYTES, gathered
from app.api.rendering import problem
from app.api.security import Guard
from app.api.withdrawn import withdrawn_headers
from app.services.calculation.json_body import parse_json
from app.services.calculation.plain import read_plain
from app.services.calculation.rendered import rendered_answer
from app.services.calculation.request import read_request
from app.services.problems import Problem
from app.services.snapshot.holder import SnapshotHolder
from app.services.snapshot.snapshot import loaded

PATH = "/v1/calculations"
SCOPE = "calculate"
JSON = frozenset({None, b"application/json", b"application/json; charset=utf-8", b"application/json;charset=UTF-8"})
ANY_FORM = frozenset({None, b"*/*", b"application/json", b"application/json, text/plain, */*"})
VARY, JSON_SENT = (b"vary", b"Accept"), (b"content-type", b"application/json")


class Known:
    """The route as logs and metrics name it."""

    path = PATH


class Direct:
    """Answers what it knows, the innermost of our own layers, and leaves the rest to the application."""

    def __init__(self, app: ASGIApp, guard: Guard, live: SnapshotHolder, body_seconds: float) -> None:
        self._app = app
        self._guard = guard
        self._live = live
        self._body_seconds = body_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if not concerns(scope):
            await self._app(scope, receive, send)
            return
        head = dict(scope["headers"])
        if len(head) != len(scope["headers"]) or not plain(head):
            await self._app(scope, receive, send)
            return
        scope["route"] = Known
        try:
            if self._guard.asks(head):
                scope["path_params"] = {}
                await self._guard.admit(Request(scope, receive), SCOPE)
            body = await gathered(receive, MOST_BYTES, self._body_seconds)
            snapshot = loaded(self._live.snapshot)
            asked = read_plain(snapshot, body) or read_request(snapshot, parse_json(body))
            data = rendered_answer(asked)
        except Problem as found:
            await problem(found)(scope, receive, send)
            return
        headers = [VARY, (b"content-length", b"%d" % len(data)), JSON_SENT]
        if asked.profile.withdrawn_at is not None:
            told = withdrawn_headers(snapshot, asked.profile)
            headers[1:1] = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in told.items()]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": data})


def concerns(scope: Scope) -> bool:
    """Whether a request is for the calculation, with nothing in its address besides."""
    return (
        scope["type"] == "http"
        and scope["path"] == PATH
        and scope["method"] == "POST"
        and not scope["query_string"]
        and not scope.get("root_path")
    )


def plain(head: dict[bytes, bytes]) -> bool:
    """Whether the head says nothing but that JSON comes and JSON is wanted, of a length that is taken."""
    length = head.get(b"content-length", b"0")
    return (
        head.get(b"content-type") in JSON
        and head.get(b"accept") in ANY_FORM
        and b"content-encoding" not in head
        and len(length) < 8
        and length.isdigit()
        and int(length) <= MOST_BYTES
    )

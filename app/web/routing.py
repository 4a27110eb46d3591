"""How a page answers: as HTML, also when it refuses, under a policy that lets nothing in from elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from app.services.observability import metrics
from app.services.problems import TITLES, Problem
from app.web.templating import render

POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; object-src 'none'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
# A browser asks for a name and a password when it is told so, and a key is taken as the password.
ASK_FOR_KEY = 'Basic realm="Practice Deadlines: any name, the key as password", charset="UTF-8"'


class PageRoute(APIRoute):
    """A route that tells its refusals as a page."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler, its refusals turned into pages and the policy put on whatever it answers."""
        inner = super().get_route_handler()

        async def handle(request: Request) -> Response:
            try:
                response = await inner(request)
            except Problem as problem:
                response = refused(problem)
            for name, value in HEADERS.items():
                response.headers.setdefault(name, value)
            return response

        return handle


def page(template: str, *, cache: str = "no-cache", status: int = 200, **context: Any) -> Response:
    """A page."""
    return HTMLResponse(render(template, **context), status, {"Cache-Control": cache})


def refused(problem: Problem) -> Response:
    """A refusal as a page, with the status and headers that it has elsewhere."""
    metrics.count_problem(problem.kind)
    response = page(
        "refused.html",
        status=problem.status,
        cache="no-store",
        here="",
        title=TITLES[problem.kind][1],
        detail=problem.detail,
        faults=problem.faults,
    )
    response.headers.update(problem.headers)
    if problem.status == 401:
        response.headers["WWW-Authenticate"] = ASK_FOR_KEY
    return response

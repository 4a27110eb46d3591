"""The shortest way to the one answer that is asked for most: a calculation without parameters in its address.

FastAPI declares and documents the route and answers it wherever anything but a body is sent along; what it would find
out anew for each request (which route, which dependencies, which parameters) is known here beforehand. Who is let in,
how the body is read, what is refused and what is answered are the same functions on both ways.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from app.api import failures
from app.api.guard import Guard
from app.api.rendering import problem
from app.api.routes import calculations
from app.service.ports import StoreError
from app.service.problems import Problem

PATH = "/v1/calculations"
SCOPE = "calculate"


class Known:
    """The route as logs and metrics name it."""

    path = PATH


class Direct:
    """Answers what it knows, the innermost of our own layers, and leaves the rest to the application."""

    def __init__(self, app: ASGIApp, guard: Guard) -> None:
        self._app = app
        self._guard = guard

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if (
            scope["type"] != "http"
            or scope["method"] != "POST"
            or scope["path"] != PATH
            or scope["query_string"]
            or scope.get("root_path")
        ):
            await self._app(scope, receive, send)
            return
        scope["route"] = Known
        scope["path_params"] = {}
        request = Request(scope, receive)
        response: Response
        try:
            await self._guard.admit(request, SCOPE)
            response = await calculations.calculated(request)
        except Problem as found:
            response = problem(found)
        except StoreError as error:
            response = await failures.refused(request, error)
        await response(scope, receive, send)

"""Let web pages of the allowed origins call the service, and tell the author of any other what is not allowed."""

from __future__ import annotations

from typing import Any

from starlette.datastructures import Headers
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import Response

from app.api.errors import problem_response
from app.services.problems import Fault, Problem
from app.settings import Settings

METHODS = ("GET", "POST", "PUT", "DELETE")
DISALLOWED = "Disallowed CORS "
FAULTS = {
    "origin": Fault(
        "Origin",
        "pages of this origin may not call the service",
        "let whoever runs the service add it to DEADLINES_ALLOWED_ORIGINS, or call from a server",
    ),
    "method": Fault(
        "Access-Control-Request-Method", "a page may not use this method", f"use one of: {', '.join(METHODS)}"
    ),
    "headers": Fault(
        "Access-Control-Request-Headers",
        "a page may not send one of these headers",
        "send none but those that Access-Control-Allow-Headers lists",
    ),
    "private-network": Fault(
        "Access-Control-Request-Private-Network",
        "a public page may not call a private address",
        "serve the page from the same network",
    ),
}


class CrossOrigin(CORSMiddleware):
    """Answer a browser's question before a page's request, a refusal as a problem with every fault."""

    def preflight_response(self, request_headers: Headers) -> Response:
        """Return the answer to the question that an OPTIONS request asks."""
        answer = super().preflight_response(request_headers)
        if answer.status_code == 200:
            return answer
        failures = bytes(answer.body).decode().removeprefix(DISALLOWED).split(", ")
        headers = {name: value for name, value in answer.headers.items() if not name.startswith("content-")}
        detail = "A page of another origin may not send this request."
        return problem_response(Problem("bad-request", detail, [FAULTS[name] for name in failures], headers))


def cross_origin(settings: Settings) -> dict[str, Any]:
    """Return what browsers on the allowed origins may do: everything a caller may, never with cookies."""
    sent = ["Authorization", "Content-Type", "If-Match", "If-None-Match", "X-API-Key", "X-Request-Id"]
    read = ["ETag", "Location", "RateLimit", "RateLimit-Policy", "Retry-After", "X-Request-Id"]
    if settings.mcp:
        sent += ["Last-Event-ID", "Mcp-Method", "Mcp-Name", "Mcp-Protocol-Version", "Mcp-Session-Id"]
        read += ["Mcp-Protocol-Version", "Mcp-Session-Id", "WWW-Authenticate"]
    return {
        "allow_origins": settings.allowed_origins,
        "allow_methods": METHODS,
        "allow_headers": sent,
        "expose_headers": read,
        "max_age": 600,
    }

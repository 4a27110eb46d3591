"""Which scope a route asks for, and who was let in."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from starlette.requests import Request

from app.api.security import Guard
from app.services.access.permissions import Caller


def needs(scope: str) -> Callable[[Request], Awaitable[None]]:
    """A dependency that lets a request pass if its caller has the scope; the name is read by the house tests."""

    async def check(request: Request) -> None:
        guard: Guard = request.app.state.guard
        await guard.admit(request, scope)

    check.__name__ = f"needs_{scope}"
    check.scope = scope  # type: ignore[attr-defined]  # read by the OpenAPI document and the house test
    return check


def caller(request: Request) -> Caller:
    """The caller whom the route's scope let in."""
    found: Caller = request.state.caller
    return found

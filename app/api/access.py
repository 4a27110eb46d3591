"""Which scope a route asks for."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from starlette.requests import Request


def needs(scope: str) -> Callable[[Request], Awaitable[None]]:
    """A dependency that lets a request pass if its caller has the scope; the name is read by the house tests."""

    async def check(request: Request) -> None:
        guard = request.app.state.guard
        guard.require(request, scope)

    check.__name__ = f"needs_{scope}"
    check.scope = scope  # type: ignore[attr-defined]  # read by the OpenAPI document and the house test
    return check

"""Say where a token for /mcp comes from (RFC 9728), so that an assistant can ask its user to sign in.

Only where the operator has set an issuer (DEADLINES_OIDC_ISSUER): the service takes tokens, and issues none.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import APIRouter, params
from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from app.services.problems import Problem
from app.settings import Settings

METADATA = "/.well-known/oauth-protected-resource"
SCOPES = ("calculate",)


def add_metadata(router: APIRouter, settings: Settings, path: str, no_query: params.Depends) -> None:
    """Serve the metadata of the resource at a path, at the two addresses that clients look at. Open to everybody."""

    async def metadata(request: Request) -> JSONResponse:
        described = {
            "resource": f"{origin(request, settings)}{path}",
            "resource_name": "Practice Deadlines",
            "authorization_servers": [settings.oidc_issuer],
            "bearer_methods_supported": ["header"],
            "scopes_supported": list(SCOPES),
        }
        return JSONResponse(described, headers={"Cache-Control": "max-age=3600"})

    for address in (METADATA, f"{METADATA}{path}"):
        router.add_api_route(
            address, metadata, methods=["GET"], dependencies=[no_query], response_model=None, include_in_schema=False
        )


def origin(request: Request, settings: Settings) -> str:
    """Return the address that the service is known by: the operator's (DEADLINES_DOCS_ORIGIN), else the request's."""
    return (settings.docs_origin or str(request.base_url)).rstrip("/")


class ChallengingRoute(APIRoute):
    """A route that tells a caller without a valid token where the metadata is."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Wrap the handler: add the address to the challenge."""
        inner = super().get_route_handler()

        async def handle(request: Request) -> Response:
            try:
                return await inner(request)
            except Problem as problem:
                settings: Settings = request.app.state.settings
                challenge = problem.headers.get("WWW-Authenticate", "")
                if settings.oidc_issuer and challenge.startswith("Bearer"):
                    address = f"{origin(request, settings)}{METADATA}{self.path}"
                    problem.headers["WWW-Authenticate"] = f'{challenge}, resource_metadata="{address}"'
                raise

        return handle

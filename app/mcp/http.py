"""Serve assistants at /mcp: one request, one answer, so that any of several processes can answer it.

Who may call, how long a body may be and how much work it may make is decided as for every other address: the
application passes the functions that decide it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, NamedTuple, ParamSpec, TypeVar, cast
from urllib.parse import urlsplit

from fastapi import APIRouter, Depends, FastAPI, params
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from mcp.server.transport_security import TransportSecurityMiddleware, TransportSecuritySettings
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from app.mcp.discovery import ChallengingRoute, add_metadata
from app.mcp.server import Context, Work, build_server
from app.services.calculation.json_body import parse_json
from app.services.problems import Fault, Problem
from app.services.snapshot.holder import SnapshotHolder
from app.services.snapshot.snapshot import Snapshot, require_ready
from app.services.work import CURRENT, WorkBudget
from app.services.work import Work as CountedWork
from app.settings import Settings

Params = ParamSpec("Params")
Result = TypeVar("Result")
PATH = "/mcp"
LOCAL = ("localhost", "127.0.0.1", "[::1]")


class Limits(NamedTuple):
    """What the application decides for every address."""

    guard: Callable[[str], params.Security]
    """Make the dependency that lets a caller with a scope through."""
    no_query: params.Depends
    """The dependency that refuses every query parameter."""
    receive_json: Callable[[Request], Awaitable[bytes]]
    """Receive a JSON body within the limits of size and time."""
    check_values: Callable[[bytes], None]
    """Refuse a body with too many values."""
    budget_of: Callable[[str], WorkBudget]


def mount(app: FastAPI, live: SnapshotHolder, settings: Settings, limits: Limits) -> None:
    """Add /mcp to the application."""
    endpoint = _Endpoint(live, transport_security(settings), limits)
    router = APIRouter(lifespan=endpoint.lifespan, route_class=ChallengingRoute)
    if settings.oidc_issuer:
        add_metadata(router, settings, PATH, limits.no_query)
    router.add_api_route(
        PATH,
        endpoint.answer,
        methods=["POST"],
        # The origin first: a page of another site learns nothing of keys.
        dependencies=[Depends(endpoint.refuse_foreign), limits.guard("calculate"), limits.no_query],
        response_model=None,
        include_in_schema=False,
    )
    app.include_router(router)


def transport_security(settings: Settings) -> TransportSecuritySettings:
    """Return the names and the origins that requests may come by: no page of another site can reach /mcp.

    Besides this machine's own names, those of DEADLINES_MCP_HOSTS and of the service's public URL.
    """
    public = urlsplit(settings.docs_origin).netloc
    named = [*LOCAL, *settings.mcp_hosts, *([public] if public else [])]
    return TransportSecuritySettings(
        enable_dns_rebinding_protection=True,
        allowed_hosts=[*named, *(f"{name}:*" for name in (*LOCAL, *settings.mcp_hosts))],
        allowed_origins=list(settings.allowed_origins),
    )


class _Endpoint:
    """Hands the requests to /mcp to the protocol's package."""

    def __init__(self, live: SnapshotHolder, security: TransportSecuritySettings, limits: Limits) -> None:
        self._live = live
        self._security = security
        self._limits = limits
        self._protection = TransportSecurityMiddleware(security)
        self._manager: StreamableHTTPSessionManager | None = None

    @asynccontextmanager
    async def lifespan(self, _: Any) -> AsyncIterator[None]:
        """Run the package's part for as long as the application runs."""
        self._manager = StreamableHTTPSessionManager(
            build_server(self._snapshot, self._run),
            stateless=True,
            json_response=True,
            security_settings=self._security,
        )
        async with self._manager.run():
            yield

    async def refuse_foreign(self, request: Request) -> None:
        """Raise Problem for a request by a name or from an origin that is not allowed (DNS rebinding)."""
        refused = await self._protection.validate_request(request)
        if refused is not None:
            header = "Origin" if refused.status_code == 403 else "Host"
            setting = "DEADLINES_ALLOWED_ORIGINS" if header == "Origin" else "DEADLINES_MCP_HOSTS"
            fault = Fault(header, "this is not allowed here", f"the operator can allow it in {setting}")
            raise Problem("forbidden", f"The header {header} names a place that may not use /mcp.", [fault])

    async def answer(self, request: Request) -> Response:
        """Receive a body within the limits, and let the package answer it."""
        body = await self._limits.receive_json(request)
        assert self._manager is not None
        await _in_turn(request, self._check, body)
        return _Handed(self._manager, body)

    def _check(self, body: bytes) -> None:
        self._limits.check_values(body)
        parse_json(body)

    def _snapshot(self) -> Snapshot:
        return require_ready(self._live.snapshot)

    async def _run(self, context: Context, operation: str, work: Work) -> bytes:
        CURRENT.set(CountedWork(self._limits.budget_of(operation)))
        return await _in_turn(cast(Request, context.request), work)


async def _in_turn(
    request: Request, work: Callable[Params, Result], *args: Params.args, **kwargs: Params.kwargs
) -> Result:
    """Run work in a thread in its caller's turn, under the application's limiter of heavy work."""
    limiter = request.app.state.limits.heavy
    return cast(Result, await limiter.run(request.scope, request.receive, work, *args, **kwargs))


class _Handed(Response):
    """An answer that the package writes, of a body that was received already."""

    def __init__(self, manager: StreamableHTTPSessionManager, body: bytes) -> None:
        super().__init__()
        self._manager = manager
        self._received = body

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand the request over."""
        first: list[Message] = [{"type": "http.request", "body": self._received, "more_body": False}]

        async def receive_again() -> Message:
            return first.pop() if first else await receive()

        await self._manager.handle_request(scope, receive_again, send)

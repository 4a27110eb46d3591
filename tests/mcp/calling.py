"""An assistant that calls the service with the protocol's own client, over each transport."""

import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import anyio
import httpx2
from mcp import Client, StdioServerParameters
from mcp.client.streamable_http import streamable_http_client
from mcp.server.lowlevel import Server

from app.mcp.server import build_server
from app.mcp.stdio import run_in_thread
from app.services.snapshot.offline import packaged_snapshot

Result = TypeVar("Result")
MODES = ("auto", "legacy")
EVENT = {"type": "strategy_discussion_held", "occurred_at": "2025-12-18T14:30:00+00:00"}
CALCULATION: dict[str, Any] = {"profile": "swindon", "event": EVENT, "facts": {"section_47_initiated": True}}
CHECK = {**CALCULATION, "duty": "hold_icpc", "date": "2026-01-08"}
CASE: dict[str, Any] = {
    "profile": "swindon",
    "events": [EVENT],
    "facts": {"section_47_initiated": True},
    "as_of": "2026-02-01",
}
STDIO = StdioServerParameters(command=sys.executable, args=["-m", "app.cli", "mcp"])


def packaged() -> Server[Any]:
    """Give the server that `deadlines mcp` runs, to be called in this process."""
    return build_server(packaged_snapshot, run_in_thread)


@asynccontextmanager
async def over_http(origin: str, mode: str = "auto", **headers: str) -> AsyncIterator[Client]:
    """Connect to /mcp, with these headers on every request."""
    async with (
        # Nothing is encrypted here, so no certificates of authorities are read: 26 ms each time.
        httpx2.AsyncClient(headers=headers, timeout=30, verify=False) as http,
        Client(streamable_http_client(f"{origin}/mcp", http_client=http), mode=mode) as client,
    ):
        yield client


def asking(server: Any, ask: Callable[[Client], Awaitable[Result]], mode: str = "auto") -> Result:
    """Connect, ask and give what was asked for; `server` is whatever the protocol's client can connect to."""

    async def run() -> Result:
        async with Client(server, mode=mode) as client:
            return await ask(client)

    return anyio.run(run)


def asking_over_http(
    origin: str, ask: Callable[[Client], Awaitable[Result]], mode: str = "auto", **headers: str
) -> Result:
    """Do the same over HTTP."""

    async def run() -> Result:
        async with over_http(origin, mode, **headers) as client:
            return await ask(client)

    return anyio.run(run)


async def called(client: Client, tool: str, arguments: dict[str, Any]) -> dict[str, Any]:
    """Call a tool that is expected to answer, and give its answer."""
    result = await client.call_tool(tool, arguments)
    assert not result.is_error, result.content
    assert isinstance(result.structured_content, dict)
    return result.structured_content

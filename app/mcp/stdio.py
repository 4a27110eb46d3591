"""Serve one assistant over standard input and output, from a snapshot taken at the start."""

from __future__ import annotations

import anyio
import anyio.to_thread
from mcp.server.stdio import stdio_server

from app.mcp.server import Context, Work, build_server
from app.services.snapshot.snapshot import Snapshot


def serve(snapshot: Snapshot) -> None:
    """Serve until standard input ends."""
    anyio.run(_serve, snapshot)


async def _serve(snapshot: Snapshot) -> None:
    server = build_server(lambda: snapshot, run_in_thread)
    async with stdio_server() as (received, sent):
        await server.run(received, sent, server.create_initialization_options())


async def run_in_thread(_: Context, __: str, work: Work) -> bytes:
    """Run a request's work in a thread; on one's own machine nothing is bounded, as on the command line."""
    return await anyio.to_thread.run_sync(work)

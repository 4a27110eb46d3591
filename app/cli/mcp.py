"""`mcp`: serve an assistant on this machine over standard input and output."""

from __future__ import annotations

from importlib.util import find_spec

import typer

from app.cli.errors import fail
from app.cli.sources import StoreOption, load_snapshot


def register(cli: typer.Typer) -> None:
    """Add the command."""
    cli.command()(mcp)


def mcp(store: StoreOption = False) -> None:
    """Serve an assistant by the Model Context Protocol, on standard input and output, until its input ends."""
    if find_spec("mcp") is None:
        fail("the Model Context Protocol is not installed", "pip install 'practice-deadlines[mcp]'")
    from app.mcp.stdio import serve
    from app.services.observability.logging import configure
    from app.settings import Settings

    # Standard output belongs to the protocol; the log goes to standard error.
    configure(Settings().model_copy(update={"log_level": "WARNING", "log_json": False}))
    serve(load_snapshot(store=store))

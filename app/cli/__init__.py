"""The command line: `deadlines`. Each command imports the heavy packages that it needs, so that help is quick."""

from __future__ import annotations

import typer

from app.cli import (  # the order is that of the help
    audit,
    bulk,
    calculate,
    calendars,
    check,
    generate,
    keys,
    mcp,
    profiles,
    proposals,
    publishing,
    returns,
    server,
    standards,
    timeline,
    timelines,
    timeliness,
)
from app.cli.standards_option import add_standards_option

cli = typer.Typer(
    name="deadlines",
    help="Due dates from children's social care practice standards.",
    epilog="Exit status: 0 fine, 1 faults found, 2 wrong use.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
publishing.register(profiles.group)
for module in (server, calculate, timeline, check, bulk, timelines, returns, timeliness, mcp, audit, generate):
    module.register(cli)
for name, group in (
    ("profiles", profiles.group),
    ("calendars", calendars.group),
    ("proposals", proposals.group),
    ("standards", standards.group),
    ("keys", keys.group),
):
    cli.add_typer(group, name=name)


def main() -> None:
    """Run the console script."""
    from app.cli.errors import run_cli

    command = typer.main.get_command(cli)
    add_standards_option(command)
    run_cli(command)

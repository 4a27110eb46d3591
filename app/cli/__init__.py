"""The command line: `deadlines`. Heavy rooms are imported by the command that needs them, so that help is quick."""

from __future__ import annotations

import typer

from app.cli import (  # the order is that of the help
    audit,
    bulk,
    calculate,
    calendars,
    check,
    generated,
    keys,
    profiles,
    publishing,
    server,
    timeline,
)

cli = typer.Typer(
    name="deadlines",
    help="Due dates from children's social care practice standards.",
    epilog="Exit status: 0 fine, 1 faults found, 2 wrong use.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
publishing.register(profiles.group)
for module in (server, calculate, timeline, check, bulk, audit, generated):
    module.register(cli)
for name, group in (("profiles", profiles.group), ("calendars", calendars.group), ("keys", keys.group)):
    cli.add_typer(group, name=name)


def main() -> None:
    """The console script."""
    from app.cli.failing import guarded

    guarded(cli)

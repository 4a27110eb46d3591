"""`check`: check a date that somebody else calculated."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from app.cli.calculate import FactOption, read_facts, specs
from app.cli.errors import FAULTS
from app.cli.output import as_json, table
from app.cli.profiles import resolve_profile_argument
from app.cli.sources import JsonOption, StoreOption


def register(cli: typer.Typer) -> None:
    """Add the command."""
    cli.command()(check)


def check(
    profile: Annotated[str, typer.Argument(help="A profile's key, or a TOML file that is not published yet.")],
    event: Annotated[str, typer.Argument(help="What happened, such as strategy_discussion_held.")],
    at: Annotated[str, typer.Argument(help="When: a date, an instant or a London date-time.")],
    duty: Annotated[str, typer.Argument(help="What the date is for, such as hold_icpc.")],
    date: Annotated[str, typer.Argument(help="The date to be checked.")],
    *,
    fact: FactOption = None,
    calendar: Annotated[str | None, typer.Option(help="Absent: the profile's own.")] = None,
    json: JsonOption = False,
    store: StoreOption = False,
) -> None:
    """Check a date. If it is wrong, say by how much and which mistake or reading gives it. Exit status 1 if wrong."""
    from app.services.date_check import check_date

    snapshot, key, number = resolve_profile_argument(profile, store=store)
    body = {
        "profile": key,
        "profile_version": number,
        "calendar": calendar,
        "event": {"type": event, "occurred_at": at},
        "facts": read_facts(fact or [], specs(snapshot, key)),
        "duty": duty,
        "date": date,
    }
    result = check_date(snapshot, body)
    if json:
        as_json(result)
    else:
        show(result)
    if result["verdict"] != "right":
        raise typer.Exit(FAULTS)


def show(result: Mapping[str, Any]) -> None:
    """Print the verdict."""
    expected = result["expected"]
    if expected is None:
        typer.echo(f"{result['verdict'].replace('_', ' ')}: the event dates nothing of this duty")
    else:
        days = abs(result["days"])
        apart = f" by {days} day{'' if days == 1 else 's'}" if days else ""
        sections = ", ".join(source["section"] for source in expected["source"])
        typer.echo(f"{result['verdict']}{apart}: due {expected['due_date']}, {expected['timing']} (section {sections})")
    for cause in result["explained_by"]:
        typer.echo(f"  would follow from: {cause['text']}")
    if result["undetermined"]:
        rows = [(item["title"], ", ".join(item["needs"])) for item in result["undetermined"]]
        table(("Not decided yet", "Needs"), rows)

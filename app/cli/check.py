"""`check`: a date that somebody else computed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from app.cli.calculate import FactOption, read_facts, specs
from app.cli.failing import FAULTS
from app.cli.output import as_json, table
from app.cli.profiles import with_file
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
    """Whether a date is right; if not, by how much, and which mistake or reading gives it. Exit status 1 where not."""
    from app.services.date_check import check_date

    known, key, number = with_file(profile, store=store)
    body = {
        "profile": key,
        "profile_version": number,
        "calendar": calendar,
        "event": {"type": event, "occurred_at": at},
        "facts": read_facts(fact or [], specs(known, key)),
        "duty": duty,
        "date": date,
    }
    found = check_date(known, body)
    if json:
        as_json(found)
    else:
        show(found)
    if found["verdict"] != "right":
        raise typer.Exit(FAULTS)


def show(found: Mapping[str, Any]) -> None:
    """The verdict in words."""
    expected = found["expected"]
    if expected is None:
        typer.echo(f"{found['verdict'].replace('_', ' ')}: the event dates nothing of this duty")
    else:
        days = abs(found["days"])
        apart = f" by {days} day{'' if days == 1 else 's'}" if days else ""
        sections = ", ".join(source["section"] for source in expected["source"])
        typer.echo(f"{found['verdict']}{apart}: due {expected['due_date']}, {expected['timing']} (section {sections})")
    for cause in found["explained_by"]:
        typer.echo(f"  would follow from: {cause['text']}")
    if found["undetermined"]:
        rows = [(item["title"], ", ".join(item["needs"])) for item in found["undetermined"]]
        table(("Not decided yet", "Needs"), rows)

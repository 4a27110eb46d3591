"""`timeline`: one case as a list of events."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from app.cli.output import as_json, table
from app.cli.sources import JsonOption, StoreOption, load_snapshot, read_json


def register(cli: typer.Typer) -> None:
    """Add the command."""
    cli.command()(timeline)


def timeline(
    file: Annotated[
        Path, typer.Argument(help="The case as JSON, as for POST /v1/timelines; - for the standard input.")
    ],
    as_of: Annotated[str | None, typer.Option(help="The moment asked about. Absent: the file's, else now.")] = None,
    until: Annotated[str | None, typer.Option(help="Project what is to come up to this day.")] = None,
    json: JsonOption = False,
    store: StoreOption = False,
) -> None:
    """Show what became of every obligation of one case: met, late, outstanding, overdue or still to come."""
    from app.services.timelines import timeline as answer
    from app.services.zone import LONDON

    body = read_json(file)
    if isinstance(body, dict):
        if as_of is not None or not body.get("as_of"):
            body["as_of"] = as_of or datetime.now(LONDON).isoformat(timespec="seconds")
        if until is not None:
            body["until"] = until
    result = answer(load_snapshot(store=store), body)
    if json:
        as_json(result)
    else:
        show(result)


def show(result: Mapping[str, Any]) -> None:
    """Print a timeline as tables."""
    profiles = ", ".join(f"{item['title']} ({item['key']}, version {item['version']})" for item in result["profiles"])
    typer.echo(f"{profiles}\nas of {result['as_of']}")
    rows = [
        (
            item["status"].replace("_", " ")
            + (", missed" if item["missed"] else "")
            + (" (projected)" if item["projected"] else ""),
            f"{date.fromisoformat(item['due_date']):%a} {item['due_date']}",
            (item["done_at"] or "")[:10],
            item["title"],
            ", ".join(source["section"] for source in item["source"]),
        )
        for item in result["obligations"]
    ]
    table(("Status", "Due", "Done", "What", "Section"), rows)
    if result["undetermined"]:
        waiting = [
            (item["title"], item["started_by"]["type"], ", ".join(item["needs"]) or item["reason"].replace("_", " "))
            for item in result["undetermined"]
        ]
        table(("Not decided yet", "Started by", "Needs"), waiting)
    typer.echo(", ".join(f"{count} {name.replace('_', ' ')}" for name, count in result["summary"].items() if count))
    for warning in result["warnings"]:
        typer.echo(f"warning: {warning}")

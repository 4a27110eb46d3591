"""`calendars`: bank holidays and closure days."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from app.cli import calendar_changes, calendar_upkeep
from app.cli.calendar_changes import KeyArgument
from app.cli.output import as_json, table
from app.cli.sources import JsonOption, has_configured_store, load_snapshot

group = typer.Typer(help="Calendars: bank holidays and an authority's own closure days.", no_args_is_help=True)
StoredOption = Annotated[
    bool | None,
    typer.Option(
        "--store/--packaged", help="From the configured store, or as packaged. Absent: the store if it exists."
    ),
]


@group.command("list")
def list_calendars(json: JsonOption = False, store: StoredOption = None) -> None:
    """List every calendar, in its latest version."""
    from app.services import catalogue

    stored = has_configured_store() if store is None else store
    result: dict[str, Any] = catalogue.list_calendars(load_snapshot(store=stored))
    if json:
        as_json(result)
        return
    table(
        ("Key", "Version", "Title", "From", "To", "Published until"),
        [
            (item["key"], item["version"], item["title"], item["first"], item["last"], item["published_until"])
            for item in result["calendars"]
        ],
        "As the configured store has them" if stored else "As packaged",
    )


@group.command()
def show(
    key: KeyArgument,
    year: Annotated[int | None, typer.Option(min=1, max=9999, help="Only the days of this year.")] = None,
    version: Annotated[int | None, typer.Option(min=1, help="Absent: the latest.")] = None,
    json: JsonOption = False,
    store: StoredOption = None,
) -> None:
    """List every day of a calendar that does not count, and where it was read. Weekends are not listed."""
    from app.services import catalogue

    snapshot = load_snapshot(store=has_configured_store() if store is None else store)
    latest = snapshot.calendar(key)
    number = version or (latest.version if latest is not None else 1)
    result: dict[str, Any] = catalogue.describe_calendar_version(snapshot, key, number)
    if year is not None:
        result["days"] = [day for day in result["days"] if int(day["date"][:4]) == year]
    if json:
        as_json(result)
        return
    rows = [(day["date"], day["name"], day["kind"].replace("_", " "), day["origin"]) for day in result["days"]]
    table(("Date", "Name", "Kind", "Origin"), rows, f"{result['title']}, version {result['version']}")


calendar_changes.register(group)
calendar_upkeep.register(group)

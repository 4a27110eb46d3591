"""`calendars`: bank holidays and closure days."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from app.cli import calendar_changes
from app.cli.calendar_changes import KeyArgument
from app.cli.output import as_json, table
from app.cli.sources import JsonOption, StoreOption, load_snapshot

group = typer.Typer(help="Calendars: bank holidays and an authority's own closure days.", no_args_is_help=True)


@group.command("list")
def list_calendars(json: JsonOption = False, store: StoreOption = False) -> None:
    """Every calendar, in its latest version."""
    from app.services import catalogue

    result: dict[str, Any] = catalogue.list_calendars(load_snapshot(store=store))
    if json:
        as_json(result)
        return
    table(
        ("Key", "Version", "Title", "From", "To", "Published until"),
        [
            (item["key"], item["version"], item["title"], item["first"], item["last"], item["published_until"])
            for item in result["calendars"]
        ],
    )


@group.command()
def show(
    key: KeyArgument,
    year: Annotated[int | None, typer.Option(min=1, max=9999, help="Only the days of this year.")] = None,
    version: Annotated[int | None, typer.Option(min=1, help="Absent: the latest.")] = None,
    json: JsonOption = False,
    store: StoreOption = False,
) -> None:
    """Every day of a calendar that does not count, and where it is snapshot from. Weekends are not listed."""
    from app.services import catalogue

    snapshot = load_snapshot(store=store)
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

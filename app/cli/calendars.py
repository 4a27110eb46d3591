"""`calendars`: bank holidays and closure days."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from app.cli.output import as_json, table
from app.cli.sources import (
    JsonOption,
    StoreOption,
    load_snapshot,
    open_configured_store,
    read_json,
    require_one_pair_of_eyes,
    write_context,
)

group = typer.Typer(help="Calendars: bank holidays and an authority's own closure days.", no_args_is_help=True)
KeyArgument = Annotated[str, typer.Argument(help="The calendar's key, such as england-and-wales.")]


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


@group.command("import")
def import_calendar(
    key: KeyArgument,
    file: Annotated[Path, typer.Argument(help="bank-holidays.json from GOV.UK, or a calendar's own document.")],
    reason: Annotated[str | None, typer.Option(help="Why; stored with the version.")] = None,
    expected: Annotated[int | None, typer.Option(min=1, help="The latest version as you know it.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would change, and change nothing.")] = False,
    json: JsonOption = False,
) -> None:
    """Publish the next version of a calendar in the configured store. Importing the same again changes nothing.

    A calendar's own document replaces the latest version, and so has to name it with --expected.
    """
    from app.services.publishing.calendar_versions import Change, publish_calendar
    from app.services.snapshot.holder import SnapshotHolder

    document = read_json(file)
    if not dry_run:
        require_one_pair_of_eyes()
    with open_configured_store() as store:
        change = Change(expected=expected, preview=dry_run, reason=reason, context=write_context())
        result: dict[str, Any] = publish_calendar(SnapshotHolder(store, 1), key, document, change)
    if json:
        as_json(result)
        return
    if not result["changed"]:
        typer.echo(f"{key} version {result['version']} is already up to date")
        return
    _show_report(result["report"])
    typer.echo(f"{'would be' if dry_run else 'published'} {key} version {result['version']}")


def _show_report(report: dict[str, Any]) -> None:
    for what in ("added", "removed", "confirmed"):
        for day in report[what]:
            typer.echo(f"{what}: {day['date']} {day['name']}")
    for day in report["renamed"]:
        typer.echo(f"renamed: {day['date']} {day['old_name']} to {day['new_name']}")
    if report["published_until"]:
        typer.echo(f"published until {report['published_until']['new']}")

"""`calendars`: the days that do not count."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli.failing import fail
from app.cli.output import as_json, table
from app.cli.sources import JsonOption, StoreOption, opened, read_json, snapshot, writing

if TYPE_CHECKING:
    from app.calendars.calendar import Calendar

group = typer.Typer(help="Calendars: bank holidays and an authority's own closure days.", no_args_is_help=True)
KeyArgument = Annotated[str, typer.Argument(help="The calendar's key, such as england-and-wales.")]


@group.command("list")
def list_calendars(json: JsonOption = False, store: StoreOption = False) -> None:
    """Every calendar, in its latest version."""
    from app.service import catalogue

    found: dict[str, Any] = catalogue.calendars(snapshot(store=store))
    if json:
        as_json(found)
        return
    table(
        ("Key", "Version", "Title", "From", "To", "Published until"),
        [
            (item["key"], item["version"], item["title"], item["first"], item["last"], item["published_until"])
            for item in found["calendars"]
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
    """Every day of a calendar that does not count, and where it is known from. Weekends are not listed."""
    from app.service import catalogue

    known = snapshot(store=store)
    latest = known.calendar(key)
    number = version or (latest.version if latest is not None else 1)
    found: dict[str, Any] = catalogue.calendar_version(known, key, number)
    if year is not None:
        found["days"] = [day for day in found["days"] if int(day["date"][:4]) == year]
    if json:
        as_json(found)
        return
    rows = [(day["date"], day["name"], day["kind"].replace("_", " "), day["origin"]) for day in found["days"]]
    table(("Date", "Name", "Kind", "Origin"), rows, f"{found['title']}, version {found['version']}")


@group.command("import")
def import_calendar(
    key: KeyArgument,
    file: Annotated[Path, typer.Argument(help="bank-holidays.json from GOV.UK, or a calendar's own document.")],
    reason: Annotated[str | None, typer.Option(help="Why; kept with the version.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would change, and change nothing.")] = False,
) -> None:
    """Publish the next version of a calendar in the configured store. Importing the same again changes nothing."""
    from app.calendars.changes import changes_between
    from app.calendars.document import from_document

    given = read_json(file)
    with opened() as store:
        versions = [item for item in store.load_everything().calendars if item.key == key]
        latest = versions[-1] if versions else None
        before = from_document({**latest.document, "version": latest.version}) if latest is not None else None
        after = _next(key, given, before)
        if before is not None and after.checksum == before.checksum:
            typer.echo(f"{key} version {before.version} has all of it already")
            return
        report = changes_between(before, after).to_document() if before is not None else None
        _tell(report)
        if dry_run:
            typer.echo("nothing was published")
            return
        stored = store.publish_calendar_version(
            key,
            expected_latest=latest.version if latest is not None else None,
            document=after.to_document(),
            checksum=after.checksum,
            extends=after.extends,
            published_until=after.published_until,
            report=report,
            reason=reason,
            context=writing(),
        )
    typer.echo(f"published {key} version {stored.version}")


def _next(key: str, given: object, before: Calendar | None) -> Calendar:
    """The calendar that a file makes: the government's list on top of the version before, or a document as it is."""
    from app.calendars.changes import with_published
    from app.calendars.document import from_document

    if isinstance(given, dict) and "days" in given:
        number = 1 if before is None else before.version + 1
        found = from_document({**given, "version": number})
        if found.key != key:
            fail(f"the file is of the calendar {found.key}, not of {key}", "name the file's own key")
        return found
    if before is None:
        fail(f"there is no calendar {key} to take the list in", "import a calendar's own document first")
    return with_published(before, given)


def _tell(report: dict[str, Any] | None) -> None:
    if report is None:
        return
    for what in ("added", "removed", "confirmed"):
        for day in report[what]:
            typer.echo(f"{what}: {day['date']} {day['name']}")
    for day in report["renamed"]:
        typer.echo(f"renamed: {day['date']} {day['old_name']} to {day['new_name']}")
    if report["published_until"]:
        typer.echo(f"published until {report['published_until']['new']}")

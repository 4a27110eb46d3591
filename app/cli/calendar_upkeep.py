"""`calendars update`, `verify` and `create`: the government's list, the holidays package, a neighbour's calendar."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from app.cli.calendar_changes import DryRunOption, KeyArgument, ReasonOption, make_or_propose
from app.cli.change_output import show_change, tell_proposed
from app.cli.errors import FAULTS, fail, fault_lines
from app.cli.output import as_json, table
from app.cli.sources import JsonOption, open_holder, write_context

KeysArgument = Annotated[
    list[str] | None, typer.Argument(help="Calendars, such as scotland. Absent: all that the list or the store has.")
]


def register(group: typer.Typer) -> None:
    """Add the commands."""
    group.command()(update)
    group.command()(verify)
    group.command()(create)


def update(
    keys: KeysArgument = None,
    publish: Annotated[
        bool, typer.Option("--publish", help="Publish what the list changes. Absent: only say what it would change.")
    ] = False,
    reason: ReasonOption = None,
) -> None:
    """Fetch the government's list of bank holidays, show day by day what it changes, and publish it on request.

    The address is DEADLINES_BANK_HOLIDAYS_URL. A list that was shortened, cut off, is no JSON, too slow, too long,
    redirected or of another nation changes nothing and says why; the exit status is then 1.
    """
    from app.services.ports import Proposal
    from app.services.problems import Problem
    from app.services.publishing.calendar_upkeep import division_of, published_calendars
    from app.services.publishing.calendar_versions import Change
    from app.services.publishing.government_list import fetch_list
    from app.services.publishing.proposals import change_calendar, propose_change
    from app.settings import Settings

    settings = Settings()
    try:
        document = fetch_list(settings)
    except Problem as unread:
        fail(unread.detail, *fault_lines(unread.faults), status=FAULTS)
    work = propose_change if settings.two_pairs_of_eyes and publish else change_calendar
    change = Change(None, not publish, reason, write_context())
    refused = 0
    with open_holder() as holder:
        holder.refresh()
        for key in keys or published_calendars(holder.snapshot):
            try:
                made = work(holder, key, "update_calendar", division_of(document, key), change)
            except Problem as problem:
                refused += 1
                typer.echo("\n  ".join([f"{key}: {problem.detail}", *fault_lines(problem.faults)]), err=True)
                continue
            if isinstance(made, Proposal):
                tell_proposed(made, json=False)
            else:
                show_change(made)
    if not publish:
        typer.echo("nothing was published: add --publish")
    if refused:
        raise typer.Exit(FAULTS)


def verify(
    keys: KeysArgument = None,
    government_list: Annotated[
        bool, typer.Option("--list", help="Fetch the government's list, and compare with it too.")
    ] = False,
    json: JsonOption = False,
) -> None:
    """Name the days on which stored calendars differ from the holidays package, and from the government's list.

    Nothing is changed. The exit status is 1 where any differs, or does not follow the calendar that it extends.
    """
    from app.services.publishing.calendar_upkeep import verify_calendars
    from app.services.publishing.government_list import fetch_list
    from app.settings import Settings

    document = fetch_list(Settings()) if government_list else None
    with open_holder() as holder:
        holder.refresh()
        report: dict[str, Any] = verify_calendars(holder.snapshot, keys or holder.snapshot.calendars, document)
    if json:
        as_json(report)
    else:
        for item in report["calendars"]:
            _show_verified(report["package"], item)
    if any(item["differences"] or item["behind"] or item["list_unread"] for item in report["calendars"]):
        raise typer.Exit(FAULTS)


def _show_verified(package: str, item: dict[str, Any]) -> None:
    name = f"{item['key']} version {item['version']}"
    if item["extends"]:
        typer.echo(f"{name}: extends {item['extends']}, and is compared by way of it")
    elif item["code"] is None:
        typer.echo(f"{name}: does not say which place of {package} it is for, and is not compared with it")
    elif not item["differences"]:
        typer.echo(f"{name}: the same as {package} {item['code']}")
    else:
        rows = [
            (day["date"], day["against"], day["stored"] or "a working day", day["listed"] or "a working day")
            for day in item["differences"]
        ]
        table(
            ("Date", "Against", "In the calendar", "There"),
            rows,
            f"{name}: {len(rows)} {'day differs' if len(rows) == 1 else 'days differ'}",
        )
    for text in (item["behind"], item["list_unread"]):
        if text:
            typer.echo(f"warning: {text}")


def create(
    key: KeyArgument,
    from_holidays: Annotated[str, typer.Option(help="The place: JE, IM, GG, IE, GB-ENG, GB-WLS, GB-SCT or GB-NIR.")],
    title: Annotated[str | None, typer.Option(help="Absent: the place's name.")] = None,
    published_until: Annotated[
        str | None, typer.Option(help="Days after this one are projected. Absent: the last day of this year.")
    ] = None,
    reason: ReasonOption = None,
    dry_run: DryRunOption = False,
    json: JsonOption = False,
) -> None:
    """Make a calendar for a neighbour from the holidays package. Each of its days names the package and its version."""
    from app.services.publishing.request import CalendarFromPackage
    from app.services.validation import read

    sent = {"from_holidays": from_holidays.upper(), "title": title, "published_until": published_until}
    body = read(CalendarFromPackage, sent)
    make_or_propose(key, "create_calendar", body, reason, None, dry_run=dry_run, json=json)

"""`calendars import`, `close`, `add-holiday`, `remove-day`, `follow`: each makes the next version, or proposes it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.change_output import show_change, show_limits, tell_proposed
from app.cli.output import as_json
from app.cli.sources import JsonOption, open_holder, read_json, read_text, write_context

if TYPE_CHECKING:
    from app.services.ports import ProposalAction

KeyArgument = Annotated[str, typer.Argument(help="The calendar's key, such as england-and-wales.")]
DayArgument = Annotated[str, typer.Argument(help="The day, such as 2026-12-29.")]
NameOption = Annotated[str, typer.Option(help="What it is called, such as 'Christmas closure'.")]
SourceOption = Annotated[str, typer.Option(help="Who decided it, and where it was said.")]
ReasonOption = Annotated[str | None, typer.Option(help="Why; stored with the version.")]
ExpectedOption = Annotated[int | None, typer.Option(min=1, help="The latest version as you know it.")]
DryRunOption = Annotated[bool, typer.Option("--dry-run", help="Say what would change, and change nothing.")]


def register(group: typer.Typer) -> None:
    """Add the commands."""
    group.command("import")(import_calendar)
    group.command()(close)
    group.command("add-holiday")(add_holiday)
    group.command("remove-day")(remove_day)
    group.command()(follow)


def import_calendar(
    key: KeyArgument,
    file: Annotated[Path, typer.Argument(help="bank-holidays.json from GOV.UK, or a calendar's own document.")],
    reason: ReasonOption = None,
    expected: ExpectedOption = None,
    dry_run: DryRunOption = False,
    json: JsonOption = False,
) -> None:
    """Publish the next version of a calendar in the configured store. Importing the same again changes nothing.

    A calendar's own document replaces the latest version, and so has to name it with --expected.
    """
    make_or_propose(key, "publish_calendar", read_json(file), reason, expected, dry_run=dry_run, json=json)


def close(
    key: KeyArgument,
    days: Annotated[
        list[str],
        typer.Argument(help="The days, such as 2026-12-29 29/12/2026; or a file of them: CSV as Excel saves it, JSON."),
    ],
    *,
    source: SourceOption,
    name: Annotated[str | None, typer.Option(help="What a day is called that has no name of its own.")] = None,
    extends: Annotated[str | None, typer.Option(help="For a new calendar: the one that it extends.")] = None,
    title: Annotated[str | None, typer.Option(help="For a new calendar.")] = None,
    reason: ReasonOption = None,
    expected: ExpectedOption = None,
    dry_run: DryRunOption = False,
    json: JsonOption = False,
) -> None:
    """Add days on which an authority is closed to its own calendar, which is created if there is none.

    First it shows which limits they move. Limits that protect a child stay, unless their rule says closures = "skip".
    """
    from app.services.publishing.request import ClosureDays
    from app.services.validation import read

    sent = {"days": closed_days(days, name), "source": source, "extends": extends, "title": title}
    make_or_propose(
        key, "add_closure_days", read(ClosureDays, sent), reason, expected, dry_run=dry_run, json=json, shows_moves=True
    )


def closed_days(days: list[str], name: str | None) -> object:
    """Return the closure days that are named one by one, or that one file lists."""
    from app.services.publishing.closure_list import is_day, read_days, read_table

    if len(days) > 1 or is_day(days[0]):
        return read_days(days, name)
    file = Path(days[0])
    if file.suffix != ".json":
        return read_table(read_text(file), name)
    listed = read_json(file)
    return listed.get("days", listed) if isinstance(listed, dict) else listed


def add_holiday(
    key: KeyArgument,
    day: DayArgument,
    *,
    name: NameOption,
    source: SourceOption,
    reason: ReasonOption = None,
    expected: ExpectedOption = None,
    dry_run: DryRunOption = False,
    json: JsonOption = False,
) -> None:
    """Add a bank holiday that was announced before the government's list has it."""
    from app.services.publishing.request import BankHoliday
    from app.services.validation import read

    body = read(BankHoliday, {"date": day, "name": name, "source": source})
    make_or_propose(key, "add_bank_holiday", body, reason, expected, dry_run=dry_run, json=json)


def remove_day(
    key: KeyArgument,
    day: DayArgument,
    kind: Annotated[str, typer.Option(help="bank_holiday or closure.")],
    reason: Annotated[str, typer.Option(help="Why; stored with the version.")],
    expected: ExpectedOption = None,
    dry_run: DryRunOption = False,
    json: JsonOption = False,
) -> None:
    """Remove a bank holiday that was moved or cancelled, or a closure: the day counts again."""
    from app.services.publishing.request import DayRemoval
    from app.services.validation import read

    body = read(DayRemoval, {"date": day, "kind": kind, "reason": reason})
    make_or_propose(key, "remove_day", body, None, expected, dry_run=dry_run, json=json)


def follow(
    key: KeyArgument,
    reason: ReasonOption = None,
    expected: ExpectedOption = None,
    dry_run: DryRunOption = False,
    json: JsonOption = False,
) -> None:
    """Carry a calendar over to the latest version of the one that it extends, with its own days."""
    from app.services.publishing.request import FollowRequest
    from app.services.validation import read

    make_or_propose(key, "follow_calendar", read(FollowRequest, {}), reason, expected, dry_run=dry_run, json=json)


def make_or_propose(
    key: str,
    action: ProposalAction,
    body: object,
    reason: str | None,
    expected: int | None,
    *,
    dry_run: bool,
    json: bool,
    shows_moves: bool = False,
) -> None:
    """Make a change and print its report; where two people are needed, propose it and print how it is approved.

    `shows_moves` prints first which limits move.
    """
    from app.services.ports import Proposal
    from app.services.publishing.calendar_versions import Change
    from app.services.publishing.proposals import change_calendar, propose_change
    from app.settings import Settings

    work = propose_change if Settings().two_pairs_of_eyes and not dry_run else change_calendar
    change = Change(expected=expected, preview=dry_run, reason=reason, context=write_context())
    with open_holder() as holder:
        if shows_moves and not (dry_run or json):
            show_limits(change_calendar(holder, key, action, body, replace(change, preview=True)))
        made = work(holder, key, action, body, change)
    if isinstance(made, Proposal):
        tell_proposed(made, json=json)
    elif json:
        as_json(made)
    else:
        show_change(made)

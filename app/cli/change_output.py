"""Print what a change did, would do or waits for: of a calendar, or the withdrawal of a version."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import typer

from app.cli.output import as_json, table

if TYPE_CHECKING:
    from app.services.ports import Proposal

MAX_SHOWN = 100


def show_moves(moves: dict[str, Any]) -> None:
    """Print each limit that moves with its furthest example, and those that stay though the offices close."""
    if not moves["profiles"]:
        typer.echo("limits: no profile counts by this calendar yet, so none moves")
        return
    names = ", ".join(f"{item['key']} version {item['version']}" for item in moves["profiles"])
    if not moves["limits"]:
        typer.echo(f"limits: none of {names} moves")
        return
    rows = [_row(item) for item in moves["limits"] if item["moved"]]
    table(
        ("Limit", "Strength", "Protects", "Event on", "Due before", "Due after", "Days", "Profile"),
        rows,
        f"Limits that move, from events between {moves['sampled_from']} and {moves['sampled_to']}",
    )
    stays = [item for item in moves["limits"] if not item["moved"]]
    if stays:
        table(
            ("Limit", "Strength", "Protects", "Event on", "Due", "", "", "Profile"),
            [_row(item) for item in stays],
            "Limits that stay, because closure days do not put them off",
        )
    for item in moves["not_shown"]:
        typer.echo(f"not shown: {item['title']}: it depends on {', '.join(item['needs'])}")
    for text in moves["warnings"]:
        typer.echo(f"warning: {text}")
    counts = moves["summary"]
    typer.echo(
        f"limits: {counts['moved']} move ({counts['must']} must, {counts['should']} should, {counts['suggested']} "
        f"suggested; {counts['protection_moved']} protect a child), {counts['not_moved']} stay"
    )


def _row(item: dict[str, Any]) -> tuple[object, ...]:
    example = item["examples"][0]
    after = (example["after"], f"{example['days']:+d}") if item["moved"] else ("", "")
    protects = "yes" if item["protection"] else ""
    place = f"{item['profile']} {item['rule']}"
    title = f"{item['title']} (another reading: {item['reading']})" if item["reading"] else item["title"]
    return (title, item["strength"], protects, example["occurred_on"], example["before"], *after, place)


def show_change(made: dict[str, Any]) -> None:
    """Print what a change of a calendar did, or would do."""
    key, version = made["key"], made["version"]
    show_limits(made)
    if not made["changed"]:
        typer.echo(f"{key} version {version} is already up to date")
        return
    for what in ("added", "removed", "confirmed"):
        days = made["report"][what]
        for day in days[:MAX_SHOWN]:
            typer.echo(f"{what}: {day['date']} {day['name']}")
        if len(days) > MAX_SHOWN:
            typer.echo(f"{what}: {len(days) - MAX_SHOWN} more days, to {days[-1]['date']}; --json lists them all")
    for day in made["report"]["renamed"]:
        typer.echo(f"renamed: {day['date']} {day['old_name']} to {day['new_name']}")
    if made["report"]["published_until"]:
        typer.echo(f"published until {made['report']['published_until']['new']}")
    typer.echo(f"{'would be' if made['preview'] else 'published'} {key} version {version}")
    for other in made["followed_by"]:
        typer.echo(f"{other['key']} {'would follow' if made['preview'] else 'follows'} it")
    for other in made["extended_by"]:
        typer.echo(f"{other['key']} still extends version {other['extends_version']}: deadlines calendars follow")


def show_limits(made: Mapping[str, Any]) -> None:
    """Print what a preview says of the limits that move, and what is remarked on the days."""
    for text in made["remarks"]:
        typer.echo(f"note: {text}")
    if made["moves"] is not None and made["changed"]:
        show_moves(made["moves"])


def show_withdrawal(key: str, version: object, result: Mapping[str, Any]) -> None:
    """Print that a version is withdrawn, and which one answers instead."""
    typer.echo(f"{key} version {version} is withdrawn; today's answers come from version {result['answering_today']}")


def tell_proposed(made: Proposal, *, json: bool) -> None:
    """Print that a change waits, and how somebody else approves it."""
    from app.services.publishing.proposals import describe

    if json:
        as_json(describe(made))
        return
    typer.echo(f"proposed {made.id}: somebody else has to approve it")
    typer.echo(f"  deadlines proposals approve {made.key} {made.id}")

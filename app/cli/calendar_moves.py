"""Print which limits a change of a calendar moves."""

from __future__ import annotations

from typing import Any

import typer

from app.cli.output import table


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

"""`calculate`: one event in, its obligations out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli.failing import fail
from app.cli.output import as_json, table
from app.cli.profiles import with_file
from app.cli.sources import JsonOption, StoreOption

if TYPE_CHECKING:
    from app.engine.facts import FactSpec
    from app.services.snapshot.snapshot import Snapshot

FactOption = Annotated[
    list[str] | None, typer.Option("--fact", "-f", metavar="KEY=VALUE", help="A fact; repeat it for each.")
]


def register(cli: typer.Typer) -> None:
    """Add the command."""
    cli.command()(calculate)


def calculate(
    profile: Annotated[str, typer.Argument(help="A profile's key, or a TOML file that is not published yet.")],
    event: Annotated[str, typer.Argument(help="What happened, such as strategy_discussion_held.")],
    at: Annotated[str, typer.Argument(help="When: a date, an instant or a London date-time.")],
    *,
    fact: FactOption = None,
    until: Annotated[str | None, typer.Option(help="Unfold every series to this day.")] = None,
    explain: Annotated[bool, typer.Option("--explain", help="Show the counting, and what does not apply.")] = False,
    profile_version: Annotated[int | None, typer.Option(help="Absent: the version in force that day.")] = None,
    calendar: Annotated[str | None, typer.Option(help="Absent: the profile's own.")] = None,
    reference: Annotated[str | None, typer.Option(help="Given back as it came.")] = None,
    json: JsonOption = False,
    store: StoreOption = False,
) -> None:
    """What one event makes due. Works without a database, from the packaged profiles."""
    from app.services.calculation.request import read_request
    from app.services.calculation.response import answer

    known, key, number = with_file(profile, store=store)
    body = {
        "profile": key,
        "profile_version": number or profile_version,
        "calendar": calendar,
        "event": {"type": event, "occurred_at": at},
        "facts": read_facts(fact or [], specs(known, key)),
        "until": until,
        "explain": explain,
        "reference": reference,
    }
    found = answer(read_request(known, body))
    if json:
        as_json(found)
    else:
        show(found)


def specs(known: Snapshot, profile: str) -> Mapping[str, FactSpec]:
    """The facts that a profile knows, or the shared ones where there is no such profile."""
    from app.profiles.vocabulary import shared_vocabulary

    latest = known.latest_profile(profile)
    return (latest.profile.vocabulary if latest is not None else shared_vocabulary()).facts


def read_facts(given: Sequence[str], known: Mapping[str, FactSpec]) -> dict[str, object]:
    """`key=value` texts as JSON values, by the fact's type; what does not fit stays text, for the service to refuse."""
    from app.services.calculation.fact_parsing import fact_from_text

    found: dict[str, object] = {}
    for item in given:
        key, equals, value = (part.strip() for part in item.partition("="))
        if not equals or not key:
            fail(f"--fact {key or item!r} has no value", "write --fact section_47_initiated=true")
        if key in found:
            fail(f"--fact {key} is given twice", "give it once")
        found[key] = fact_from_text(known.get(key), value)
    return found


def show(found: Mapping[str, Any]) -> None:
    """An answer as tables."""
    profile, calendar = found["profile"], found["calendar"]
    typer.echo(f"{profile['title']} ({profile['key']}, version {profile['version']})")
    typer.echo(f"{found['event']['type']}, {found['event']['occurred_at']}; calendar {calendar['key']}")
    if found["obligations"]:
        table(("Due", "What", "Timing", "By whom", "Section"), [_row(item) for item in found["obligations"]])
    else:
        typer.echo("\nNothing is due.\n")
    if found["undetermined"]:
        rows = [
            (item["title"], item["timing"], ", ".join(item["needs"]) or item["reason"].replace("_", " "))
            for item in found["undetermined"]
        ]
        table(("Not decided yet", "Timing", "Needs"), rows)
    for item in found["obligations"]:
        _notes(item)
    for item in found.get("not_applicable", ()):
        typer.echo(f"does not apply: {item['title']} ({item['rule']}): {item['because']}")
    for warning in found["warnings"]:
        typer.echo(f"warning: {warning}")


def _row(item: Mapping[str, Any]) -> tuple[str, ...]:
    day = date.fromisoformat(item["due_date"])
    marks = [name for name in ("projected", "provisional") if item[name]]
    clock = "" if item["due_at"][11:19] == "23:59:59" else f" {item['due_at'][11:16]}"
    due = f"{day:%a} {day.isoformat()}{clock}" + "".join(f" ({mark})" for mark in marks)
    sections = ", ".join(source["section"] for source in item["source"])
    return due, item["title"], item["timing"], ", ".join(item["responsible"]), sections


def _notes(item: Mapping[str, Any]) -> None:
    """What has to be known of one date: its reading, the other readings, what was assumed, how it was counted."""
    lines = [f"reading: {item['reading']}"] if item["reading"] else []
    lines += [
        f"otherwise {other['due_date'] or 'not dated by this event'}: {other['reading']}"
        for other in item["alternatives"]
    ]
    lines += [f"assumed: {text}" for text in item["assumptions"]]
    counted = item["explanation"]
    if counted is not None:
        lines.append(f"counted in {counted['counted_in'].replace('_', ' ')} from {counted['day_zero']}, which is day 0")
        for step in counted["steps"]:
            number = "-" if step["counted"] is None else step["counted"]
            lines.append(f"{number:>4}  {step['note']}")
        lines.append(f"lands on {counted['landed_on']}")
        lines += [f"condition: {held['condition']} ({_held(held['held'])})" for held in counted["conditions"]]
    if lines:
        typer.echo(f"{item['title']} ({item['rule']}):")
        for line in lines:
            typer.echo(f"  {line}")


def _held(held: bool | None) -> str:
    return {True: "holds", False: "does not hold", None: "not known"}[held]

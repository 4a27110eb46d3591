"""`calculate`: calculate the obligations that one event starts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli.errors import fail
from app.cli.output import as_json, table
from app.cli.profiles import resolve_profile_argument
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
    reference: Annotated[str | None, typer.Option(help="Returned unchanged.")] = None,
    json: JsonOption = False,
    store: StoreOption = False,
) -> None:
    """Calculate what one event makes due. Needs no database: uses the packaged profiles."""
    from app.services.calculation.request import read_request
    from app.services.calculation.response import calculate_response

    snapshot, key, number = resolve_profile_argument(profile, store=store)
    body = {
        "profile": key,
        "profile_version": number or profile_version,
        "calendar": calendar,
        "event": {"type": event, "occurred_at": at},
        "facts": read_facts(fact or [], specs(snapshot, key)),
        "until": until,
        "explain": explain,
        "reference": reference,
    }
    result = calculate_response(read_request(snapshot, body))
    if json:
        as_json(result)
    else:
        show(result)


def specs(snapshot: Snapshot, profile: str) -> Mapping[str, FactSpec]:
    """Return the facts of a profile's vocabulary, or the shared facts if there is no such profile."""
    from app.profiles.vocabulary import shared_vocabulary

    latest = snapshot.latest_profile(profile)
    return (latest.profile.vocabulary if latest is not None else shared_vocabulary()).facts


def read_facts(texts: Sequence[str], specs: Mapping[str, FactSpec]) -> dict[str, object]:
    """Convert `key=value` texts to JSON values by the fact's type.

    A value that does not fit the type stays text, so that the service reports the fault.
    """
    from app.services.calculation.fact_parsing import fact_from_text

    result: dict[str, object] = {}
    for item in texts:
        key, equals, value = (part.strip() for part in item.partition("="))
        if not equals or not key:
            fail(f"--fact {key or item!r} has no value", "write --fact section_47_initiated=true")
        if key in result:
            fail(f"--fact {key} is repeated", "send it once")
        result[key] = fact_from_text(specs.get(key), value)
    return result


def show(result: Mapping[str, Any]) -> None:
    """Print an answer as tables."""
    profile, calendar = result["profile"], result["calendar"]
    typer.echo(f"{profile['title']} ({profile['key']}, version {profile['version']})")
    typer.echo(f"{result['event']['type']}, {result['event']['occurred_at']}; calendar {calendar['key']}")
    if result["obligations"]:
        table(("Due", "What", "Timing", "By whom", "Section"), [_row(item) for item in result["obligations"]])
    else:
        typer.echo("\nNothing is due.\n")
    if result["undetermined"]:
        rows = [
            (item["title"], item["timing"], ", ".join(item["needs"]) or item["reason"].replace("_", " "))
            for item in result["undetermined"]
        ]
        table(("Not decided yet", "Timing", "Needs"), rows)
    for item in result["obligations"]:
        _notes(item)
    for item in result.get("not_applicable", ()):
        typer.echo(f"does not apply: {item['title']} ({item['rule']}): {item['because']}")
    for warning in result["warnings"]:
        typer.echo(f"warning: {warning}")


def _row(item: Mapping[str, Any]) -> tuple[str, ...]:
    day = date.fromisoformat(item["due_date"])
    marks = [name for name in ("projected", "provisional") if item[name]]
    clock = "" if item["due_at"][11:19] == "23:59:59" else f" {item['due_at'][11:16]}"
    due = f"{day:%a} {day.isoformat()}{clock}" + "".join(f" ({mark})" for mark in marks)
    sections = ", ".join(source["section"] for source in item["source"])
    return due, item["title"], item["timing"], ", ".join(item["responsible"]), sections


def _notes(item: Mapping[str, Any]) -> None:
    """Print the details of one obligation: its reading, alternatives, assumptions and explanation."""
    lines = [f"reading: {item['reading']}"] if item["reading"] else []
    lines += [
        f"otherwise {other['due_date'] or _undated(other['needs'])}: {other['reading']} (section {other['section']})"
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
        lines += [f"condition: {part['condition']} ({_outcome(part['held'])})" for part in counted["conditions"]]
    if lines:
        typer.echo(f"{item['title']} ({item['rule']}):")
        for line in lines:
            typer.echo(f"  {line}")


def _undated(needs: list[str]) -> str:
    return f"not dated without {', '.join(needs)}" if needs else "not dated by this event"


def _outcome(holds: bool | None) -> str:
    return {True: "holds", False: "does not hold", None: "not settled"}[holds]

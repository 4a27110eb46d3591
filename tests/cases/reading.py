"""Read cases written as data, ask them, and find in an answer the lines that a case speaks of."""

from __future__ import annotations

import json
import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
EVENT_KEYS = frozenset({"type", "id", "episode", "recorded_at", "discharges", "replaces", "child"})
# What says which line is meant; the rest of an expectation is what is expected of it.
WHICH = frozenset({"rule", "duty", "of", "n", "child", "every"})
OPEN = frozenset({"outstanding", "overdue", "disputed"})


def cases(*files: str) -> list[Any]:
    """Return each case under each of its profiles, named by its sentence."""
    return [
        pytest.param(profile, case, id=f"{name}: {case['sentence']} [{profile}]")
        for name in files
        for case in tomllib.loads((HERE / f"{name}.toml").read_text(encoding="utf-8"))["case"]
        for profile in case.get("profiles") or [case.get("profile")]
    ]


def as_sent(value: Any) -> Any:
    """Return a TOML value as JSON would carry it."""
    if isinstance(value, dict):
        return {key: as_sent(item) for key, item in value.items()}
    if isinstance(value, list):
        return [as_sent(item) for item in value]
    return value.isoformat() if isinstance(value, date) else value


def event(written: dict[str, Any]) -> dict[str, Any]:
    """Return an event as it is sent: what is no key of an event is a fact, and `unsays` names what it takes back."""
    sent = {"occurred_at": written["at"], **{key: written[key] for key in written if key in EVENT_KEYS}}
    facts = {key: written[key] for key in written if key not in EVENT_KEYS | {"at", "unsays"}}
    facts |= dict.fromkeys(written.get("unsays", ()))
    return as_sent({**sent, "facts": facts} if facts else sent)


def request(profile: str, case: dict[str, Any]) -> dict[str, Any]:
    """Return the body of the timeline that a case asks for; `until = "unsaid"` leaves it to the service."""
    body: dict[str, Any] = {
        "profile": profile,
        "as_of": case["as_of"],
        "events": [event(item) for item in case["events"]],
    }
    until = case.get("until", str(case["as_of"])[:10])
    if until != "unsaid":
        body["until"] = until
    for key in ("facts", "children", "explain"):
        if key in case:
            body[key] = case[key]
    return dict(as_sent(body))


def for_profile(value: Any, profile: str) -> Any:
    """Return what is expected under this profile: a table keyed by profiles gives each its own."""
    return value[profile] if isinstance(value, dict) else value


def belongs(line: dict[str, Any], wanted: dict[str, Any]) -> bool:
    """Say whether a line of an answer is one that an expectation speaks of."""
    # A line of a series is started by the act before it; its id names what started the series.
    starts = (
        (line.get("started_by") or {}).get("event"),
        *line.get("also_started_by", ()),
        *line.get("id", "").split("/"),
    )
    return (
        ("rule" not in wanted or line["rule"] == wanted["rule"])
        and ("duty" not in wanted or line["duty"] == wanted["duty"])
        and ("child" not in wanted or line["child"] == wanted["child"])
        and ("n" not in wanted or line.get("occurrence") == wanted["n"])
        and ("of" not in wanted or wanted["of"] in starts)
    )


def named(wanted: Any) -> dict[str, Any]:
    """Return an expectation as a table: a bare word is a rule, or with `duty:` before it a duty."""
    if isinstance(wanted, str):
        kind, _, key = wanted.rpartition(":")
        return {kind or "rule": key}
    return dict(wanted)


def listed(lines: list[dict[str, Any]]) -> str:
    """Return lines of an answer as a failing test tells them."""
    return "\n".join(
        f"  {i['rule']} of {(i.get('started_by') or {}).get('event')} #{i.get('occurrence')} due {i.get('due_date')}"
        f" {i.get('status', i.get('reason'))} missed={i.get('missed')} done_by={i.get('done_by')} needs={i.get('needs')}"
        for i in lines
    )


def related(answer: dict[str, Any], wanted: dict[str, Any]) -> str:
    """Return all that an answer says of the rule or duty that an expectation names."""
    loose: dict[str, Any] = {key: wanted[key] for key in ("rule", "duty") if key in wanted}
    everything = [*answer["obligations"], *answer["undetermined"], *answer.get("conditional", ())]
    return f"{wanted}; the answer has of it:\n" + listed([line for line in everything if belongs(line, loose)])


def mentions(line: dict[str, Any], text: str) -> bool:
    """Say whether a line names an event or says a word anywhere."""
    return text in json.dumps(line)

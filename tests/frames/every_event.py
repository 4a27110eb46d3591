"""Every event of every packaged profile, with every fact that its rules read, as requests and as a typed table."""

import random
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any

import pyarrow as pa

from app.engine.facts import FactSpec
from app.services.calculation.calculator import Calculator
from app.services.calculation.request import read_request
from app.services.calculation.response import calculate_response
from app.services.problems import Problem
from app.services.snapshot.snapshot import Snapshot
from app.services.standards import Standards

TYPES = {"bool": pa.bool_(), "int": pa.int32(), "date": pa.date32(), "choice": pa.string()}
OF_THE_OBLIGATION = (
    *("rule", "phase", "duty", "title", "responsible", "kind", "occurrence", "due_date", "due_at", "last_working_day"),
    *("not_before", "timing", "strength", "basis", "certainty", "reading", "alternatives", "assumptions", "projected"),
    "provisional",
)
OF_WHAT_WAITS = ("rule", "duty", "title", "timing", "reason", "needs", "from_date")


@cache
def standards() -> Standards:
    return Standards.packaged()


@cache
def every_event() -> tuple[dict[str, Any], ...]:
    """Return a request for each event of each profile, its facts typed, on a day of three years, half with a time."""
    pick = random.Random("every event")  # noqa: S311 - repeatable, not unpredictable
    found: list[dict[str, Any]] = []
    for key, versions in sorted(standards().snapshot.profiles.items()):
        vocabulary = versions[-1].profile.vocabulary
        for event, started in sorted(versions[-1].profile.by_event.items()):
            spec = vocabulary.events[event]
            read = sorted({fact for each in started for fact in each.rule.facts()} - set(spec.implies) - set(spec.sets))
            day = date(2024, 1, 1) + timedelta(days=pick.randrange(1_000))
            facts = {name: _value(vocabulary.facts[name], day, pick) for name in read if pick.random() < 0.8}
            at = f"{day}T{pick.randrange(24):02}:30" if pick.random() < 0.5 else day.isoformat()
            found.append({"profile": key, "event": event, "at": at, "reference": f"case {len(found)}", **facts})
    return tuple(found)


def _value(spec: FactSpec, day: date, pick: random.Random) -> object:
    if spec.type == "bool":
        return pick.random() < 0.6
    if spec.type == "int":
        return pick.choice([max(1, spec.minimum or 0), 2, 5])
    if spec.type == "choice":
        return pick.choice(spec.values)
    return day - timedelta(days=pick.randrange(-30, 4_000))


@cache
def table() -> pa.Table:
    """Return the same as a table with a column for each fact."""
    facts: dict[str, FactSpec] = {}
    for versions in standards().snapshot.profiles.values():
        facts |= versions[-1].profile.vocabulary.facts
    names = dict.fromkeys(name for row in every_event() for name in row)
    schema = pa.schema([(name, TYPES[facts[name].type] if name in facts else pa.string()) for name in names])
    return pa.Table.from_pylist(list(every_event()), schema)


def request(row: dict[str, Any]) -> dict[str, Any]:
    """Return a row as a request in JSON."""
    fields = {"profile", "event", "at", "reference"}
    facts = {
        name: each.isoformat() if isinstance(each, date) else each for name, each in row.items() if name not in fields
    }
    event = {"type": row["event"], "occurred_at": row["at"]}
    return {"profile": row["profile"], "event": event, "facts": facts, "reference": row["reference"]}


def answered(snapshot: Snapshot, body: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the rows that the service's answer to a request stands for."""
    try:
        answer: Any = calculate_response(read_request(snapshot, body))
    except Problem as problem:
        return [{"reference": body.get("reference"), "status": "fault", "problem": problem.kind}]
    line = {
        "reference": body["reference"],
        "profile": answer["profile"]["key"],
        "profile_version": answer["profile"]["version"],
        "calendar": answer["calendar"]["key"],
        "calculation_id": answer["calculation_id"],
        "warnings": answer["warnings"],
    }
    rows = [
        {
            **line,
            "status": "due",
            **{name: each[name] for name in OF_THE_OBLIGATION},
            "section": [source["section"] for source in each["source"]],
        }
        for each in answer["obligations"]
    ]
    rows += [
        {
            **line,
            "status": "undetermined",
            **{name: each[name] for name in OF_WHAT_WAITS},
            "section": [source["section"] for source in each["source"]],
        }
        for each in answer["undetermined"]
    ]
    return [_instants(row) for row in rows or [{**line, "status": "nothing_due"}]]


def _instants(value: Any, name: str = "") -> Any:
    """Return instants as datetimes in UTC and days as dates, as a typed table has them."""
    if isinstance(value, dict):
        return {key: _instants(each, key) for key, each in value.items()}
    if isinstance(value, list):
        return [_instants(each) for each in value]
    if value is not None and name == "due_at":
        return datetime.fromisoformat(value).astimezone(UTC)
    days = {"due_date", "last_working_day", "not_before", "from_date"}
    return date.fromisoformat(value) if value is not None and name in days else value


@cache
def expected() -> tuple[dict[str, Any], ...]:
    """Return the rows that the service's answers to every event stand for."""
    snapshot = Calculator(standards().snapshot).snapshot
    return tuple(row for sent in every_event() for row in answered(snapshot, request(sent)))


def copies(number: int) -> pa.Table:
    """Return the table of every event several times over."""
    return pa.concat_tables([table()] * number)


@cache
def cases() -> pa.Table:
    """Return the events of some children, mixed, two of them with faults, as a case system's table has them."""
    found: list[dict[str, Any]] = []
    for child in range(200):
        day = date(2025, 4, 1) + timedelta(days=child)
        known = {"section_47_initiated": True} if child % 5 else {}
        found += [
            {"event": "strategy_discussion_held", "at": day, **known},
            {"event": "icpc_held" if child != 7 else "icpc", "at": day + timedelta(days=14 + child % 20)},
            {"event": "cp_plan_started", "at": day + timedelta(days=14 + child % 20)},
        ]
    named = [{"child": number // 3 if number // 3 != 11 else None, **row} for number, row in enumerate(found)]
    random.Random("mixed").shuffle(named)  # noqa: S311 - repeatable, not unpredictable
    names = ("child", "event", "at", "section_47_initiated")
    schema = pa.schema(zip(names, (pa.int64(), pa.string(), pa.date32(), pa.bool_()), strict=True))
    return pa.Table.from_pylist(named, schema)

"""A return's cases as an import answers them, or wrote them to a file: a case a line, or one object with `cases`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from app.services.calculation.json_body import parse_json_text
from app.services.problems import Problem
from app.services.validation import Faults
from app.web.caseload_table import MAX_ROWS, Case

# What an import says of all its cases, and a timeline takes: what the return could have shown.
OF_ALL = ("source",)


def is_import(text: str) -> bool:
    """Return whether a text is an import and no table."""
    return text.lstrip("\ufeff \t\r\n").startswith("{")


def read_import(text: str, profile: str) -> list[Case]:
    """Read the cases of an import. Raises `Problem` where it is none, or has more events than a page works out."""
    faults = Faults()
    parts = _parts(text.lstrip("\ufeff").strip())
    objects = [part for part in parts if isinstance(part, dict)]
    if len(objects) < len(parts):
        faults.add("table", "it is not an import", "open the file of cases that an import wrote, or its answer")
        faults.raise_any()
    of_all = {name: each[name] for each in objects for name in OF_ALL if each.get(name) is not None}
    sent = [case for each in objects for case in _cases(each)]
    if sum(len(case["events"]) for case in sent) > MAX_ROWS:
        faults.add("table", f"the import has more than {MAX_ROWS:,} events", "divide it, or count it with timeliness")
    if not sent:
        faults.add("table", "the import has no cases", "open the file of cases that an import wrote")
    faults.raise_any()
    return [_case(number, case, profile, of_all) for number, case in enumerate(sent, start=1)]


def _parts(text: str) -> list[Any]:
    """Return what the whole text is where it is one object, else what each line is; None where it is not JSON."""
    whole = _parse(text)
    return [_parse(line) for line in text.splitlines() if line.strip()] if whole is None else [whole]


def _parse(text: str) -> Any:
    try:
        return parse_json_text(text)
    except Problem:
        return None


def _cases(part: dict[str, Any]) -> Iterator[dict[str, Any]]:
    listed = part["cases"] if isinstance(part.get("cases"), list) else [part]
    for case in listed:
        if isinstance(case, dict) and isinstance(case.get("events"), list):
            yield case


def _case(number: int, sent: dict[str, Any], profile: str, of_all: dict[str, Any]) -> Case:
    events = [event if isinstance(event, dict) else {} for event in sent["events"]]
    case = Case(str(sent.get("reference") or f"case {number}"), str(sent.get("profile") or profile))
    case.events, case.rows, case.counted_in = events, [number] * len(events), "Case"
    case.more = {**of_all, **{name: sent[name] for name in ("facts", *OF_ALL) if sent.get(name) is not None}}
    return case

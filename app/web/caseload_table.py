"""The table of a team's events as it is pasted or exported: a row for each event, a reference for each case."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from app.engine.facts import FactSpec
from app.services.calculation.fact_parsing import fact_from_text, fact_specs
from app.services.problems import Problem, nearest_names
from app.services.snapshot.snapshot import Snapshot
from app.services.validation import Faults
from app.web.words import event_heading

MAX_ROWS = 5_000
COLUMNS = ("reference", "profile", "event", "at", "team", "worker")
# What exports call the columns.
SYNONYMS = {
    "date": "at",
    "occurred_at": "at",
    "event_date": "at",
    "event_type": "event",
    "case": "reference",
    "case_number": "reference",
    "case_id": "reference",
    "social_worker": "worker",
    "allocated_worker": "worker",
}
# A British spreadsheet writes the day first.
DAY_FIRST = re.compile(r"(\d{1,2})[/.](\d{1,2})[/.](\d{4})(?:[ T](\d{1,2}:\d{2})(?::00)?)?")
EVENT_PATH = re.compile(r"events\[(\d+)\]\.(.+)")
SPACED = re.compile(r"(\d{4}-\d{2}-\d{2}) (\d{2}:\d{2}(?::\d{2})?)")


@dataclass(slots=True)
class Case:
    """The events of one case, with their rows, and the team and the worker that the last rows name."""

    reference: str
    profile: str
    team: str = ""
    worker: str = ""
    events: list[dict[str, Any]] = field(default_factory=list)
    rows: list[int] = field(default_factory=list)
    counted_in: str = "Row"
    """What `rows` count: rows of a table, or the cases of an import."""
    more: dict[str, Any] = field(default_factory=dict)
    """What an import says of the case besides its events."""


def read_cases(snapshot: Snapshot, text: str, profile: str) -> list[Case]:
    """Read a table into cases, in the order of their first rows. `profile` is that of rows that name none.

    Rows with one reference are one case. Commas, tabs and semicolons divide columns. An event is a code or its name,
    a date is 2025-12-18 or 18/12/2025. Raises `Problem` with every fault of the header at once.
    """
    reader = csv.reader(io.StringIO(text.lstrip("\ufeff").strip("\r\n"), newline=""), delimiter=_delimiter(text))
    try:
        rows = [[cell.strip() for cell in row] for row in reader]
    except csv.Error as error:
        faults = Faults()
        faults.add("table", f"it is not a table: {error}", "paste rows from a spreadsheet, or open a CSV file")
        faults.raise_any()
        raise
    header = _header(snapshot, rows)
    names = _event_names(snapshot)
    cases: dict[tuple[str, str], Case] = {}
    for number, row in enumerate(rows[1:], start=2):
        cells = {name: cell for name, cell in zip(header, row, strict=False) if cell}
        if not cells:
            continue
        key = cells.get("profile", profile)
        reference = cells.get("reference") or f"row {number}"
        case = cases.setdefault((reference, key), Case(reference, key))
        case.team, case.worker = cells.get("team", case.team), cells.get("worker", case.worker)
        case.rows.append(number)
        case.events.append(_event(cells, names, fact_specs(snapshot, key)))
    return list(cases.values())


def _delimiter(text: str) -> str:
    first = text.lstrip("\ufeff\r\n").partition("\n")[0]
    return max("\t;,", key=first.count)


def _header(snapshot: Snapshot, rows: list[list[str]]) -> list[str]:
    faults = Faults()
    if len(rows) < 2:
        faults.add("table", "the table has no rows", "give a row of column names and a row for each event")
        faults.raise_any()
    if len(rows) - 1 > MAX_ROWS:
        faults.add("table", f"the table has more than {MAX_ROWS:,} rows", "divide it by team")
        faults.raise_any()
    named = [re.sub(r"\W+", "_", cell.lower()).strip("_") for cell in rows[0]]
    header = [SYNONYMS.get(name, name) for name in named]
    allowed = {*COLUMNS, *fact_specs(snapshot)}
    for place, name in enumerate(header, start=1):
        if name and name not in allowed:
            near = nearest_names(name, allowed)
            remedy = f"call it {' or '.join(near)}, or take it out" if near else "take it out"
            faults.add("table", f"column {place} is no column of this table and no fact", remedy)
        elif name and name in header[: place - 1]:
            faults.add("table", f"column {place} repeats another", "keep one of them")
    for name in sorted({"event", "at"} - set(header)):
        faults.add("table", f"the column {name} is missing", f"add {name}")
    faults.raise_any()
    return header


def _event_names(snapshot: Snapshot) -> dict[str, str]:
    """Return the code of each event by its name in lower case."""
    names: dict[str, str] = {}
    for key in snapshot.profiles:
        latest = snapshot.latest_version(key)
        if latest is not None:
            events = latest.vocabulary.events
            names |= {event_heading(spec.noun).lower(): code for code, spec in events.items()}
    return names


def _event(cells: Mapping[str, str], names: Mapping[str, str], specs: Mapping[str, FactSpec]) -> dict[str, Any]:
    event = cells.get("event", "")
    facts = {
        name: fact_from_text(specs.get(name), written_day(text) if _is_day(specs.get(name)) else text)
        for name, text in cells.items()
        if name not in COLUMNS
    }
    body: dict[str, Any] = {
        "type": names.get(event.lower(), event),
        "occurred_at": written_day(cells.get("at", "")),
    }
    return {**body, "facts": facts} if facts else body


def _is_day(spec: FactSpec | None) -> bool:
    return spec is not None and spec.type == "date"


def written_day(text: str) -> str:
    """Write a spreadsheet's date, or date and time, as the service reads it; leave anything else as it is.

    18/12/2025 is 18 December: the day comes first, as in Britain.
    """
    matched = DAY_FIRST.fullmatch(text)
    if matched is not None:
        day, month, year, time = matched.groups()
        return f"{year}-{month:0>2}-{day:0>2}" + (f"T{time:0>5}" if time else "")
    spaced = SPACED.fullmatch(text)
    return f"{spaced[1]}T{spaced[2]}" if spaced is not None else text


def fault_of_case(case: Case, problem: Problem) -> str:
    """Describe in one line why a case cannot be worked out, by rows and columns, without any value that was sent."""
    if not problem.faults:
        return f"{_first(case)} and its case: {problem.detail}"
    return "; ".join(f"{_place(case, fault.path)}: {fault.message}, {fault.remedy}" for fault in problem.faults)


def _place(case: Case, path: str) -> str:
    matched = EVENT_PATH.fullmatch(path)
    if matched is None or int(matched[1]) >= len(case.rows):
        return f"{_first(case)}, {path}"
    column = {"type": "event", "occurred_at": "at"}.get(matched[2], matched[2].removeprefix("facts."))
    return f"{case.counted_in} {case.rows[int(matched[1])]}, {column}"


def _first(case: Case) -> str:
    return f"{case.counted_in} {case.rows[0]}" if case.rows else f"{case.counted_in} without events"

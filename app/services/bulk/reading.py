"""Read lines of NDJSON or CSV as requests, each with its line number."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Collection, Iterator, Mapping
from functools import cache, partial

from app.engine.facts import FactSpec
from app.services.bulk.plan import FIELDS, NUMBERS, Plan
from app.services.calculation.fact_parsing import fact_from_text, fact_specs
from app.services.calculation.json_body import parse_json
from app.services.calculation.response import Json
from app.services.problems import LINE, Fault, Problem
from app.services.snapshot.snapshot import Snapshot
from app.services.validation import integer_from_text


def from_ndjson(plan: Plan, block: bytes, first: int) -> Iterator[tuple[int, Json | Problem]]:
    """Yield one request for each line that is not empty."""
    for number, line in enumerate(block.split(b"\n"), start=first):
        if not line.strip():
            continue
        try:
            body = parse_json(line, "line")
        except Problem as problem:
            yield number, problem
            continue
        if isinstance(body, dict):
            if plan.profile is not None:
                body.setdefault("profile", plan.profile)
            if plan.until is not None:
                body.setdefault("until", plan.until)
            if plan.explain:
                body.setdefault("explain", True)
        yield number, body


def from_csv(plan: Plan, snapshot: Snapshot, block: bytes, first: int) -> Iterator[tuple[int, Json | Problem]]:
    """Yield one request for each row; a row may span several lines, and its number is that of the first."""
    specs = cache(partial(fact_specs, snapshot))
    for number, cells in csv_rows(plan, block, first):
        yield number, cells if isinstance(cells, Problem) else _request(plan, cells, specs)


def csv_rows(plan: Plan, block: bytes, first: int) -> Iterator[tuple[int, dict[str, str] | Problem]]:
    """Yield the cells of each row that are not empty, by their column, with the number of its first line."""
    reader = csv.reader(io.StringIO(block.decode("utf-8", errors="replace"), newline=""), strict=True)
    while True:
        number = first + reader.line_num
        try:
            row = next(reader, None)
        except csv.Error as error:
            fault = Fault(LINE, str(error), "write one row on each line, texts with commas in quotation marks")
            yield number, Problem("invalid-request", "The line is not CSV.", [fault])
            continue
        if row is None:
            return
        if len(row) == len(plan.header):
            yield (
                number,
                {column: text for column, cell in zip(plan.header, row, strict=True) if (text := cell.strip())},
            )
        elif row:
            message = f"the row has {len(row)} cells, the header {len(plan.header)}"
            fault = Fault(LINE, message, "write a cell for each column, empty where there is no value")
            yield number, Problem("invalid-request", "The row does not fit the header.", [fault])


def csv_facts(cells: Mapping[str, str], fields: Collection[str], specs: Mapping[str, FactSpec]) -> Json:
    """Return the facts of a row: every cell that is none of the fields."""
    return {name: fact_from_text(specs.get(name), text) for name, text in cells.items() if name not in fields}


def _request(plan: Plan, cells: Mapping[str, str], specs: Callable[[str], Mapping[str, FactSpec]]) -> Json:
    fields: dict[str, object] = {
        name: integer_from_text(cells[name]) if name in NUMBERS else cells[name] for name in FIELDS if name in cells
    }
    profile = fields.get("profile", plan.profile)
    return {
        "profile": profile,
        "profile_version": fields.get("profile_version"),
        "calendar": fields.get("calendar"),
        "calendar_version": fields.get("calendar_version"),
        "event": {"type": fields.get("event"), "occurred_at": fields.get("at")},
        "facts": csv_facts(cells, FIELDS, specs(str(profile))),
        "until": fields.get("until", plan.until),
        "explain": plan.explain,
        "reference": fields.get("reference"),
    }

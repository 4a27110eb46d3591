"""Read whole cases: a case a line of NDJSON, or the rows of a table of events, those of one child being one case."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from app.services.bulk.arrow_input import typed_rows
from app.services.bulk.plan import FACTS, Plan, WholeCases
from app.services.bulk.reading import csv_facts, csv_rows
from app.services.calculation.fact_parsing import fact_specs
from app.services.calculation.json_body import parse_json
from app.services.calculation.response import Json
from app.services.problems import Fault, Problem
from app.services.snapshot.snapshot import Snapshot

if TYPE_CHECKING:
    import pyarrow as pa

EVENT_FIELDS = ("event", "at", "id", "recorded_at", "episode")
NAMES = {"event": "type", "at": "occurred_at"}


@dataclass(slots=True)
class CaseLine:
    """One case, or what is wrong with it, with the number of its first line or row."""

    number: int
    reference: str | None
    events: list[Json] = field(default_factory=list)
    body: object = ...
    """The line's JSON, which may be null; an ellipsis where the case is gathered from rows."""
    problem: Problem | None = None

    @property
    def case(self) -> object:
        """Return the case as timelines take it."""
        return self.body if self.body is not ... else {"reference": self.reference, "events": self.events}


def cases_from_ndjson(block: bytes, first: int) -> Iterator[CaseLine]:
    """Yield one case for each line; the last line of an import, which says how it went, is none."""
    for number, line in enumerate(block.split(b"\n"), start=first):
        if not line.strip():
            continue
        try:
            body = parse_json(line, "line")
        except Problem as problem:
            yield CaseLine(number, None, problem=problem)
            continue
        if isinstance(body, dict) and "events" not in body and "counts" in body:
            continue
        reference = body.get("reference") if isinstance(body, dict) else None
        yield CaseLine(number, reference if isinstance(reference, str) else None, body=body)


def cases_from_csv(plan: Plan, whole: WholeCases, snapshot: Snapshot, block: bytes, first: int) -> Iterator[CaseLine]:
    """Yield the cases of a block of rows."""
    fields, specs = {*EVENT_FIELDS, whole.child}, fact_specs(snapshot, plan.profile)
    cases = _Cases(whole.child)
    for number, cells in csv_rows(plan, block, first):
        if isinstance(cells, Problem):
            cases.refuse(number, cells)
        else:
            event: Json = {NAMES.get(name, name): cells[name] for name in EVENT_FIELDS if name in cells}
            cases.add(number, cells.get(whole.child), event, csv_facts(cells, fields, specs))
    return cases.listed()


def cases_from_arrow(
    plan: Plan, whole: WholeCases, snapshot: Snapshot, batch: pa.RecordBatch, first: int
) -> Iterator[CaseLine]:
    """Yield the cases of a batch of rows."""
    fields = (*EVENT_FIELDS, whole.child)
    cases = _Cases(whole.child)
    for number, (said, facts) in enumerate(typed_rows(plan, snapshot, batch, fields), start=first):
        child = said.pop(whole.child, None)
        cases.add(number, child, {NAMES.get(name, name): value for name, value in said.items()}, facts)
    return cases.listed()


class _Cases:
    """Gathers events into cases, in the order in which each child comes first.

    A row that cannot be read is a fault of its own, and of the children whose rows stand next to it: a case that may
    lack an event is not judged.
    """

    def __init__(self, column: str) -> None:
        self._column = column
        self._by_child: dict[object, CaseLine] = {}
        self._all: list[CaseLine] = []
        self._last: CaseLine | None = None
        self._unread: Problem | None = None

    def add(self, number: int, child: object, event: Json, facts: Json) -> None:
        """Add one event."""
        # A list names nobody, and neither does a number that is none, which is never the same as another.
        if child is None or isinstance(child, list | dict) or child != child:  # noqa: PLR0124 - of NaN alone it is true
            fault = Fault(self._column, "the row names no child", f"fill in {self._column}")
            self._all.append(CaseLine(number, None, problem=Problem("invalid-request", "No child is named.", [fault])))
            return
        case = self._by_child.get(child)
        if case is None:
            case = self._by_child[child] = CaseLine(number, str(child))
            self._all.append(case)
        case.events.append({**event, FACTS: facts} if facts else event)
        case.problem, self._unread, self._last = case.problem or self._unread, None, case

    def refuse(self, number: int, problem: Problem) -> None:
        """Add a row that cannot be read."""
        self._all.append(CaseLine(number, None, problem=problem))
        self._unread = problem
        if self._last is not None:
            self._last.problem = problem

    def listed(self) -> Iterator[CaseLine]:
        """Return the cases."""
        return iter(self._all)

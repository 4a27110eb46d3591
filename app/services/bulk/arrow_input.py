"""Read rows of an Arrow table of events as requests, from typed columns."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from app.engine.facts import FactSpec
from app.services.bulk.arrow_output import take_rows
from app.services.bulk.plan import FIELDS, Plan
from app.services.calculation.fact_parsing import fact_from_text, fact_specs
from app.services.calculation.response import Json
from app.services.problems import Problem
from app.services.snapshot.snapshot import Snapshot
from app.services.standards.values import as_sent
from app.services.validation import ABSENT

if TYPE_CHECKING:
    import pyarrow as pa

FACTS = "facts"
"""A column of this name is a map of facts by their names, as text."""


def from_arrow(
    plan: Plan, snapshot: Snapshot, batch: pa.RecordBatch, first: int
) -> Iterator[tuple[int, Json | Problem]]:
    """Yield one request for each row, with its number."""
    for number, (said, facts) in enumerate(typed_rows(plan, snapshot, batch, FIELDS), start=first):
        event = {key: said.pop(name) for key, name in (("type", "event"), ("occurred_at", "at")) if name in said}
        body: Json = {**said, "event": event}
        if plan.profile is not None:
            body.setdefault("profile", plan.profile)
        if facts:
            body[FACTS] = facts
        if plan.until is not None:
            body.setdefault("until", plan.until)
        if plan.explain:
            body["explain"] = True
        yield number, body


def typed_rows(
    plan: Plan, snapshot: Snapshot, batch: pa.RecordBatch, fields: Collection[str]
) -> Iterator[tuple[Json, Json]]:
    """Yield of each row the fields of these names, and its facts.

    A date is a day; a timestamp with a time zone is an instant; one without is London's own time; text is as in JSON. A
    fact is a column of its own type, or an entry of the map `facts`. A null or an empty text is absent: it is left out.
    """
    columns = {name: _texts(batch, name) for name in fields if name in batch.schema.names}
    facts: list[dict[str, object]] = [{} for _ in range(batch.num_rows)]
    names = [name for name in batch.schema.names if name not in {*fields, *plan.passing, FACTS}]
    for name in names:
        for row, value in _present(batch.column(name)):
            if value not in ABSENT:
                facts[row][name] = as_sent(value)
    if FACTS in batch.schema.names and FACTS not in plan.passing:
        specs = cache(partial(fact_specs, snapshot))
        profiles = columns.get("profile") or [None] * batch.num_rows
        for row, entries in _present(batch.column(FACTS)):
            facts[row] |= _from_map(entries, specs(str(profiles[row] or plan.profile)))
    for row in range(batch.num_rows):
        yield {name: values[row] for name, values in columns.items() if values[row] not in ABSENT}, facts[row]


def _texts(batch: pa.RecordBatch, name: str) -> list[object]:
    return [as_sent(value) for value in batch.column(name).to_pylist()]


def _present(column: pa.Array) -> Iterator[tuple[int, Any]]:
    """Yield each value that is not null with its row: most facts of a wide table are."""
    import pyarrow.compute as pc

    if column.null_count == len(column):
        return
    if not column.null_count:
        yield from enumerate(column.to_pylist())
        return
    rows = pc.indices_nonzero(column.is_valid())
    yield from zip(rows.to_pylist(), take_rows(column, rows).to_pylist(), strict=True)


def _from_map(entries: Any, specs: Mapping[str, FactSpec]) -> dict[str, object]:
    pairs = entries.items() if isinstance(entries, dict) else entries
    return {
        name: fact_from_text(specs.get(name), value) if isinstance(value, str) else as_sent(value)
        for name, value in pairs
        if value not in ABSENT
    }

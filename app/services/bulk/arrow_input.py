"""Read rows of an Arrow table of events as requests, from typed columns."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from app.engine.facts import FactSpec
from app.services.bulk.arrow_values import python_values, take_rows
from app.services.bulk.plan import FACTS, FIELDS, Plan
from app.services.bulk.resolved_rows import fact_columns, present, resolved_rows
from app.services.calculation.fact_parsing import fact_from_text, fact_specs
from app.services.calculation.request import ResolvedRequest
from app.services.calculation.response import Json
from app.services.snapshot.snapshot import Snapshot
from app.services.standards.values import as_sent
from app.services.validation import ABSENT

if TYPE_CHECKING:
    import pyarrow as pa


def from_arrow(
    plan: Plan, snapshot: Snapshot, batch: pa.RecordBatch, first: int
) -> Iterator[tuple[int, Json | ResolvedRequest]]:
    """Yield one request for each row, with its number: resolved, or to be read as any other is."""
    rows = resolved_rows(plan, snapshot, batch)
    unread = iter(_bodies(plan, snapshot, _left(batch, [row for row, each in enumerate(rows) if each is None])))
    for number, request in enumerate(rows, start=first):
        yield number, next(unread) if request is None else request


def _left(batch: pa.RecordBatch, rows: Sequence[int]) -> pa.RecordBatch:
    import pyarrow as pa

    if len(rows) == batch.num_rows:
        return batch
    taken = pa.array(rows, pa.int32())
    columns = [take_rows(each, taken) for each in batch.columns]
    return pa.RecordBatch.from_arrays(columns, batch.schema.names)


def _bodies(plan: Plan, snapshot: Snapshot, batch: pa.RecordBatch) -> Iterator[Json]:
    """Yield each row as a request in JSON."""
    for said, facts in typed_rows(plan, snapshot, batch, FIELDS):
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
        yield body


def typed_rows(
    plan: Plan, snapshot: Snapshot, batch: pa.RecordBatch, fields: Collection[str]
) -> Iterator[tuple[Json, Json]]:
    """Yield of each row the fields of these names, and its facts.

    A date is a day; a timestamp with a time zone is an instant; one without is London's own time; text is as in JSON. A
    fact is a column of its own type, or an entry of the map `facts`. A null or an empty text is absent: it is left out.
    """
    columns = {name: _texts(batch, name) for name in fields if name in batch.schema.names}
    facts: list[Any] = [{} for _ in range(batch.num_rows)]
    for name in fact_columns(plan, snapshot, batch.schema.names, fields):
        for row, value in zip(*present(batch.column(name)), strict=True):
            if value not in ABSENT:
                facts[row][name] = as_sent(value)
    if FACTS in batch.schema.names:
        specs = cache(partial(fact_specs, snapshot))
        profiles = columns.get("profile") or [None] * batch.num_rows
        for row, entries in zip(*present(batch.column(FACTS)), strict=True):
            facts[row] = _with_map(facts[row], entries, specs(str(profiles[row] or plan.profile)))
    for row in range(batch.num_rows):
        yield {name: values[row] for name, values in columns.items() if values[row] not in ABSENT}, facts[row]


def _texts(batch: pa.RecordBatch, name: str) -> list[object]:
    return [as_sent(value) for value in python_values(batch.column(name))]


def _with_map(facts: Json, entries: Any, specs: Mapping[str, FactSpec]) -> Any:
    """Return the facts of a row with those of its map.

    What is no map, and both values of a fact that is sent twice, are left to the reader of requests, which refuses
    them.
    """
    pairs = list(entries.items()) if isinstance(entries, dict) else entries
    if not isinstance(pairs, list) or not all(isinstance(pair, tuple) for pair in pairs):
        return as_sent(entries)
    for name, value in pairs:
        if value not in ABSENT:
            fact = fact_from_text(specs.get(name), value) if isinstance(value, str) else as_sent(value)
            facts[name] = fact if facts.get(name, fact) == fact else [facts[name], fact]
    return facts

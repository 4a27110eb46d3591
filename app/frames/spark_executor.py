"""What runs on Spark's executors: Arrow batches in and out, by standards compiled once in each Python worker."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from app.frames import arrow
from app.services.snapshot.bundle import read_bundle
from app.services.standards.loading import Standards

if TYPE_CHECKING:
    import pyarrow as pa

EVENTS = "events"
"""The column with the list of one child's events."""
CHILDREN_AT_ONCE = 500
_compiled: dict[str, Standards] = {}


def answer_batches(
    batches: Iterator[pa.RecordBatch], digest: str, bundle: bytes, what: str, options: dict[str, Any]
) -> Iterator[pa.RecordBatch]:
    """Answer the batches of one task. Raises RuntimeError where the executor would count otherwise than the driver."""
    standards = _compiled.get(digest)
    if standards is None:
        standards = _compiled[digest] = Standards.from_state(read_bundle(zlib.decompress(bundle)))
    if standards.digest != digest:
        pins = standards.pins
        raise RuntimeError(
            f"the executors have practice-deadlines {pins['engine']} with the zone data {pins['zone']}, and the driver "
            "has others: install one wheel and one lock on both"
        )
    for batch in batches:
        if what == "obligations":
            yield arrow.obligations(batch, standards, **options).drop_columns(["line"])
            continue
        for start in range(0, batch.num_rows, CHILDREN_AT_ONCE):
            events = _events(batch.slice(start, CHILDREN_AT_ONCE), options["child"])
            yield arrow.statuses(events, standards, **options).drop_columns(["line"])


def _events(cases: pa.RecordBatch, child: str) -> pa.RecordBatch:
    """Return the events of some children as rows, in time, so that a fault's path is the same in every run.

    Of events of one kind at one time, such as two visits on a day, the other columns decide: Spark collects in any
    order.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    listed = cases.column(EVENTS)
    events = pc.list_flatten(listed)
    names = [field.name for field in events.type]
    columns = [cases.column(child).take(pc.list_parent_indices(listed)), *events.flatten()]
    batch = pa.RecordBatch.from_arrays(columns, [child, *names])
    keys = pa.table({name: _sortable(batch.column(name)) for name in dict.fromkeys(["at", "event", *names])})
    return batch.take(pc.sort_indices(keys, sort_keys=[(name, "ascending") for name in keys.column_names]))


def _sortable(column: pa.Array) -> pa.Array:
    """Return a column that Arrow can sort by: of a map, its text."""
    import pyarrow as pa

    return pa.array(map(str, column.to_pylist())) if pa.types.is_nested(column.type) else column

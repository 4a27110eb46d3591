"""Arrow tables of events in, Arrow tables of obligations or statuses out: what `deadlines bulk` and `timelines` write.

A row that cannot be read is a row of the answer with the status `fault`; what is wrong with the columns is raised as
Problem. Polars, DuckDB and Spark pass Arrow tables without copying them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import date, datetime
from itertools import chain
from typing import TYPE_CHECKING, TypeVar, cast

from app.engine.compiled_profile import ApplicableRule
from app.services.bulk import Plan, WholeCases, answer_requests, check_plan
from app.services.bulk.arrow_input import from_arrow
from app.services.bulk.arrow_output import CALCULATION_ID, ArrowTable, answer_schema
from app.services.bulk.arrow_values import typed_array, typed_schema, written_out
from app.services.bulk.case_answers import ArrowStatuses, counting_request, judge_cases, status_schema
from app.services.bulk.case_reading import cases_from_arrow
from app.services.bulk.columns import KINDS, RULE, RULE_TEXT
from app.services.standards.loading import Standards
from app.services.standards.values import as_sent

if TYPE_CHECKING:
    import pyarrow as pa

Rows = TypeVar("Rows", "pa.Table", "pa.RecordBatch")
BATCH_ROWS = 4_096


def obligations(
    events: Rows,
    standards: Standards,
    *,
    profile: str | None = None,
    until: date | str | None = None,
    duties: Collection[str] = (),
    carry: Sequence[str] = (),
    lean: bool = False,
    ids: bool = False,
) -> Rows:
    """Return a row for each obligation of each event, for each rule that waits, for nothing due, and for a fault.

    The columns `event` and `at` are needed, and `profile` unless it is passed; facts are columns of their own or a map
    `facts`; `carry` names the columns that pass through. `lean` leaves out what a rule says whatever its date, which
    `rules` has; `ids` adds the `calculation_id`.
    """
    import pyarrow as pa

    plan = Plan(
        "arrow",
        "arrow",
        tuple(events.schema.names),
        profile,
        cast("str | None", as_sent(until)),
        duties=frozenset(duties),
        carry=tuple(carry),
        standards=standards.digest,
    )
    calculator = standards.calculator
    check_plan(calculator.snapshot, plan)
    schema = obligation_schema([events.schema.field(name) for name in carry], lean=lean, ids=ids)
    answered, first = [], 1
    for batch in _batches(events, BATCH_ROWS):
        table = ArrowTable(plan.standards, ids=ids)
        answer_requests(calculator, plan, from_arrow(plan, calculator.snapshot, batch, first), table)
        answered.append(written_out(table.batch(batch.select(plan.carry) if plan.carry else None), schema))
        first += batch.num_rows
    return _like(events, pa.Table.from_batches(answered, schema))


def statuses(
    events: Rows,
    standards: Standards,
    as_of: date | datetime | str,
    *,
    profile: str,
    child: str = "child",
    source: str | None = None,
    carry: Sequence[str] = (),
) -> Rows:
    """Return what became of every obligation of each child's events by a day; a child's rows may stand anywhere.

    The columns of the child, `event` and `at` are needed; `id`, `recorded_at` and `episode` may be there, facts as for
    `obligations`. `source` is the return that the events come from: what it cannot show is not overdue.
    """
    import pyarrow as pa

    whole = WholeCases(cast(str, as_sent(as_of)), child, source)
    plan = Plan(
        "arrow",
        "arrow",
        tuple(events.schema.names),
        profile,
        carry=tuple(carry),
        standards=standards.digest,
        whole_cases=whole,
    )
    snapshot = standards.snapshot
    check_plan(snapshot, plan)
    schema = status_schema([events.schema.field(name) for name in plan.passing])
    judged = []
    for batch in _batches(events, None):
        output = ArrowStatuses(plan.standards, batch.select(plan.passing))
        judge_cases(snapshot, counting_request(plan, whole), cases_from_arrow(plan, whole, snapshot, batch, 1), output)
        judged.append(written_out(output.batch(), schema))
    return _like(events, pa.Table.from_batches(judged, schema))


def rules(standards: Standards) -> pa.Table:
    """Return what each rule says whatever its date, for each event that starts it: the dimension of lean tables.

    Join what is due by profile, profile_version, event, rule, phase, reading and timing.
    """
    import pyarrow as pa

    keys = ("profile", "profile_version", "event")
    said = {
        (*key, template.rule.id, template.phase, template.reading, template.timing): template
        for key, applicable in _by_event(standards)
        for template in (
            *applicable.templates,
            *chain.from_iterable(each.values() for each in applicable.phase_templates),
        )
    }
    columns = [typed_array(KINDS[name], [key[place] for key in said]) for place, name in enumerate(keys)]
    columns += [typed_array(column.kind, [column.value(template) for template in said.values()]) for column in RULE]
    names = [*keys, *(column.name for column in RULE)]
    return pa.Table.from_arrays(columns, names).drop_columns(["needs", "reason", "from_date"])


def _by_event(standards: Standards) -> Iterator[tuple[tuple[str, int, str], ApplicableRule]]:
    for versions in standards.snapshot.profiles.values():
        for version in versions:
            for event, started in version.profile.by_event.items():
                yield from (((version.record.key, version.version, event), each) for each in started)


def obligation_schema(carried: Sequence[pa.Field] = (), *, lean: bool = False, ids: bool = False) -> pa.Schema:
    """Return the columns of `obligations`."""
    import pyarrow as pa

    whole = answer_schema(carried) if not ids else typed_schema({**KINDS, CALCULATION_ID: "text"}, carried)
    carried_names = {field.name for field in carried}
    return pa.schema([each for each in whole if not lean or each.name in carried_names or each.name not in RULE_TEXT])


def _batches(rows: pa.Table | pa.RecordBatch, size: int | None) -> Iterator[pa.RecordBatch]:
    """Yield rows in batches of a size, or in one batch."""
    import pyarrow as pa

    table = pa.Table.from_batches([rows]) if isinstance(rows, pa.RecordBatch) else rows
    if size is None:
        columns = [
            pa.concat_arrays(each.chunks) if each.num_chunks else each.combine_chunks() for each in table.columns
        ]
        yield pa.RecordBatch.from_arrays(columns, schema=table.schema)
    else:
        yield from table.to_batches(max_chunksize=size)


def _like(rows: Rows, table: pa.Table) -> Rows:
    """Return a table as what came in: a table, or one batch."""
    import pyarrow as pa

    if isinstance(rows, pa.Table):
        return cast(Rows, table)
    return cast(Rows, next(_batches(table, None)))

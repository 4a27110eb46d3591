"""Judge whole cases, a block at a time, and write their statuses."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Protocol

import orjson

from app.services.bulk.arrow_values import read_batch, stamps, take_rows, to_stream, typed_array, typed_schema
from app.services.bulk.case_reading import EVENT_FIELDS, CaseLine, cases_from_arrow, cases_from_csv, cases_from_ndjson
from app.services.bulk.columns import Kind
from app.services.bulk.csv_output import to_text
from app.services.bulk.plan import COLUMNAR, FACTS, Done, Plan, WholeCases
from app.services.bulk.status_columns import DEFAULT_STATUS_COLUMNS, STATUS_COLUMNS
from app.services.calculation.fact_parsing import fact_specs
from app.services.exports.csv_writer import CsvWriter
from app.services.problems import LINE, Fault, Problem
from app.services.snapshot.snapshot import Snapshot
from app.services.timelines.request import CountingRequest, resolve_counted_case
from app.services.timelines.request_coverage import resolve_coverage
from app.services.timelines.status_records import StatusRecord, fault_record, status_records
from app.services.validation import MAX_REFERENCE_LENGTH, Faults, read

if TYPE_CHECKING:
    import pyarrow as pa

NDJSON = orjson.OPT_APPEND_NEWLINE | orjson.OPT_PASSTHROUGH_DATACLASS
NOT_OBLIGATIONS = frozenset({"undetermined", "nothing_due", "fault"})
STATUS_KINDS: dict[str, Kind] = {"line": "number", **{column.name: column.kind for column in STATUS_COLUMNS}}


def check_cases(faults: Faults, snapshot: Snapshot, plan: Plan, whole: WholeCases) -> None:
    """Add what is wrong with the plan, before any case is read."""
    request = counting_request(plan, whole)
    resolve_coverage(faults, request, frozenset())
    if plan.reads != "ndjson":
        allowed = {*EVENT_FIELDS, whole.child, *fact_specs(snapshot, plan.profile), *plan.carry}
        _check_header(faults, plan, whole, allowed | ({FACTS} if plan.reads in COLUMNAR else set()))
        if plan.profile is None:
            faults.add("profile", "a table of events names no profile", "name the profile")
    for column in plan.columns:
        if column not in STATUS_KINDS:
            faults.unknown("columns", f"column {column[:100]}", column, set(STATUS_KINDS))


def _check_header(faults: Faults, plan: Plan, whole: WholeCases, allowed: set[str]) -> None:
    for column in plan.header:
        if column not in allowed:
            faults.unknown("(header)", f"column {column[:100]}", column, allowed)
        elif plan.header.count(column) > 1:
            faults.add("(header)", "this column occurs twice", "keep one of them", column)
    for column in sorted({whole.child, "event", "at"} - set(plan.header)):
        faults.add("(header)", f"the column {column} is missing", f"add {column}, or name the child's column")


def counting_request(plan: Plan, whole: WholeCases) -> CountingRequest:
    """Return what holds for each case that does not say it. Raises Problem."""
    sent = {"profile": plan.profile, "as_of": whole.as_of, "source": whole.source}
    return read(CountingRequest, {name: value for name, value in sent.items() if value is not None})


def read_cases(plan: Plan, whole: WholeCases, snapshot: Snapshot, block: bytes, first: int) -> Iterator[CaseLine]:
    """Yield the cases of a block of whole lines of text."""
    if plan.reads == "csv":
        return cases_from_csv(plan, whole, snapshot, block, first)
    return cases_from_ndjson(block, first)


def answer_cases(snapshot: Snapshot, plan: Plan, whole: WholeCases, block: bytes, first: int) -> Done:
    """Judge the cases of a block."""
    if plan.reads in COLUMNAR:
        batch = read_batch(block)
        cases = cases_from_arrow(plan, whole, snapshot, batch, first)
        carried = batch.select(plan.passing) if plan.passing else None
    else:
        cases, carried = read_cases(plan, whole, snapshot, block, first), None
    output: StatusOutput
    if plan.writes in COLUMNAR:
        output = ArrowStatuses(plan.standards, carried, first)
    else:
        output = CsvStatuses(plan) if plan.writes == "csv" else NdjsonStatuses()
    number, faulty, obligations = judge_cases(snapshot, counting_request(plan, whole), cases, output)
    return Done(output.take(), number, faulty, obligations)


def judge_cases(
    snapshot: Snapshot, request: CountingRequest, cases: Iterable[CaseLine], output: StatusOutput
) -> tuple[int, int, int]:
    """Write the statuses of each case; return how many cases, faulty cases and obligations there were."""
    number = faulty = obligations = 0
    for line in cases:
        number += 1
        try:
            if line.problem is not None:
                raise line.problem
            records = list(status_records(resolve_counted_case(snapshot, request, line.case, whole=LINE)))
        except Problem as problem:
            faulty += 1
            reference = line.reference if len(line.reference or "") <= MAX_REFERENCE_LENGTH else None
            output.write(line.number, fault_record(reference, problem))
            continue
        for record in records:
            output.write(line.number, record)
            obligations += record.status not in NOT_OBLIGATIONS
    return number, faulty, obligations


class StatusOutput(Protocol):
    """Collects the statuses of one block in an output format."""

    def write(self, number: int, record: StatusRecord) -> None:
        """Add one record of the case that begins in this line."""

    def take(self) -> bytes:
        """Return what was written."""


class CsvStatuses:
    """Statuses as rows of CSV."""

    def __init__(self, plan: Plan) -> None:
        self.columns = plan.columns or DEFAULT_STATUS_COLUMNS
        self._writer = CsvWriter()
        columns = {column.name: column for column in STATUS_COLUMNS}
        self._values = [columns.get(name) for name in self.columns]

    def write_header(self) -> None:
        """Write the row of column names."""
        self._writer.write(self.columns)

    def write(self, number: int, record: StatusRecord) -> None:
        """Add one row."""
        self._writer.write(
            number if column is None else to_text(column.kind, column.value(record)) for column in self._values
        )

    def take(self) -> bytes:
        """Return what was written since the last call."""
        return self._writer.take()


class NdjsonStatuses:
    """Statuses as lines of NDJSON, each with every column."""

    def __init__(self) -> None:
        self._lines: list[bytes] = []

    def write(self, number: int, record: StatusRecord) -> None:
        """Add one line."""
        values = {"line": number, **{column.name: column.value(record) for column in STATUS_COLUMNS}}
        self._lines.append(orjson.dumps(values, default=_without_value, option=NDJSON))

    def take(self) -> bytes:
        """Return what was written."""
        return b"".join(self._lines)


def _without_value(fault: object) -> dict[str, str]:
    assert isinstance(fault, Fault)
    return {"path": fault.path, "message": fault.message, "remedy": fault.remedy}


class ArrowStatuses:
    """Statuses as an Arrow record batch; `carried` has the columns that pass through, a row for each of the input."""

    def __init__(self, standards: str, carried: pa.RecordBatch | None = None, first: int = 1) -> None:
        self._standards = standards
        self._carried = carried
        self._first = first
        self._lines: list[int] = []
        self._records: list[StatusRecord] = []

    def write(self, number: int, record: StatusRecord) -> None:
        """Add one row."""
        self._lines.append(number)
        self._records.append(record)

    def batch(self) -> pa.RecordBatch:
        """Return everything as one batch."""
        import pyarrow as pa

        columns = {"line": pa.array(self._lines, pa.int32())}
        for column in STATUS_COLUMNS:
            value = column.value
            columns[column.name] = typed_array(column.kind, [value(record) for record in self._records])
        columns |= stamps(self._standards, len(self._lines))
        if self._carried is not None:
            rows = pa.array([number - self._first for number in self._lines], pa.int32())
            columns |= {name: take_rows(self._carried.column(name), rows) for name in self._carried.schema.names}
        names = status_schema(list(self._carried.schema) if self._carried is not None else ()).names
        return pa.RecordBatch.from_arrays([columns[name] for name in names], names)

    def take(self) -> bytes:
        """Return everything as an Arrow stream of its own."""
        return to_stream(self.batch())


def status_schema(carried: Sequence[pa.Field] = ()) -> pa.Schema:
    """Return the columns of statuses, the carried ones first."""
    return typed_schema(STATUS_KINDS, carried)

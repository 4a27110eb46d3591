"""Calculate files of any size: NDJSON, CSV, Parquet or Arrow in and out, one block of lines or rows at a time.

A block is whole lines; each is answered in order, and a faulty line does not fail the others. Nothing is stored between
blocks.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from pydantic_core import PydanticCustomError

from app.engine.results import Calculation
from app.services.bulk.arrow_input import from_arrow
from app.services.bulk.arrow_output import CALCULATION_ID, ArrowOutput, answer_schema
from app.services.bulk.arrow_values import STAMPS, read_batch
from app.services.bulk.case_answers import STATUS_KINDS, CsvStatuses, answer_cases, check_cases, status_schema
from app.services.bulk.columns import COLUMNS, KINDS
from app.services.bulk.csv_output import CsvOutput
from app.services.bulk.plan import COLUMNAR, FACTS, FIELDS, Done, Plan, WholeCases
from app.services.bulk.reading import from_csv, from_ndjson
from app.services.bulk.writing import Answers, NdjsonOutput, Output
from app.services.calculation.calculator import Calculator
from app.services.calculation.fact_parsing import fact_specs
from app.services.calculation.request import ResolvedRequest, read_request
from app.services.calculation.response import Json
from app.services.problems import LINE, Problem
from app.services.snapshot.snapshot import Snapshot
from app.services.validation import MAX_REFERENCE_LENGTH, Faults, parse_day

if TYPE_CHECKING:
    import pyarrow as pa

AS_SENT = frozenset({"event", "at", "reference", "child"})
"""Columns of the answer that say what was sent: such a column may pass through, and then stands in their place."""
Read = Json | Problem | ResolvedRequest
"""What is read of a line: the request as it was sent, what is wrong with it, or the request resolved."""


def check_plan(snapshot: Snapshot, plan: Plan) -> None:
    """Raise Problem with every column, duty or profile that does not exist, before any line is read."""
    faults = Faults()
    if plan.whole_cases is not None:
        check_cases(faults, snapshot, plan, plan.whole_cases)
    elif plan.reads != "ndjson":
        _check_header(faults, snapshot, plan)
    _check_carried(faults, plan)
    if plan.profile is not None and plan.profile not in snapshot.profiles:
        faults.unknown("profile", "profile", plan.profile, set(snapshot.profiles))
    existing = {key for versions in snapshot.profiles.values() for v in versions for key in v.vocabulary.duties}
    for duty in sorted(plan.duties - existing):
        faults.unknown("duty", "duty", duty, existing)
    if plan.until is not None and not _is_day(plan.until):
        faults.add("until", "this must be a date", "send it as YYYY-MM-DD", plan.until[:100])
    if plan.columns and plan.writes != "csv":
        faults.add("columns", "columns are chosen for CSV alone", "leave columns out, or write CSV")
    for column in plan.columns:
        if plan.whole_cases is None and column not in COLUMNS:
            faults.unknown("columns", f"column {column[:100]}", column, set(COLUMNS))
    if plan.explain and plan.writes != "ndjson":
        faults.add("explain", "the counting is written as NDJSON alone", "leave explain out, or write NDJSON")
    faults.raise_any()


def _is_day(text: str) -> bool:
    try:
        parse_day(text)
    except PydanticCustomError:
        return False
    return True


def _check_header(faults: Faults, snapshot: Snapshot, plan: Plan) -> None:
    allowed = {*FIELDS, *fact_specs(snapshot), *plan.carry, *([FACTS] if plan.reads in COLUMNAR else [])}
    for column in plan.header:
        if column not in allowed:
            faults.unknown("(header)", f"column {column[:100]}", column, allowed)
        elif plan.header.count(column) > 1:
            faults.add("(header)", "this column occurs twice", "keep one of them", column)
    supplied = {"profile"} if plan.profile else set()
    for column in sorted({"profile", "event", "at"} - set(plan.header) - supplied):
        faults.add("(header)", f"the column {column} is missing", f"add {column}")


def _check_carried(faults: Faults, plan: Plan) -> None:
    for column in plan.carry:
        if plan.reads not in COLUMNAR or plan.writes not in COLUMNAR:
            faults.add(
                "carry", "columns pass from Parquet or Arrow to Parquet or Arrow alone", "leave carry out", column
            )
        elif column not in plan.header:
            faults.unknown("carry", "column", column, set(plan.header))
        elif plan.carry.count(column) > 1:
            faults.add("carry", "this column is named twice", "name it once", column)
    own = {*(KINDS if plan.whole_cases is None else STATUS_KINDS), *STAMPS, CALCULATION_ID} - AS_SENT
    for column in sorted(own & set(plan.passing)):
        faults.add(
            "carry", f"the answer has a column {column} of its own", "give yours another name, or leave it out", column
        )


def heading(plan: Plan) -> bytes:
    """Return the first line of the output: the header of CSV, nothing for NDJSON."""
    if plan.writes != "csv":
        return b""
    output = CsvOutput(plan) if plan.whole_cases is None else CsvStatuses(plan)
    output.write_header()
    return output.take()


def answer_block(calculator: Calculator, plan: Plan, block: bytes, first_line: int) -> Done:
    """Answer a block of whole lines, or a batch of rows; `first_line` is the number of its first."""
    if plan.whole_cases is not None:
        return answer_cases(calculator.snapshot, plan, plan.whole_cases, block, first_line)
    carried: pa.RecordBatch | None = None
    requests: Iterator[tuple[int, Read]]
    if plan.reads in COLUMNAR:
        batch = read_batch(block)
        requests = from_arrow(plan, calculator.snapshot, batch, first_line)
        carried = batch.select(plan.carry) if plan.carry else None
    elif plan.reads == "csv":
        requests = from_csv(plan, calculator.snapshot, block, first_line)
    else:
        requests = from_ndjson(plan, block, first_line)
    output = _output(calculator, plan, carried)
    lines, faulty, obligations = answer_requests(calculator, plan, requests, output)
    return Done(output.take(), lines, faulty, obligations)


def answer_requests(
    calculator: Calculator, plan: Plan, requests: Iterable[tuple[int, Read]], output: Answers
) -> tuple[int, int, int]:
    """Write the answer to each request; return how many lines, faulty lines and obligations there were."""
    short, snapshot = plan.reads in COLUMNAR, calculator.snapshot
    lines = faulty = obligations = 0
    for number, body in requests:
        lines += 1
        try:
            if isinstance(body, Problem):
                raise body
            request = (
                body if isinstance(body, ResolvedRequest) else read_request(snapshot, body, whole=LINE, short=short)
            )
            result = _wanted(calculator.calculate(request), plan.duties)
            output.write_answer(number, request, result)
            obligations += len(result.obligations)
        except Problem as problem:
            faulty += 1
            reference = body.get("reference") if isinstance(body, dict) else None
            repeated = reference if isinstance(reference, str) and len(reference) <= MAX_REFERENCE_LENGTH else None
            output.write_problem(number, repeated, problem)
    return lines, faulty, obligations


def output_schema(plan: Plan, carried: Sequence[pa.Field] = ()) -> pa.Schema:
    """Return the columns of the output of a plan; `carried` are those that pass through."""
    return answer_schema(carried) if plan.whole_cases is None else status_schema(carried)


def _output(calculator: Calculator, plan: Plan, carried: pa.RecordBatch | None) -> Output:
    if plan.writes in COLUMNAR:
        return ArrowOutput(plan.standards, carried)
    return CsvOutput(plan) if plan.writes == "csv" else NdjsonOutput(calculator)


def _wanted(result: Calculation, duties: Collection[str]) -> Calculation:
    """Return a result with the requested duties only; all of them if none is named."""
    if not duties:
        return result
    return result._replace(
        obligations=tuple(item for item in result.obligations if item.duty in duties),
        undetermined=tuple(item for item in result.undetermined if item.duty in duties),
    )


__all__ = [
    "COLUMNAR",
    "Done",
    "Plan",
    "WholeCases",
    "answer_block",
    "answer_requests",
    "check_plan",
    "heading",
    "output_schema",
]

"""Very many calculations as lines of text: NDJSON or CSV in, NDJSON or CSV out, one block of lines at a time.

A block is whole lines; each is answered in its order and none fails the others. Nothing is kept between blocks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from app.services.bulk.columns import COLUMNS
from app.services.bulk.plan import FIELDS, Done, Plan
from app.services.bulk.reading import from_csv, from_ndjson
from app.services.bulk.writing import Objects, Rows
from app.services.calculation.fact_parsing import fact_specs
from app.services.calculation.request import ResolvedRequest, read_request
from app.services.calculation.response import Json
from app.services.problems import Problem
from app.services.snapshot.snapshot import Snapshot
from app.services.validation import MAX_REFERENCE_LENGTH, Faults


def check_plan(snapshot: Snapshot, plan: Plan) -> None:
    """Raise Problem with every column, duty or profile that is not known, before any line is read."""
    faults = Faults()
    if plan.reads == "csv":
        known = {*FIELDS, *fact_specs(snapshot)}
        for column in plan.header:
            if column not in known:
                faults.unknown("(header)", "column", column, known)
            elif plan.header.count(column) > 1:
                faults.add("(header)", "this column stands twice", "keep one of them", column)
        given = {"profile"} if plan.profile else set()
        for column in sorted({"profile", "event", "at"} - set(plan.header) - given):
            faults.add("(header)", f"the column {column} is missing", f"add {column}")
    if plan.profile is not None and plan.profile not in snapshot.profiles:
        faults.unknown("profile", "profile", plan.profile, set(snapshot.profiles))
    offered = {key for versions in snapshot.profiles.values() for v in versions for key in v.profile.vocabulary.duties}
    for duty in sorted(plan.duties - offered):
        faults.unknown("duty", "duty", duty, offered)
    for column in plan.columns:
        if column not in COLUMNS:
            faults.unknown("columns", "column", column, set(COLUMNS))
    faults.raise_any()


def heading(plan: Plan) -> bytes:
    """The first line of the output: the columns of CSV, nothing of NDJSON."""
    if plan.writes != "csv":
        return b""
    rows = Rows(plan)
    rows.write_header()
    return rows.take()


def answer_block(snapshot: Snapshot, plan: Plan, block: bytes, first_line: int) -> Done:
    """Answer a block of whole lines; `first_line` is the number of its first one."""
    asked: Iterator[tuple[int, ResolvedRequest | Json | Problem]]
    if plan.reads == "csv":
        asked = from_csv(plan, snapshot, block, first_line)
    else:
        asked = from_ndjson(plan, snapshot, block, first_line)
    if plan.writes == "csv":
        rows = Rows(plan)
        lines, faulty, obligations = _answer(snapshot, asked, rows.answered, rows.refused)
        return Done(rows.take(), lines, faulty, obligations)
    texts = Objects(plan)
    lines, faulty, obligations = _answer(snapshot, asked, texts.answered, texts.refused)
    return Done(b"".join(texts.out), lines, faulty, obligations)


def _answer(
    snapshot: Snapshot,
    asked: Iterator[tuple[int, ResolvedRequest | Json | Problem]],
    answered: Callable[[int, ResolvedRequest], int],
    refused: Callable[[int, str | None, Problem], None],
) -> tuple[int, int, int]:
    lines = faulty = obligations = 0
    for number, body in asked:
        lines += 1
        try:
            if isinstance(body, Problem):
                raise body
            request = body if isinstance(body, ResolvedRequest) else read_request(snapshot, body)
            obligations += answered(number, request)
        except Problem as problem:
            faulty += 1
            reference = body.get("reference") if isinstance(body, dict) else None
            kept = reference if isinstance(reference, str) and len(reference) <= MAX_REFERENCE_LENGTH else None
            refused(number, kept, problem)
    return lines, faulty, obligations


__all__ = ["Done", "Plan", "answer_block", "check_plan", "heading"]

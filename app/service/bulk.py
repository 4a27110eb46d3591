"""Very many calculations as lines of text: NDJSON or CSV in, NDJSON or CSV out, one block of lines at a time.

A block is whole lines; each is answered in its order and none fails the others. Nothing is kept between blocks.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import orjson

from app.engine.facts import FactSpec
from app.engine.outcome import Obligation, Undetermined
from app.profiles.vocabulary import shared_vocabulary
from app.service.answers import Json, perform, present
from app.service.problems import Fault, Problem
from app.service.requests import Faults, Request, read_request
from app.service.snapshot import Snapshot
from app.service.texts import fact_from_text

Form = Literal["ndjson", "csv"]

FIELDS = ("profile", "profile_version", "calendar", "calendar_version", "event", "at", "until", "reference")
NUMBERS = frozenset({"profile_version", "calendar_version"})
FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class Plan:
    """How every line of a file is read and written. `header` is the CSV's, when the lines are CSV."""

    reads: Form
    writes: Form
    header: tuple[str, ...] = ()
    profile: str | None = None
    until: str | None = None
    explain: bool = False
    duties: frozenset[str] = frozenset()
    columns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Done:
    """A block's answers, and how many lines, faulty lines and obligations they were."""

    output: bytes
    lines: int
    faults: int
    obligations: int


def known_facts(snapshot: Snapshot) -> dict[str, FactSpec]:
    """Every fact that some profile knows."""
    found = dict(shared_vocabulary().facts)
    for versions in snapshot.profiles.values():
        for version in versions:
            found |= version.profile.vocabulary.facts
    return found


def check_plan(snapshot: Snapshot, plan: Plan) -> None:
    """Raise Problem with every column, duty or profile that is not known, before any line is read."""
    faults = Faults()
    if plan.reads == "csv":
        known = {*FIELDS, *known_facts(snapshot)}
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


def answer_block(snapshot: Snapshot, plan: Plan, block: bytes, first_line: int) -> Done:
    """Answer a block of whole lines; `first_line` is the number of its first one."""
    out: list[bytes] = []
    lines = faulty = obligations = 0
    if plan.reads == "csv":
        asked = _from_csv(plan, block, first_line, known_facts(snapshot))
    else:
        asked = _from_ndjson(plan, block, first_line)
    for number, body in asked:
        lines += 1
        try:
            if isinstance(body, Problem):
                raise body
            request = read_request(snapshot, body)
            text, count = _to_csv(plan, number, request) if plan.writes == "csv" else _to_ndjson(plan, request)
            obligations += count
        except Problem as problem:
            faulty += 1
            text = _refusal(plan, number, body, problem)
        out.append(text)
    return Done(b"".join(out), lines, faulty, obligations)


def _from_ndjson(plan: Plan, block: bytes, first: int) -> Iterator[tuple[int, Json | Problem]]:
    for number, line in enumerate(block.split(b"\n"), start=first):
        if not line.strip():
            continue
        try:
            body = orjson.loads(line)
        except orjson.JSONDecodeError as error:
            # The message is the parser's and holds nothing of the line.
            fault = Fault("(line)", f"{error.msg} at column {error.colno}", "send one JSON object on each line")
            yield number, Problem("invalid-json", "The line is not JSON.", [fault])
            continue
        if isinstance(body, dict):
            if plan.profile is not None:
                body.setdefault("profile", plan.profile)
            if plan.until is not None:
                body.setdefault("until", plan.until)
            if plan.explain:
                body.setdefault("explain", True)
        yield number, body


def _from_csv(
    plan: Plan, block: bytes, first: int, facts: Mapping[str, FactSpec]
) -> Iterator[tuple[int, Json | Problem]]:
    reader = csv.reader(io.StringIO(block.decode("utf-8", errors="replace"), newline=""), strict=True)
    while True:
        number = first + reader.line_num
        try:
            row = next(reader, None)
        except csv.Error as error:
            fault = Fault("(line)", str(error), "write one row on each line, texts with commas in quotation marks")
            yield number, Problem("invalid-request", "The line is not CSV.", [fault])
            continue
        if row is None:
            return
        if row:
            yield number, _row(plan, row, facts)


def _row(plan: Plan, row: Sequence[str], facts: Mapping[str, FactSpec]) -> Json | Problem:
    if len(row) != len(plan.header):
        message = f"the row has {len(row)} cells, the header {len(plan.header)}"
        fault = Fault("(line)", message, "write a cell for each column, empty where nothing is known")
        return Problem("invalid-request", "The row does not fit the header.", [fault])
    given: dict[str, object] = {}
    known: dict[str, object] = {}
    for column, cell in zip(plan.header, row, strict=True):
        text = cell.strip()
        if not text:
            continue
        if column in NUMBERS:
            given[column] = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else text
        elif column in FIELDS:
            given[column] = text
        else:
            known[column] = fact_from_text(facts.get(column), text)
    return {
        "profile": given.get("profile", plan.profile),
        "profile_version": given.get("profile_version"),
        "calendar": given.get("calendar"),
        "calendar_version": given.get("calendar_version"),
        "event": {"type": given.get("event"), "occurred_at": given.get("at")},
        "facts": known,
        "until": given.get("until", plan.until),
        "explain": plan.explain,
        "reference": given.get("reference"),
    }


def _to_ndjson(plan: Plan, request: Request) -> tuple[bytes, int]:
    body = present(request, perform(request))
    kept = body["obligations"]
    assert isinstance(kept, list)
    if plan.duties:
        kept = [item for item in kept if item["duty"] in plan.duties]
        waiting = body["undetermined"]
        assert isinstance(waiting, list)
        body = {
            **body,
            "obligations": kept,
            "undetermined": [item for item in waiting if item["duty"] in plan.duties],
        }
    return orjson.dumps(body, option=orjson.OPT_APPEND_NEWLINE), len(kept)


def _refusal(plan: Plan, number: int, body: Json | Problem, problem: Problem) -> bytes:
    reference = body.get("reference") if isinstance(body, dict) else None
    reference = reference if isinstance(reference, str) and len(reference) <= 200 else None
    if plan.writes == "csv":
        faults = "; ".join(f"{fault.path}: {fault.message}, {fault.remedy}" for fault in problem.faults)
        row = {"line": number, "reference": reference, "status": "fault", "message": faults or problem.detail}
        return _csv_line([_cell(row.get(column)) for column in plan.columns or DEFAULT_COLUMNS])
    told = {"line": number, "reference": reference, "problem": problem.as_json()}
    return orjson.dumps(told, option=orjson.OPT_APPEND_NEWLINE)


def _joined(texts: Sequence[str]) -> str:
    return "; ".join(texts)


Column = Callable[[Obligation], object]

OBLIGATION: dict[str, Column] = {
    "due_date": lambda item: item.due_date.isoformat(),
    "due_at": lambda item: item.due_at.isoformat(),
    "last_working_day": lambda item: item.last_working_day and item.last_working_day.isoformat(),
    "not_before": lambda item: item.not_before and item.not_before.isoformat(),
    "duty": lambda item: item.duty,
    "title": lambda item: item.title,
    "rule": lambda item: item.rule.id,
    "timing": lambda item: item.timing,
    "kind": lambda item: item.kind,
    "occurrence": lambda item: item.occurrence,
    "strength": lambda item: item.strength,
    "responsible": lambda item: _joined(item.responsible),
    "section": lambda item: _joined([source.section for source in item.sources]),
    "document": lambda item: _joined(list(dict.fromkeys(source.document for source in item.sources))),
    "reading": lambda item: item.reading,
    "alternative_due_dates": lambda item: _joined(
        [other.due_date.isoformat() for other in item.alternatives if other.due_date]
    ),
    "assumptions": lambda item: _joined(item.assumptions),
    "projected": lambda item: "true" if item.projected else "false",
    "provisional": lambda item: "true" if item.provisional else "false",
}
UNDETERMINED: dict[str, Callable[[Undetermined], object]] = {
    "duty": lambda item: item.duty,
    "title": lambda item: item.title,
    "rule": lambda item: item.rule.id,
    "timing": lambda item: item.timing,
    "section": lambda item: _joined([source.section for source in item.sources]),
    "needs": lambda item: _joined(item.needs),
    "message": lambda item: item.reason,
}
COLUMNS = (
    "line",
    "reference",
    "profile",
    "profile_version",
    "calendar",
    "calendar_version",
    "event",
    "at",
    "status",
    *OBLIGATION,
    "needs",
    "message",
)
DEFAULT_COLUMNS = (
    "line",
    "reference",
    "profile",
    "profile_version",
    "event",
    "at",
    "status",
    "due_date",
    "due_at",
    "last_working_day",
    "duty",
    "rule",
    "title",
    "section",
    "responsible",
    "strength",
    "occurrence",
    "alternative_due_dates",
    "projected",
    "provisional",
    "needs",
    "message",
)


def heading(plan: Plan) -> bytes:
    """The first line of the output: the columns of CSV, nothing of NDJSON."""
    return _csv_line(plan.columns or DEFAULT_COLUMNS) if plan.writes == "csv" else b""


def _to_csv(plan: Plan, number: int, request: Request) -> tuple[bytes, int]:
    """A row for each obligation, then for each rule that waits for facts; one that says so where there is neither."""
    result = perform(request)
    columns = plan.columns or DEFAULT_COLUMNS
    same: dict[str, object] = {
        "line": number,
        "reference": request.reference,
        "profile": request.profile.record.key,
        "profile_version": request.profile.version,
        "calendar": request.calendar.record.key,
        "calendar_version": request.calendar.version,
        "event": request.event,
        "at": request.occurred_at,
    }
    rows: list[bytes] = []
    count = 0
    for due in result.obligations:
        if plan.duties and due.duty not in plan.duties:
            continue
        count += 1
        cells = (
            OBLIGATION[name](due) if name in OBLIGATION else "due" if name == "status" else same.get(name)
            for name in columns
        )
        rows.append(_csv_line([_cell(cell) for cell in cells]))
    for waiting in result.undetermined:
        if plan.duties and waiting.duty not in plan.duties:
            continue
        cells = (
            UNDETERMINED[name](waiting)
            if name in UNDETERMINED
            else "undetermined"
            if name == "status"
            else same.get(name)
            for name in columns
        )
        rows.append(_csv_line([_cell(cell) for cell in cells]))
    if not rows:
        rows.append(_csv_line([_cell({**same, "status": "nothing_due"}.get(name)) for name in columns]))
    return b"".join(rows), count


def _cell(value: object) -> str:
    """A cell that no spreadsheet takes for a formula."""
    if value is None:
        return ""
    text = str(value)
    return f"'{text}" if text.startswith(FORMULA) else text


def _csv_line(cells: Sequence[str]) -> bytes:
    return (",".join(_quoted(cell) for cell in cells) + "\r\n").encode()


def _quoted(cell: str) -> str:
    if '"' in cell or "," in cell or "\n" in cell or "\r" in cell:
        return '"' + cell.replace('"', '""') + '"'
    return cell

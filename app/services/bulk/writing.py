"""Write answers as lines of NDJSON or rows of CSV."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import orjson

from app.engine.results import Calculation
from app.services.bulk.columns import DEFAULT_COLUMNS, OBLIGATION, UNDETERMINED
from app.services.bulk.plan import Plan
from app.services.calculation.calculator import Calculator
from app.services.calculation.request import ResolvedRequest
from app.services.calculation.response import request_warnings
from app.services.exports.csv_writer import CsvWriter, join_texts
from app.services.problems import Problem


class Output(Protocol):
    """Collects the answers of one block in an output format."""

    def write_answer(self, number: int, request: ResolvedRequest, result: Calculation) -> None:
        """Write the answer to one input line."""

    def write_problem(self, number: int, reference: str | None, problem: Problem) -> None:
        """Write the problem of an input line that cannot be answered."""

    def take(self) -> bytes:
        """Return what was written since the last call."""


class NdjsonOutput:
    """Lines of NDJSON: an answer as the HTTP call returns it, or the line number with its problem."""

    def __init__(self, calculator: Calculator) -> None:
        self._calculator = calculator
        self._lines: list[bytes] = []

    def take(self) -> bytes:
        """Return what was written since the last call."""
        lines, self._lines = self._lines, []
        return b"".join(lines)

    def write_problem(self, number: int, reference: str | None, problem: Problem) -> None:
        """Write one line for an input line that cannot be answered."""
        values = {"line": number, "reference": reference, "problem": problem.as_json()}
        self._lines.append(orjson.dumps(values, option=orjson.OPT_APPEND_NEWLINE))

    def write_answer(self, number: int, request: ResolvedRequest, result: Calculation) -> None:
        """Write one line. Its place in the output is the number of its input line."""
        del number
        self._lines.append(self._calculator.serialize(request, result) + b"\n")


class CsvOutput:
    """Rows of CSV. What all rows of a request have in common is filled in once."""

    def __init__(self, plan: Plan) -> None:
        self.columns = plan.columns or DEFAULT_COLUMNS
        self._writer = CsvWriter()
        places = list(enumerate(self.columns))
        self._due = [(place, OBLIGATION[name]) for place, name in places if name in OBLIGATION]
        self._undetermined = [(place, UNDETERMINED[name]) for place, name in places if name in UNDETERMINED]
        self._status = self.columns.index("status") if "status" in self.columns else None

    def write_header(self) -> None:
        """Write the row of column names."""
        self._writer.write(self.columns)

    def take(self) -> bytes:
        """Return what was written since the last call."""
        return self._writer.take()

    def write_problem(self, number: int, reference: str | None, problem: Problem) -> None:
        """Write one row for an input line that cannot be answered."""
        faults = "; ".join(f"{fault.path}: {fault.message}, {fault.remedy}" for fault in problem.faults)
        values: dict[str, str | int] = {
            "line": number,
            "reference": reference or "",
            "message": faults or problem.detail,
        }
        self._write(values.get, "fault")

    def write_answer(self, number: int, request: ResolvedRequest, result: Calculation) -> None:
        """Write a row for each obligation and each undetermined rule, or one row that says there is neither."""
        common: dict[str, str | int] = {
            "line": number,
            "reference": request.reference or "",
            "profile": request.profile.record.key,
            "profile_version": request.profile.version,
            "calendar": request.calendar.record.key,
            "calendar_version": request.calendar.version,
            "event": request.event,
            "at": request.occurred_at,
            "warnings": join_texts([*request_warnings(request), *result.warnings]),
        }
        due, undetermined = result.obligations, result.undetermined
        if due:
            row = self._row(common.get, "due")
            for item in due:
                for place, get in self._due:
                    row[place] = get(item)
                self._writer.write(row)
        if undetermined:
            row = self._row(common.get, "undetermined")
            for rule in undetermined:
                for place, value in self._undetermined:
                    row[place] = value(rule)
                self._writer.write(row)
        if not due and not undetermined:
            self._write(common.get, "nothing_due")

    def _row(self, value_of: Callable[[str, str], str | int], status: str) -> list[str | int]:
        row = [value_of(name, "") for name in self.columns]
        if self._status is not None:
            row[self._status] = status
        return row

    def _write(self, value_of: Callable[[str, str], str | int], status: str) -> None:
        self._writer.write(self._row(value_of, status))

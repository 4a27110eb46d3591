"""Write answers as rows of CSV."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import cast

from app.engine.results import Alternative, Calculation, Obligation, Undetermined
from app.services.bulk.columns import DATE, DEFAULT_COLUMNS, LINE, RULE, Kind, Line, Status, message
from app.services.bulk.plan import Plan
from app.services.calculation.request import ResolvedRequest
from app.services.calculation.response import request_warnings
from app.services.exports.csv_writer import CsvWriter, join_texts
from app.services.problems import Fault, Problem


class CsvOutput:
    """Rows of CSV. What all rows of a line have in common is filled in once."""

    def __init__(self, plan: Plan) -> None:
        self.columns = plan.columns or DEFAULT_COLUMNS
        self._writer = CsvWriter()
        places = {name: place for place, name in enumerate(self.columns)}
        self._line = [(places[each.name], each.kind, each.value) for each in LINE if each.name in places]
        self._rule = [(places[each.name], each.kind, each.value) for each in RULE if each.name in places]
        self._undetermined = [(places[each.name], each.kind, each.undetermined) for each in RULE if each.name in places]
        self._date = [(places[each.name], each.kind, each.value) for each in DATE if each.name in places]
        self._status, self._message = places.get("status"), places.get("message")

    def write_header(self) -> None:
        """Write the row of column names."""
        self._writer.write(self.columns)

    def take(self) -> bytes:
        """Return what was written since the last call."""
        return self._writer.take()

    def write_problem(self, number: int, reference: str | None, problem: Problem) -> None:
        """Write one row for an input line that cannot be answered."""
        line = Line(number, reference, problem=problem)
        self._writer.write(self._row(line, "fault"))

    def write_answer(self, number: int, request: ResolvedRequest, result: Calculation) -> None:
        """Write a row for each obligation and each undetermined rule, or one row that says there is neither."""
        warnings = (*request_warnings(request), *result.warnings)
        line = Line(number, request.reference, request, warnings)
        if result.obligations:
            row = self._row(line, "due")
            for item in result.obligations:
                self._fill(row, item)
                self._writer.write(row)
        for rule in result.undetermined:
            row = self._row(line, "undetermined", rule)
            for place, kind, value in self._undetermined:
                row[place] = to_text(kind, value(rule))
            self._writer.write(row)
        if not result.obligations and not result.undetermined:
            self._writer.write(self._row(line, "nothing_due"))

    def _fill(self, row: list[object], item: Obligation) -> None:
        for place, kind, value in self._rule:
            row[place] = to_text(kind, value(item.template))
        for place, kind, date_value in self._date:
            row[place] = to_text(kind, date_value(item))

    def _row(self, line: Line, status: Status, item: Undetermined | None = None) -> list[object]:
        row: list[object] = [""] * len(self.columns)
        for place, kind, value in self._line:
            row[place] = to_text(kind, value(line))
        if self._status is not None:
            row[self._status] = status
        if self._message is not None:
            row[self._message] = message(line, item)
        return row


def to_text(kind: Kind, value: object) -> object:
    """Return a value as a cell has it: days and instants as ISO 8601, lists joined, readings with their days."""
    if value is None:
        return ""
    write = TEXT.get(kind)
    return value if write is None else write(value)


def _day(value: object) -> str:
    return cast(date, value).isoformat()


def _readings(value: object) -> str:
    others = cast(Sequence[Alternative], value)
    return join_texts(f"{each.due_date or _undated(each)}: {each.reading}" for each in others)


def _undated(other: Alternative) -> str:
    return "undated" + (f" without {', '.join(other.needs)}" if other.needs else "")


def _faults(value: object) -> str:
    return join_texts(f"{each.path}: {each.message}, {each.remedy}" for each in cast(Sequence[Fault], value))


TEXT: dict[Kind, Callable[[object], object]] = {
    "day": _day,
    "instant": _day,
    "texts": lambda value: join_texts(cast(Sequence[str], value)),
    "truth": lambda value: "true" if value else "false",
    "readings": _readings,
    "faults": _faults,
}

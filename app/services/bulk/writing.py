"""Answers as lines of NDJSON or rows of CSV."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

import orjson

from app.services.bulk.columns import DEFAULT_COLUMNS, OBLIGATION, UNDETERMINED
from app.services.bulk.plan import Plan
from app.services.calculation.request import ResolvedRequest
from app.services.calculation.response import Json, calculate, to_response
from app.services.exports.csv_writer import CsvWriter
from app.services.problems import Problem


class Objects:
    """Lines of NDJSON: an answer as the HTTP call gives it, or the line's number with the problem."""

    def __init__(self, plan: Plan) -> None:
        self.duties = plan.duties
        self.out: list[bytes] = []

    def refused(self, number: int, reference: str | None, problem: Problem) -> None:
        """One line for a line that cannot be answered."""
        told = {"line": number, "reference": reference, "problem": problem.as_json()}
        self.out.append(orjson.dumps(told, option=orjson.OPT_APPEND_NEWLINE))

    def answered(self, number: int, request: ResolvedRequest) -> int:  # noqa: ARG002 - the answers keep the lines' order
        """One line; gives the number of obligations."""
        body = to_response(request, calculate(request))
        if self.duties:
            body = {**body, **{part: self._wanted(body[part]) for part in ("obligations", "undetermined")}}
        self.out.append(orjson.dumps(body, option=orjson.OPT_APPEND_NEWLINE))
        return len(cast(list[Json], body["obligations"]))

    def _wanted(self, items: object) -> list[Json]:
        return [item for item in cast(list[Json], items) if item["duty"] in self.duties]


class Rows:
    """Rows of CSV: what is the same for all rows of a request is put in once, the rest row by row."""

    def __init__(self, plan: Plan) -> None:
        self.columns = plan.columns or DEFAULT_COLUMNS
        self.duties = plan.duties
        self._writer = CsvWriter()
        places = list(enumerate(self.columns))
        self._due = [(place, OBLIGATION[name]) for place, name in places if name in OBLIGATION]
        self._waiting = [(place, UNDETERMINED[name]) for place, name in places if name in UNDETERMINED]
        self._status = self.columns.index("status") if "status" in self.columns else None

    def write_header(self) -> None:
        """Write the row of column names."""
        self._writer.write(self.columns)

    def take(self) -> bytes:
        """Return what was written since the last call."""
        return self._writer.take()

    def refused(self, number: int, reference: str | None, problem: Problem) -> None:
        """One row for a line that cannot be answered."""
        faults = "; ".join(f"{fault.path}: {fault.message}, {fault.remedy}" for fault in problem.faults)
        told: dict[str, str | int] = {
            "line": number,
            "reference": reference or "",
            "message": faults or problem.detail,
        }
        self._write(told.get, "fault")

    def answered(self, number: int, request: ResolvedRequest) -> int:
        """A row for each obligation, then for each rule that waits for facts; one that says so where there is neither.

        Gives the number of obligations.
        """
        result = calculate(request)
        same: dict[str, str | int] = {
            "line": number,
            "reference": request.reference or "",
            "profile": request.profile.record.key,
            "profile_version": request.profile.version,
            "calendar": request.calendar.record.key,
            "calendar_version": request.calendar.version,
            "event": request.event,
            "at": request.occurred_at,
        }
        due = [item for item in result.obligations if not self.duties or item.duty in self.duties]
        waiting = [item for item in result.undetermined if not self.duties or item.duty in self.duties]
        if due:
            row = self._row(same.get, "due")
            for item in due:
                for place, get in self._due:
                    row[place] = get(item)
                self._writer.write(row)
        if waiting:
            row = self._row(same.get, "undetermined")
            for open_item in waiting:
                for place, told in self._waiting:
                    row[place] = told(open_item)
                self._writer.write(row)
        if not due and not waiting:
            self._write(same.get, "nothing_due")
        return len(due)

    def _row(self, known: Callable[[str, str], str | int], status: str) -> list[str | int]:
        row = [known(name, "") for name in self.columns]
        if self._status is not None:
            row[self._status] = status
        return row

    def _write(self, known: Callable[[str, str], str | int], status: str) -> None:
        self._writer.write(self._row(known, status))

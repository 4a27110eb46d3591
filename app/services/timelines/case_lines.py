"""How timely cases were that are sent one a line: any number of them, one in memory at a time."""

from __future__ import annotations

from collections.abc import Sequence

import orjson

from app.services.calculation.batch import Line
from app.services.calculation.json_body import parse_json
from app.services.observability import metrics
from app.services.problems import LINE, Fault, Problem
from app.services.snapshot.snapshot import Snapshot
from app.services.timelines.request import CountingRequest
from app.services.timelines.timeliness import CountedCases
from app.services.validation import read


class CaseLines:
    """Counts cases as they arrive: the first line is the request, each further line is one case.

    Answers with the rows, where the request wants them, a line each, and with the figures in the last line.
    """

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._count: CountedCases | None = None
        self._refused = False
        self._number = 0

    def answer_short(self, group: Sequence[Line]) -> list[bytes | None]:
        """Return None for each line: a case may have a thousand events."""
        return [None] * len(group)

    def answer_long(self, line: Line) -> bytes:
        """Return the rows of one case, where they are wanted; of the first line, its faults."""
        self._number += 1
        if line == b"" or self._refused:
            return b""
        if self._count is None:
            return self._begin(line)
        place = f"line {self._number}"
        try:
            item: object = _parsed(line)
        except Problem as problem:
            self._count.refuse(place, None, problem)
            return b""
        rows = self._count.take(place, item)
        return b"".join([orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE) for row in rows])

    def end(self) -> bytes:
        """Return the figures; where nothing was sent, the problem."""
        if self._count is not None:
            return orjson.dumps(self._count.as_json(), option=orjson.OPT_APPEND_NEWLINE)
        if self._refused:
            return b""
        fault = Fault("line 1", "nothing was sent", 'send {"profile": …, "as_of": …} and then one case a line')
        return _written(Problem("invalid-request", "The first line says what is asked.", [fault]))

    def _begin(self, line: Line) -> bytes:
        """Read the request; a fault in it is the only answer."""
        try:
            request = read(CountingRequest, _parsed(line), self._snapshot, whole=LINE)
        except Problem as problem:
            self._refused = True
            return _written(problem.of_line("line 1"))
        self._count = CountedCases(self._snapshot, request)
        return b""


def _parsed(line: Line) -> object:
    if line is None:
        fault = Fault(LINE, "the line is too long", "send fewer events, or several cases")
        raise Problem("body-too-large", "The line is too long.", [fault])
    return parse_json(line, "line")


def _written(problem: Problem) -> bytes:
    metrics.count_problem(problem.kind)
    return orjson.dumps(problem.as_json(), option=orjson.OPT_APPEND_NEWLINE)

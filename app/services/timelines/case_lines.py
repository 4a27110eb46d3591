"""How timely cases were that are sent one a line: any number of them, one in memory at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import orjson

from app.services.calculation.json_body import parse_json
from app.services.calculation.lines import LineReader
from app.services.observability import metrics
from app.services.problems import Fault, Problem
from app.services.snapshot.snapshot import Snapshot
from app.services.timelines.request import CountingRequest
from app.services.timelines.timeliness import CountedCases
from app.services.validation import read


class CaseLines(LineReader):
    """Count cases as they arrive: the first line says what is asked, each further line is one case.

    Answers with the rows that were asked for, a line each, and with the figures in the last line.
    """

    def __init__(self, snapshot: Snapshot) -> None:
        super().__init__()
        self._snapshot = snapshot
        self._count: CountedCases | None = None
        self._refused = False
        self._number = 0

    def _answer(self, lines: Sequence[bytes | None]) -> Iterator[bytes]:
        for line in lines:
            self._number += 1
            if line == b"" or self._refused:
                continue
            if self._count is None:
                yield from self._begin(line)
                continue
            place = f"line {self._number}"
            try:
                item: object = _parsed(line)
            except Problem as problem:
                self._count.refuse(place, None, problem)
                continue
            for row in self._count.take(place, item):
                yield orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE)

    def _begin(self, line: bytes | None) -> Iterator[bytes]:
        """Read what is asked; a fault in that is the only answer."""
        try:
            request = read(CountingRequest, _parsed(line), self._snapshot)
        except Problem as problem:
            self._refused = True
            yield _written(problem)
            return
        self._count = CountedCases(self._snapshot, request)

    def finish(self) -> Iterator[bytes]:
        """Return the rows of a last line without an end, and the figures."""
        yield from super().finish()
        if self._count is not None:
            yield orjson.dumps(self._count.as_json(), option=orjson.OPT_APPEND_NEWLINE)
        elif not self._refused:
            fault = Fault("line 1", "nothing was sent", 'send {"profile": …, "as_of": …} and then one case a line')
            yield _written(Problem("invalid-request", "The first line says what is asked.", [fault]))


def _parsed(line: bytes | None) -> object:
    if line is None:
        fault = Fault("(line)", "the line is too long", "send fewer events, or several cases")
        raise Problem("body-too-large", "The line is too long.", [fault])
    return parse_json(line, "line")


def _written(problem: Problem) -> bytes:
    metrics.count_problem(problem.kind)
    return orjson.dumps(problem.as_json(), option=orjson.OPT_APPEND_NEWLINE)

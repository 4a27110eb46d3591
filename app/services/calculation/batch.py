"""Answer many calculations in one call: a list of up to 1,000, or line by line without end."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import cast

import orjson

from app.engine.results import Calculation
from app.services.calculation.calculator import Calculator
from app.services.calculation.json_body import parse_json
from app.services.calculation.request import ResolvedRequest, read_request
from app.services.calculation.response import Json, calculate_response
from app.services.member_reading import read_object
from app.services.observability import metrics
from app.services.problems import Fault, Problem, answer_too_long
from app.services.snapshot.snapshot import Snapshot
from app.services.validation import Faults

MAX_ITEMS = 1_000
# A thousand items of what is due next, and several times as much; each item alone has the limit of one answer.
MAX_OBLIGATIONS = 50_000
MAX_LINE_BYTES = 1024 * 1024
MAX_TOGETHER = 32

Answering = Callable[[Snapshot, object], Json]


def calculation(snapshot: Snapshot, body: object) -> Json:
    """Answer one calculation. Raises Problem."""
    return calculate_response(read_request(snapshot, body))


def batch(snapshot: Snapshot, body: object, answering: Answering = calculation) -> Json:
    """Answer every item in its place, one that has faults by its problem. Raises Problem for the list itself.

    From the item on whose obligations would be too many together with those before it, every item is refused.
    """
    faults = Faults()
    table = read_object(faults, body, "(body)", frozenset({"items"}), frozenset({"items"}))
    items = table.get("items")
    if not isinstance(items, list):
        if "items" in table:
            faults.add("items", "items is a list of calculations", 'send {"items": [{"profile": …, "event": …}]}')
        items = []
    if len(items) > MAX_ITEMS:
        remedy = f"send at most {MAX_ITEMS}, or any number as application/x-ndjson"
        faults.add("items", f"{len(items)} items were sent", remedy)
    faults.raise_any()
    answers: list[Json] = []
    failed = obligations = 0
    for item in items:
        try:
            if obligations > MAX_OBLIGATIONS:
                raise _too_many()
            response = answering(snapshot, item)
            obligations += len(cast(list[Json], response["obligations"]))
            if obligations > MAX_OBLIGATIONS:
                raise _too_many()
            answers.append(response)
        except Problem as problem:
            metrics.count_problem(problem.kind)
            answers.append(problem.as_json())
            failed += 1
    return {"items": answers, "answered": len(answers) - failed, "failed": failed}


def _too_many() -> Problem:
    return answer_too_long(
        f"A batch holds at most {MAX_OBLIGATIONS} obligations.",
        "until",
        "the items up to this one would hold too many obligations together",
        "send an earlier until, or this item and those after it in another batch or as application/x-ndjson",
    )


class LineBatch:
    """Answer lines as they arrive, one line in, one line out: `feed` it bytes, then `finish`.

    Holds at most one unfinished line. An empty line is answered by an empty one, so that the positions stay the same.
    A line that is too long is answered in its place, and its bytes are dropped as they arrive.
    """

    def __init__(self, calculator: Calculator, *, max_line_bytes: int = MAX_LINE_BYTES) -> None:
        self._calculator = calculator
        self._max_line_bytes = max_line_bytes
        self._unfinished = bytearray()
        self._dropping = False

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        """Return the answers to the lines that end in this chunk.

        Up to 32 usual requests are read, then calculated, then serialised: a step that is repeated at once is faster.
        Of a request that may be long (series unfolded, explanations) only its own answer is held in memory.
        """
        *lines, rest = chunk.split(b"\n")
        together: list[ResolvedRequest] = []
        for line in lines:
            request = self._read(self._complete(line))
            if isinstance(request, ResolvedRequest) and request.until is None and not request.explain:
                together.append(request)
                if len(together) < MAX_TOGETHER:
                    continue
                request = b""
            yield from self._answer(together)
            together = []
            if isinstance(request, ResolvedRequest):
                yield from self._answer([request])
            else:
                yield request
        yield from self._answer(together)
        self._append(rest)

    def finish(self) -> Iterator[bytes]:
        """Return the answer to a last line without an end, if there is one."""
        if self._unfinished or self._dropping:
            yield from self.feed(b"\n")

    def _append(self, part: bytes) -> None:
        if self._dropping or len(self._unfinished) + len(part) > self._max_line_bytes:
            self._dropping = True
            self._unfinished.clear()
        else:
            self._unfinished += part

    def _complete(self, end: bytes) -> bytes | None:
        """Return a line that has ended, None if it was too long."""
        self._append(end)
        line, dropped = bytes(self._unfinished).strip(b" \t\r"), self._dropping
        self._unfinished.clear()
        self._dropping = False
        return None if dropped else line

    def _read(self, line: bytes | None) -> ResolvedRequest | bytes:
        """Return the request in a line, or the answer to a line without one."""
        if line == b"":
            return b"\n"
        try:
            if line is None:
                raise self._too_long()
            return read_request(self._calculator.snapshot, parse_json(line, "line"))
        except Problem as problem:
            return _problem_line(problem)

    def _too_long(self) -> Problem:
        fault = Fault("(line)", "the line is too long", "send fewer facts, or several lines")
        return Problem("body-too-large", f"A line holds at most {self._max_line_bytes} bytes.", [fault])

    def _answer(self, requests: Sequence[ResolvedRequest]) -> Iterator[bytes]:
        results = [self._calculate(request) for request in requests]
        for request, result in zip(requests, results, strict=True):
            if isinstance(result, Problem):
                yield _problem_line(result)
            else:
                yield self._calculator.serialize(request, result) + b"\n"

    def _calculate(self, request: ResolvedRequest) -> Calculation | Problem:
        try:
            return self._calculator.calculate(request)
        except Problem as problem:
            return problem


def _problem_line(problem: Problem) -> bytes:
    metrics.count_problem(problem.kind)
    return orjson.dumps(problem.as_json(), option=orjson.OPT_APPEND_NEWLINE)


def lines(calculator: Calculator, chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Answer a whole stream of lines, chunk by chunk."""
    work = LineBatch(calculator)
    for chunk in chunks:
        yield from work.feed(chunk)
    yield from work.finish()

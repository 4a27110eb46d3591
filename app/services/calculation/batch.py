"""Answer many calculations in one call: a list of up to 1,000, or line by line without end."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import cast

import orjson
from pydantic import Field, SkipValidation

from app.services.calculation.calculator import Answer, Calculator
from app.services.calculation.lines import MAX_LINE_BYTES, LineReader
from app.services.calculation.request import CalculationRequest, read_request
from app.services.calculation.response import Json, calculate_response
from app.services.observability import metrics
from app.services.problems import Fault, Problem, answer_too_long
from app.services.snapshot.snapshot import Snapshot
from app.services.validation import RequestModel, read

MAX_ITEMS = 1_000
# A thousand items of what is due next, and several times as much; each item alone has the limit of one answer.
MAX_OBLIGATIONS = 50_000


class BatchRequest(RequestModel):
    """Up to 1,000 calculations. An item that is not a calculation is answered by a problem in its place."""

    # Each item is validated by itself, so that its faults do not fail the others.
    items: list[SkipValidation[CalculationRequest]] = Field(max_length=MAX_ITEMS)


Answering = Callable[[Snapshot, object], Json]


def calculation(snapshot: Snapshot, body: object) -> Json:
    """Answer one calculation. Raises Problem."""
    return calculate_response(read_request(snapshot, body))


def batch(snapshot: Snapshot, body: object, answering: Answering = calculation) -> Json:
    """Answer every item in its place, one that has faults by its problem. Raises Problem for the list itself.

    From the item on whose obligations would be too many together with those before it, every item is refused.
    """
    items = read(BatchRequest, body).items
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


class LineBatch(LineReader):
    """Answer lines as they arrive, one line in, one line out: `feed` it bytes, then `finish`.

    An empty line is answered by an empty one, so that the positions stay the same; a line that is too long is answered
    in its place.
    """

    def __init__(self, calculator: Calculator, *, max_line_bytes: int = MAX_LINE_BYTES) -> None:
        super().__init__(max_line_bytes=max_line_bytes)
        self._calculator = calculator

    def _answer(self, lines: Sequence[bytes | None]) -> Iterator[bytes]:
        answers = iter(self._calculator.answer_together([line for line in lines if line], "line"))
        for line in lines:
            if line is None:
                fault = Fault("(line)", "the line is too long", "send fewer facts, or several lines")
                detail = f"A line holds at most {self._max_line_bytes} bytes."
                yield _problem_line(Problem("body-too-large", detail, [fault]))
            else:
                yield self._written(next(answers)) if line else b"\n"

    def _written(self, answer: Answer | Exception) -> bytes:
        try:
            if isinstance(answer, Exception):
                raise answer
            data = self._calculator.answer(answer.request) if answer.data is None else answer.data
        except Problem as problem:
            return _problem_line(problem)
        return data + b"\n"


def _problem_line(problem: Problem) -> bytes:
    metrics.count_problem(problem.kind)
    return orjson.dumps(problem.as_json(), option=orjson.OPT_APPEND_NEWLINE)


def lines(calculator: Calculator, chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Answer a whole stream of lines, chunk by chunk."""
    work = LineBatch(calculator)
    for chunk in chunks:
        yield from work.feed(chunk)
    yield from work.finish()

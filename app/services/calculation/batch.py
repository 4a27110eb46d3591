"""Answer many calculations in one call: a list, or line by line without end."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence

import orjson
from pydantic import Field, SkipValidation

from app.services.calculation.calculator import Answer, Calculator
from app.services.calculation.request import CalculationRequest
from app.services.event_loop import NeedsThread
from app.services.observability import metrics
from app.services.problems import LINE, Fault, Problem
from app.services.validation import RequestModel
from app.services.work import MIB, Work

MAX_ITEMS = 1_000
# A thousand items of what is due next, and several times as much; each item alone has the limit of one answer.
MAX_BATCH_OBLIGATIONS = 50_000
MAX_BATCH_ANSWER_BYTES = 64 * MIB
MAX_LINE_BYTES = MIB
MAX_TOGETHER = 64
# What is parsed and validated together takes some milliseconds at most.
MAX_TOGETHER_BYTES = 16 * 1024

Line = bytes | None
"""A line without its end; None where it was too long, and its bytes were dropped."""


class BatchRequest(RequestModel):
    """A list of calculations. An item that is not a calculation is answered by a problem in its place."""

    # Each item is validated by itself, so that its faults do not fail the others.
    items: list[SkipValidation[CalculationRequest]] = Field(max_length=MAX_ITEMS)


# --- one request among many ----------------------------------------------------------------------------------------


def answer_short(calculator: Calculator, bodies: Sequence[bytes]) -> list[bytes | None]:
    """Return the answer to each request as JSON, a problem where it has faults; None where it may take long."""
    return [_serialize_short(answer) for answer in calculator.answer_together(bodies, "line")]


def answer_one(calculator: Calculator, body: bytes, what: str = "line") -> bytes:
    """Return the answer to one request as JSON, however long it takes. Raises Problem where it has faults."""
    (answer,) = calculator.answer_together([body], what)
    if isinstance(answer, Exception):
        raise answer
    request, data = answer
    return calculator.answer(request) if data is None else data


def _serialize_short(answer: Answer | Exception) -> bytes | None:
    if isinstance(answer, tuple):
        return answer[1]
    if isinstance(answer, Problem):
        return serialize_problem(answer)
    if isinstance(answer, NeedsThread):
        return None
    raise answer


def serialize_problem(problem: Problem) -> bytes:
    """Return a problem in an item's or a line's place as JSON, and count it."""
    metrics.count_problem(problem.kind)
    return orjson.dumps(problem.as_json())


# --- a list --------------------------------------------------------------------------------------------------------


class ListBatch:
    """Answers the items of a list, some at a time. From the item on that exceeds the work's budget each is refused.

    The items are stored as JSON: an answer that is read slowly must not occupy the memory of parsed requests.
    """

    def __init__(self, calculator: Calculator, items: Sequence[object], work: Work) -> None:
        self._calculator = calculator
        self._items = [_serialize_item(item) for item in items]
        self._work = work
        self._place = 0
        self.failed = 0

    @property
    def answered(self) -> int:
        """Return how many items were answered by a calculation so far."""
        return self._place - self.failed

    @property
    def is_done(self) -> bool:
        """Return whether every item was answered."""
        return self._place == len(self._items)

    def answer_some(self, max_bytes: int) -> list[bytes]:
        """Return the answers to the next items, until they have so many bytes together."""
        answers: list[bytes] = []
        size = 0
        while not self.is_done and size < max_bytes:
            answer = self._answer(self._items[self._place])
            self._place += 1
            answers.append(answer)
            size += len(answer)
        return answers

    def _answer(self, item: bytes) -> bytes:
        self._work.check()
        try:
            if self._work.exceeded is not None:
                raise self._work.exceeded
            answer = answer_one(self._calculator, item, "item")
            self._work.count_bytes(len(answer))
        except Problem as problem:
            self.failed += 1
            return serialize_problem(problem)
        return answer


def _serialize_item(item: object) -> bytes:
    """Return an item as JSON; a number of more than 64 bits in Python's way, which is slower."""
    try:
        return orjson.dumps(item)
    except TypeError:
        return json.dumps(item).encode()


# --- lines ---------------------------------------------------------------------------------------------------------


class LineSplitter:
    """Splits a stream into lines as it arrives: `feed` it bytes, then `finish`.

    Holds at most one unfinished line. A line that is too long is None, and its bytes are dropped as they arrive.
    """

    def __init__(self, *, max_line_bytes: int = MAX_LINE_BYTES) -> None:
        self._max_line_bytes = max_line_bytes
        self._unfinished = bytearray()
        self._dropping = False

    @property
    def unfinished_bytes(self) -> int:
        """Return how many bytes there are of the line that has not ended."""
        return len(self._unfinished)

    def feed(self, chunk: bytes) -> list[Line]:
        """Return the lines that end in this chunk."""
        *ends, rest = chunk.split(b"\n")
        ended = [self._complete(end) for end in ends]
        self._append(rest)
        return ended

    def finish(self) -> list[Line]:
        """Return a last line without an end, if there is one."""
        return self.feed(b"\n") if self._unfinished or self._dropping else []

    def _append(self, part: bytes) -> None:
        if self._dropping or len(self._unfinished) + len(part) > self._max_line_bytes:
            self._dropping = True
            self._unfinished.clear()
        else:
            self._unfinished += part

    def _complete(self, end: bytes) -> Line:
        if not self._unfinished and not self._dropping and len(end) <= self._max_line_bytes:
            return end.strip(b" \t\r")
        self._append(end)
        line, dropped = bytes(self._unfinished).strip(b" \t\r"), self._dropping
        self._unfinished.clear()
        self._dropping = False
        return None if dropped else line


def answer_short_lines(calculator: Calculator, group: Sequence[Line]) -> list[bytes | None]:
    """Return the line that answers each line, None where that may take long.

    An empty line is answered by an empty one, so that the positions stay the same.
    """
    short = answer_short(calculator, [line for line in group if line])
    answers = [None if answer is None else answer + b"\n" for answer in short]
    if len(answers) == len(group):
        return answers
    following = iter(answers)
    return [next(following) if line else _too_long() if line is None else b"\n" for line in group]


def answer_line(calculator: Calculator, line: bytes) -> bytes:
    """Return the line that answers a line, however long it takes."""
    try:
        return answer_one(calculator, line) + b"\n"
    except Problem as problem:
        return serialize_problem(problem) + b"\n"


class CalculationLines:
    """Answers one calculation a line, one line in, one line out."""

    def __init__(self, calculator: Calculator) -> None:
        self._calculator = calculator

    def answer_short(self, group: Sequence[Line]) -> list[bytes | None]:
        """Return the line that answers each line, None where that may take long."""
        return answer_short_lines(self._calculator, group)

    def answer_long(self, line: Line) -> bytes:
        """Return the line that answers a line, however long it takes."""
        return _too_long() if line is None else answer_line(self._calculator, line)

    def end(self) -> bytes:
        """Return what is answered after the last line: nothing."""
        return b""


def group_lines(ended: Iterable[Line]) -> Iterator[list[Line]]:
    """Put lines together that are answered at once: at most MAX_TOGETHER, and a long one by itself."""
    group: list[Line] = []
    size = 0
    for line in ended:
        length = len(line or b"")
        if group and (len(group) == MAX_TOGETHER or size + length > MAX_TOGETHER_BYTES):
            yield group
            group, size = [], 0
        group.append(line)
        size += length
    if group:
        yield group


def lines(calculator: Calculator, chunks: Iterable[bytes], *, max_line_bytes: int = MAX_LINE_BYTES) -> Iterator[bytes]:
    """Answer a whole stream of lines, chunk by chunk."""
    splitter = LineSplitter(max_line_bytes=max_line_bytes)
    for chunk in chunks:
        yield from _answer_lines(calculator, splitter.feed(chunk))
    yield from _answer_lines(calculator, splitter.finish())


def _answer_lines(calculator: Calculator, ended: list[Line]) -> Iterator[bytes]:
    for group in group_lines(ended):
        for line, answer in zip(group, answer_short_lines(calculator, group), strict=True):
            yield answer_line(calculator, line or b"") if answer is None else answer


def _too_long() -> bytes:
    fault = Fault(LINE, "the line is too long", "send fewer facts, or several lines")
    detail = f"A line holds at most {MAX_LINE_BYTES} bytes."
    return serialize_problem(Problem("body-too-large", detail, [fault])) + b"\n"

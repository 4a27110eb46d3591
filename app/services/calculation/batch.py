"""Many calculations in one call: a list of up to 1,000, or line by line without end."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import cast

import orjson

from app.services.calculation.json_body import parse_json
from app.services.calculation.plain import read_plain
from app.services.calculation.rendered import rendered
from app.services.calculation.request import Faults, Request, read_object, read_request
from app.services.calculation.response import Json, answer, perform
from app.services.observability import metrics
from app.services.problems import Fault, Problem, answer_too_long
from app.services.snapshot.snapshot import Snapshot

MOST_ITEMS = 1_000
# A thousand items of what is due next, and several times as much; each item alone has the limit of one answer.
MOST_OBLIGATIONS = 50_000
LONGEST_LINE = 1024 * 1024
MOST_TOGETHER = 32

Answering = Callable[[Snapshot, object], Json]


def calculation(snapshot: Snapshot, body: object) -> Json:
    """One calculation. Raises Problem."""
    return answer(read_request(snapshot, body))


def batch(snapshot: Snapshot, body: object, answering: Answering = calculation) -> Json:
    """Every item answered in its place, one that cannot be by its problem. Raises Problem for the list itself.

    From the item on whose obligations would be too many together with those before it, every item is refused.
    """
    faults = Faults()
    table = read_object(faults, body, "(body)", frozenset({"items"}), frozenset({"items"}))
    items = table.get("items")
    if not isinstance(items, list):
        if "items" in table:
            faults.add("items", "items is a list of calculations", 'send {"items": [{"profile": …, "event": …}]}')
        items = []
    if len(items) > MOST_ITEMS:
        remedy = f"send at most {MOST_ITEMS}, or any number as application/x-ndjson"
        faults.add("items", f"{len(items)} items were sent", remedy)
    faults.raise_any()
    answers: list[Json] = []
    failed = held = 0
    for item in items:
        try:
            if held > MOST_OBLIGATIONS:
                raise _too_many()
            found = answering(snapshot, item)
            held += len(cast(list[Json], found["obligations"]))
            if held > MOST_OBLIGATIONS:
                raise _too_many()
            answers.append(found)
        except Problem as problem:
            metrics.count_problem(problem.kind)
            answers.append(problem.as_json())
            failed += 1
    return {"items": answers, "answered": len(answers) - failed, "failed": failed}


def _too_many() -> Problem:
    return answer_too_long(
        f"A batch holds at most {MOST_OBLIGATIONS} obligations.",
        "until",
        "the items up to this one would hold too many obligations together",
        "send an earlier until, or this item and those after it in another batch or as application/x-ndjson",
    )


class LineBatch:
    """One line in, one line out: feed it bytes as they come, then finish. It holds a few lines at once and no more.

    An empty line is answered by an empty one, so that the places keep. A line that is too long is answered in its
    place and its bytes are dropped as they come.
    """

    def __init__(self, snapshot: Snapshot, *, longest: int = LONGEST_LINE) -> None:
        self.snapshot = snapshot
        self.longest = longest
        self._held = bytearray()
        self._dropping = False

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        """The answers to the lines that end in this chunk."""
        start = 0
        together: list[Request] = []
        while (end := chunk.find(b"\n", start)) >= 0:
            line = self._line(chunk[start:end])
            start = end + 1
            asked = read_plain(self.snapshot, line) if line else None
            if asked is not None:
                together.append(asked)
            if together and (asked is None or len(together) == MOST_TOGETHER):
                yield from _answers(together)
                together = []
            if asked is None:
                yield self._answer(line)
        yield from _answers(together)
        self._hold(chunk[start:])

    def finish(self) -> Iterator[bytes]:
        """The answer to a last line without an end, if there is one."""
        if self._held or self._dropping:
            yield self._answer(self._line(b""))

    def _hold(self, part: bytes) -> None:
        if self._dropping or len(self._held) + len(part) > self.longest:
            self._dropping = True
            self._held.clear()
        else:
            self._held += part

    def _line(self, rest: bytes) -> bytes | None:
        """A line that has ended, None if it was too long."""
        if not self._held and not self._dropping and len(rest) <= self.longest:
            return rest.strip(b" \t\r")
        self._hold(rest)
        line, dropped = bytes(self._held).strip(b" \t\r"), self._dropping
        self._held.clear()
        self._dropping = False
        return None if dropped else line

    def _answer(self, line: bytes | None) -> bytes:
        """The answer to one line, whatever it is; a refusal stands in its place."""
        if line == b"":
            return b"\n"
        try:
            asked = self._asked(line)
            return rendered(asked, perform(asked)) + b"\n"
        except Problem as problem:
            metrics.count_problem(problem.kind)
            return orjson.dumps(problem.as_json()) + b"\n"

    def _asked(self, line: bytes | None) -> Request:
        if line is None:
            detail = f"A line holds at most {self.longest} bytes."
            fault = Fault("(line)", "the line is too long", "send fewer facts, or several lines")
            raise Problem("body-too-large", detail, [fault])
        return read_request(self.snapshot, parse_json(line, "line"))


def _answers(together: list[Request]) -> Iterator[bytes]:
    """Plain requests answered one step of the work after another: what a step needs is then at hand for all of them.

    Each is for what is due next, so that it is never too much and only few results are held at once.
    """
    results = [perform(asked) for asked in together]
    for asked, result in zip(together, results, strict=True):
        yield rendered(asked, result) + b"\n"


def lines(snapshot: Snapshot, chunks: Iterable[bytes]) -> Iterator[bytes]:
    """A whole stream of lines answered, chunk by chunk."""
    work = LineBatch(snapshot)
    for chunk in chunks:
        yield from work.feed(chunk)
    yield from work.finish()

"""What of a return could not be used, line by line: where, what was there, and how to mend it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

Kind = Literal["unreadable", "not_used", "remark"]
"""Could not be understood; was understood and adds nothing, by its reason; is odd about one child."""


class Place(NamedTuple):
    """Where in the files something stands. `line` is 0 where it is about the whole file."""

    file: str
    line: int = 0
    column: str | None = None


@dataclass(frozen=True, slots=True)
class LineFault:
    """One fault, or several lines that are not used for one reason: then `count` says how many, `line` the first."""

    kind: Kind
    file: str
    line: int | None
    column: str | None
    message: str
    remedy: str
    found: str | None = None
    """What was there. Never a date of birth or of delivery."""
    reference: str | None = None
    count: int = 1


Sink = Callable[[LineFault], None]
MAX_SHOWN = 100
MAX_REASONS = 1_000


class FaultList:
    """Collects the faults of one import; of each reason in each column the first `each`, and then their number.

    With a sink nothing is collected or left out: each fault goes there at once.
    """

    def __init__(self, each: int = 200, sink: Sink | None = None) -> None:
        self.total = 0
        self._each = each
        self._sink = sink
        self._listed: list[LineFault] = []
        self._numbers: Counter[tuple[Kind, str, str | None, str]] = Counter()
        self._summed: dict[tuple[Kind, str, str | None, str], LineFault] = {}

    def add(
        self,
        kind: Kind,
        place: Place,
        message: str,
        remedy: str,
        *,
        was: str | None = None,
        reference: str | None = None,
    ) -> None:
        """Add a fault. `message` is the reason alone, so that equal ones can be counted; `was` is what was there."""
        self.total += 1
        shown = None if was is None else was[:MAX_SHOWN]
        fault = LineFault(kind, place.file, place.line or None, place.column, message, remedy, shown, reference)
        key = kind, place.file, place.column, message
        if self._sink is None and key not in self._numbers and len(self._numbers) >= MAX_REASONS:
            # A file of nothing but wrong names has as many columns as lines: from here on they are counted together.
            key = kind, place.file, None, message
            fault = replace(fault, column=None)
        self._numbers[key] += 1
        if self._sink is not None and kind != "not_used":
            self._sink(fault)
        elif kind == "not_used" or self._numbers[key] > self._each:
            if key not in self._summed:
                self._summed[key] = replace(fault, found=None, reference=None)
        else:
            self._listed.append(fault)

    def listed(self) -> list[LineFault]:
        """Return the faults, each by its line, and then the classes of those that are only counted."""
        summed = [
            replace(first, count=self._numbers[key] - (0 if key[0] == "not_used" else self._each))
            for key, first in self._summed.items()
        ]
        return [*self._listed, *summed]

    def reasons(self) -> list[tuple[tuple[Kind, str | None, str], int]]:
        """Return each reason with its kind and column, and how many lines there are of it; the most first."""
        numbers: Counter[tuple[Kind, str | None, str]] = Counter()
        for (kind, _, column, message), number in self._numbers.items():
            numbers[kind, column, message] += number
        return numbers.most_common()

    def of_kind(self, kind: Kind) -> int:
        """Return how many there are of a kind."""
        return sum(number for key, number in self._numbers.items() if key[0] == kind)

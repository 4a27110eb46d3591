"""The files of an import, and the time that they cover."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import IO, NamedTuple


class ReturnFile(NamedTuple):
    """One file: the name that faults call it by, and its bytes, which can be read again from the start."""

    name: str
    content: IO[bytes]


@dataclass(slots=True)
class Window:
    """The days that a return covers, both included; None where the files do not say."""

    first: date | None = None
    last: date | None = None
    fixed: bool = False
    """The caller said the last day: the files do not change it."""

    def widen(self, first: date, last: date) -> None:
        """Take in the days of one more file."""
        self.first = first if self.first is None else min(self.first, first)
        if not self.fixed:
            self.last = last if self.last is None else max(self.last, last)

"""The plan for reading and writing a file of calculations."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Format = Literal["ndjson", "csv", "parquet", "arrow"]
COLUMNAR: frozenset[Format] = frozenset({"parquet", "arrow"})

FIELDS = ("profile", "profile_version", "calendar", "calendar_version", "event", "at", "until", "reference")
FACTS = "facts"
"""A column of this name is a map of facts by their names, as text."""
NUMBERS = frozenset({"profile_version", "calendar_version"})


@dataclass(frozen=True, slots=True)
class WholeCases:
    """What is to be answered of whole cases: the day they are looked at, and the return that they come from.

    `child` is the column of a table of events that names the child.
    """

    as_of: str
    child: str = "child"
    source: str | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """How to read and write every line of a file: each an event, or with `whole_cases` a case or an event of one.

    `header` has the columns of the input, empty where it has none. `carry` names the columns that pass through from a
    columnar input to a columnar output; `standards` is the digest of what answers, for the rows of such an output.
    """

    reads: Format
    writes: Format
    header: tuple[str, ...] = ()
    profile: str | None = None
    until: str | None = None
    explain: bool = False
    duties: frozenset[str] = frozenset()
    columns: tuple[str, ...] = ()
    carry: tuple[str, ...] = ()
    standards: str = ""
    whole_cases: WholeCases | None = None

    @property
    def passing(self) -> tuple[str, ...]:
        """Return the columns that pass through; of a table of whole cases the child's own is one of them."""
        if self.whole_cases is None or self.reads not in COLUMNAR or self.writes not in COLUMNAR:
            return self.carry
        return tuple(dict.fromkeys((self.whole_cases.child, *self.carry)))


@dataclass(frozen=True, slots=True)
class Done:
    """The output of a block, and its number of lines or cases, of faulty ones, and of obligations."""

    output: bytes
    lines: int
    faults: int
    obligations: int

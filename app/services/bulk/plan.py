"""The plan for reading and writing a file of calculations."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Format = Literal["ndjson", "csv", "parquet", "arrow"]
COLUMNAR: frozenset[Format] = frozenset({"parquet", "arrow"})

FIELDS = ("profile", "profile_version", "calendar", "calendar_version", "event", "at", "until", "reference")
NUMBERS = frozenset({"profile_version", "calendar_version"})


@dataclass(frozen=True, slots=True)
class Plan:
    """How to read and write every line of a file.

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


@dataclass(frozen=True, slots=True)
class Done:
    """The output of a block, and its number of lines, faulty lines and obligations."""

    output: bytes
    lines: int
    faults: int
    obligations: int

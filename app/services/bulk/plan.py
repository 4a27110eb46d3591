"""How a file of calculations is read and written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Form = Literal["ndjson", "csv"]

FIELDS = ("profile", "profile_version", "calendar", "calendar_version", "event", "at", "until", "reference")
NUMBERS = frozenset({"profile_version", "calendar_version"})


@dataclass(frozen=True, slots=True)
class Plan:
    """How every line of a file is read and written. `header` is the CSV's, when the lines are CSV."""

    reads: Form
    writes: Form
    header: tuple[str, ...] = ()
    profile: str | None = None
    until: str | None = None
    explain: bool = False
    duties: frozenset[str] = frozenset()
    columns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Done:
    """A block's answers, and how many lines, faulty lines and obligations they were."""

    output: bytes
    lines: int
    faults: int
    obligations: int

"""What is wrong with a profile document: every fault at once, each with its path and what would mend it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Literal


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault: where (a JSON path), what, and the remedy. `rule` names the rule it stands in."""

    path: str
    message: str
    remedy: str
    rule: str | None = None
    severity: Literal["error", "warning"] = "error"

    def __str__(self) -> str:
        where = f"{self.path} (rule {self.rule})" if self.rule else self.path
        return f"{where}: {self.message}; {self.remedy}"


class InvalidProfile(ValueError):
    """The document is not a profile; `faults` says why, all of it."""

    def __init__(self, faults: tuple[Fault, ...], file: str | None = None) -> None:
        self.faults = faults
        self.file = file
        super().__init__("\n".join(f"{file or 'profile'}: {fault}" for fault in faults))


def nearest(name: str, known: Iterable[object]) -> str:
    """The known names near an unknown one, in brackets, or nothing where nothing is near."""
    found = get_close_matches(name, [str(item) for item in known], n=3, cutoff=0.6)
    return f" (nearest: {', '.join(found)})" if found else ""

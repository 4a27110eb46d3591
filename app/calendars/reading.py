"""Values from outside, read strictly: what is wrong is kept as a fault, and reading goes on."""

import re
from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

from app.calendars.faults import Fault

LONGEST_TEXT = 200
LONGEST_KEY = 64

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_KEY = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")


class Reader:
    """Reads values that came from outside, keeping a fault for each that will not do and going on."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []

    def fault(self, path: str, message: str, remedy: str) -> None:
        """Keep one fault."""
        self.faults.append(Fault(path, message, remedy))

    def mapping(
        self, path: str, value: object, required: Collection[str], optional: Collection[str] | None
    ) -> Mapping[str, Any] | None:
        """An object with its keys checked; with `optional` None, further keys are let pass."""
        if not isinstance(value, Mapping):
            self.fault(path, f"{_shown(value)} is not an object", f"give an object with {', '.join(required)}")
            return None
        known = {*required, *(optional or ())}
        prefix = f"{path}." if path else ""
        for name in required:
            if name not in value:
                self.fault(f"{prefix}{name}", "is missing", f"give {name}")
        if optional is not None:
            for name in value:
                if name not in known:
                    self.fault(f"{prefix}{name}", "is not known here", f"leave it out; known: {', '.join(known)}")
        return value

    def items(self, path: str, value: object, most: int) -> list[tuple[str, object]]:
        """The items of a list, each with its path."""
        if not isinstance(value, list | tuple):
            self.fault(path, f"{_shown(value)} is not a list", "give a list of days")
            return []
        if len(value) > most:
            self.fault(path, f"{len(value)} days are too many", f"give at most {most}")
            return []
        return [(f"{path}[{n}]", item) for n, item in enumerate(value)]

    def day(self, path: str, value: object) -> date | None:
        """A date written as YYYY-MM-DD."""
        if isinstance(value, str) and _DATE.fullmatch(value):
            try:
                return date.fromisoformat(value)
            except ValueError:
                self.fault(path, f"{value} is not a date of the calendar", "give a day that exists")
                return None
        self.fault(path, f"{_shown(value)} is not a date", "write it as YYYY-MM-DD")
        return None

    def text(self, path: str, value: object, *, long: bool = False) -> str:
        """One line of words; `long` lets it be five times as long."""
        longest = LONGEST_TEXT * 5 if long else LONGEST_TEXT
        if not isinstance(value, str) or not value.strip():
            self.fault(path, f"{_shown(value)} is not text", "give some words")
        elif len(value) > longest or not value.isprintable() or value != value.strip():
            remedy = f"give one line of at most {longest} printable characters, with no space at either end"
            self.fault(path, f"{_shown(value)} will not do", remedy)
        else:
            return value
        return ""

    def key(self, path: str, value: object) -> str:
        """The key of a calendar."""
        if isinstance(value, str) and len(value) <= LONGEST_KEY and _KEY.fullmatch(value):
            return value
        remedy = f"use at most {LONGEST_KEY} small letters, digits and single hyphens, starting with a letter"
        self.fault(path, f"{_shown(value)} is not a key", remedy)
        return ""

    def number(self, path: str, value: object) -> int:
        """A version number."""
        if isinstance(value, int) and not isinstance(value, bool) and value >= 1:
            return value
        self.fault(path, f"{_shown(value)} is not a version number", "give a whole number from 1")
        return 1

    def choice(self, path: str, value: object, choices: tuple[str, ...]) -> str:
        """One of a few words."""
        if isinstance(value, str) and value in choices:
            return value
        self.fault(path, f"{_shown(value)} is not known", f"give one of {', '.join(choices)}")
        return ""


def _shown(value: object) -> str:
    # Python refuses to print an integer of more than a few thousand digits.
    if isinstance(value, int) and value.bit_length() > LONGEST_KEY:
        return "so large a number"
    text = repr(value) if isinstance(value, str | int | float | bool | None) else type(value).__name__
    return text if len(text) <= LONGEST_KEY else text[:LONGEST_KEY] + "…"

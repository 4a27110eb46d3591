"""One fault of a document or a request, and how values and names appear in its message."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import SequenceMatcher
from heapq import nlargest
from itertools import pairwise

WHOLE = "(document)"
"""The path, in the contract, of a fault of the whole document."""
MAX_SHOWN_CHARACTERS = 60
MAX_SHOWN_BITS = 64
MAX_NEAREST = 3
# Of the candidates that share letters, so many are compared letter by letter.
MAX_COMPARED = 12
MIN_SLIP_RATIO, MIN_SIMILAR_RATIO = 0.8, 0.55


@dataclass(frozen=True, slots=True)
class Location:
    """Where in a file a fault is: a line and column of a text, both counted from 1, or a cell of a workbook's sheet."""

    line: int | None = None
    column: int | None = None
    sheet: str | None = None
    cell: str | None = None
    length: int = 1
    """How many characters of the line are meant."""

    def as_json(self) -> dict[str, object]:
        """Return the members that a fault has in the contract."""
        members = {"line": self.line, "column": self.column, "sheet": self.sheet, "cell": self.cell}
        return {name: value for name, value in members.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault: where it is, what is wrong and how to fix it."""

    path: str
    """A JSON path such as `rules[3].timing.within`, a parameter or a header; empty for the whole document."""
    message: str
    remedy: str
    value: object = None
    """What was sent. Left out where it may be a fact about a child."""
    nearest: tuple[str, ...] = ()
    """The nearest names, where a name is unknown."""
    rule: str | None = None
    """The id of the rule that contains the fault, in a profile document."""
    location: Location | None = None
    """Where the fault is in the file that the document was read from."""

    def __str__(self) -> str:
        place = f"{self.path} (rule {self.rule})" if self.rule else self.path
        names = f" (nearest: {', '.join(self.nearest)})" if self.nearest else ""
        return f"{place}: {self.message}{names}; {self.remedy}" if place else f"{self.message}{names}; {self.remedy}"

    def as_json(self) -> dict[str, object]:
        """Return the fault in the contract's form, without what is empty."""
        body: dict[str, object] = {"path": self.path or WHOLE, "message": self.message, "remedy": self.remedy}
        if self.value is not None:
            body["value"] = self.value
        if self.nearest:
            body["nearest"] = list(self.nearest)
        if self.rule is not None:
            body["rule"] = self.rule
        if self.location is not None:
            body |= self.location.as_json()
        return body


def nearest_names(name: object, names: Iterable[object]) -> tuple[str, ...]:
    """Return up to three names near an unknown one: slips of spelling, then those of which one contains the other.

    `working_dys` is near `working_days`, and `icpc` near `hold_icpc`.
    """
    text = str(name)[:100].lower()
    candidates = sorted(map(str, names))
    containing = [item for item in candidates if len(text) > 3 and (text in item or item in text)]
    rated = _rate_similar(text, candidates)
    slips = [item for ratio, item in rated if ratio >= MIN_SLIP_RATIO]
    similar = [item for _, item in rated]
    return tuple(dict.fromkeys((*slips[:MAX_NEAREST], *containing, *similar[:MAX_NEAREST])))[:MAX_NEAREST]


def _rate_similar(text: str, candidates: list[str]) -> list[tuple[float, str]]:
    """Return the candidates that are similar to a text, the most similar first, each with its ratio from 0 to 1.

    As difflib.get_close_matches, but only for candidates that share enough pairs of letters: comparing is slow.
    """
    pairs = set(map("".join, pairwise(f" {text} ")))
    shared = []
    for item in candidates:
        padded = f" {item} "
        number = sum([pair in padded for pair in pairs])
        if number:
            shared.append((2 * number / (len(pairs) + len(padded) - 1), item))
    matcher = SequenceMatcher()
    matcher.set_seq2(text)
    rated: list[tuple[float, str]] = []
    for _, item in nlargest(MAX_COMPARED, shared):
        matcher.set_seq1(item)
        ratio = matcher.ratio()
        if ratio >= MIN_SIMILAR_RATIO:
            rated.append((ratio, item))
    return sorted(rated, reverse=True)


def describe(value: object) -> str:
    """Return a value as a message names it: a scalar as written, cut to 60 characters, anything else by its type."""
    # Python refuses to print an integer of more than a few thousand digits.
    if isinstance(value, int) and value.bit_length() > MAX_SHOWN_BITS:
        return "a very large number"
    text = repr(value)
    return text if len(text) <= MAX_SHOWN_CHARACTERS else f"{text[: MAX_SHOWN_CHARACTERS - 3]}..."


def listed(names: Iterable[object]) -> str:
    """Return names in alphabetical order, separated by commas."""
    return ", ".join(sorted(map(str, names)))

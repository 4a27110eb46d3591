"""A profile document that was read from a workbook, with the cell of each of its parts."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from app.documents.faults import Fault, Location
from app.services.ports import JsonObject
from app.services.workbook.cells import location_of
from app.services.workbook.sheets import TABLES

MISSING = re.compile(r"'(?P<key>\w+)' is missing")
EXAMPLE = re.compile(r"^add a line such as: \w+ = ")
SAID = {
    re.compile(r"\badd (?P<key>[a-z_]+)\b"): "fill in …",
    re.compile(r"\b(?P<key>[a-z_]+) = \[\]"): "write the word nothing under …",
    re.compile(r'\b(?P<key>[a-z_]+) = "(?P<text>[^"]*)"'): r"\g<text> under …",
    re.compile(r"\b(?P<key>[a-z]+_[a-z_]+)\b"): "…",
}
"""What a remedy says of a line of a file, and how that is said of a column."""
SHEETS = {sheet.key: sheet.name for sheet in TABLES}
INDEX = re.compile(r"\[\d+\]")


@dataclass(frozen=True, slots=True)
class WorkbookDocument:
    """What was read from a workbook: the profile document as JSON, and what is wrong with the cells.

    Each fault has a location with `sheet` and `cell`. To have everything at once, validate the document all the same
    and add `located` of what the validator finds.
    """

    document: JsonObject
    faults: tuple[Fault, ...]
    warnings: tuple[Fault, ...]
    places: dict[str, str]
    """The address, such as `Rules!E7`, of each path of the document that has one."""
    faulty: frozenset[str]
    """The paths whose cells have a fault, and which the document therefore lacks."""
    headings: dict[str, str]
    """The column of each path that has one."""

    def locate(self, fault: Fault) -> Location:
        """Return the cell of a fault's path, such as `rules[3].timing.within`, or of the nearest part around it."""
        path = fault.path
        while path:
            # A row has one cell for all its sources: rules[3].source[1].document stands under rules[3].source.document.
            row, bracket, inside = path.partition("]")
            for name in (path, f"{row}{bracket}{INDEX.sub('', inside)}"):
                if name in self.places:
                    return location_of(self.places[name])
            path = path.rpartition("[")[0] if path.endswith("]") else path.rpartition(".")[0]
        return Location(sheet="Profile", cell="A1")

    def located(self, faults: Iterable[Fault]) -> list[Fault]:
        """Return a validator's faults with their cells, without those of cells that have a fault of their own."""
        return [
            replace(self._in_words_of_the_sheet(fault), location=self.locate(fault))
            for fault in faults
            if self.faulty.isdisjoint(_with_parts_around(fault.path))
        ]

    def _in_words_of_the_sheet(self, fault: Fault) -> Fault:
        """Return a fault that speaks of columns where the validator speaks of lines of a file."""
        heading = self.headings.get(fault.path)
        if MISSING.fullmatch(fault.message) and heading:
            remedy = EXAMPLE.sub("write ", fault.remedy).replace('"', "")
            remedy = f"fill in {heading}" if remedy == fault.remedy else remedy
            return replace(fault, message=f"\u201c{heading}\u201d is empty", remedy=remedy)
        if MISSING.fullmatch(fault.message) and fault.path in SHEETS:
            name = SHEETS[fault.path]
            return replace(
                fault, message=f"the sheet {name} has no row", remedy="fill in a row for each, with its columns"
            )

        def column(match: re.Match[str]) -> str:
            named = self._heading(match["key"], fault.path)
            return match.expand(SAID[match.re]).replace("…", named) if named else match[0]

        remedy = fault.remedy
        for pattern in SAID:
            remedy = pattern.sub(column, remedy)
        return replace(fault, remedy=remedy)

    def _heading(self, key: str, path: str) -> str | None:
        """Return the column of a key in the row that a path is of."""
        names = (self.headings.get(f"{around}.{key}") for around in _with_parts_around(path))
        return next((name for name in names if name is not None), None)


def _with_parts_around(path: str) -> list[str]:
    """Return a path with those of the parts that it lies in: `rules[3].timing` lies in `rules[3]` and in `rules`."""
    return [path, *(path[:place] for place, sign in enumerate(path) if sign in ".[")]

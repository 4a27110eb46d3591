"""Where a fault of a profile document is in its workbook, and the faults of the cells themselves."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from app.documents.faults import Fault
from app.services.ports import JsonObject

INDEX = re.compile(r"\[\d+\]")


@dataclass(frozen=True, slots=True)
class WorkbookDocument:
    """What was read from a workbook: the profile document as JSON, and what is wrong with the cells.

    The path of each fault is a cell such as `Rules!E7`. To have everything at once, validate the document all the
    same and add `located` of what the validator finds.
    """

    document: JsonObject
    faults: tuple[Fault, ...]
    warnings: tuple[Fault, ...]
    places: dict[str, str]
    """The cell of each path of the document that has one."""
    faulty: frozenset[str]
    """The paths whose cells have a fault, and which the document therefore lacks."""

    def cell(self, path: str) -> str:
        """Return the cell of a path such as `rules[3].timing.within`, or of the nearest part around it."""
        while path and path not in self.places:
            shorter = INDEX.sub("", path[path.find("]") + 1 :])
            unnumbered = path[: path.find("]") + 1] + shorter
            if unnumbered != path and unnumbered in self.places:
                return self.places[unnumbered]
            path = path.rpartition("[")[0] if path.endswith("]") else path.rpartition(".")[0]
        return self.places.get(path, "Profile!A1")

    def located(self, faults: Iterable[Fault]) -> list[Fault]:
        """Return a validator's faults with cells for paths, without those of cells that have a fault of their own."""
        return [
            replace(fault, path=self.cell(fault.path))
            for fault in faults
            if not any(fault.path == path or fault.path.startswith((f"{path}.", f"{path}[")) for path in self.faulty)
        ]

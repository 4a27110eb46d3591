"""One row of a sheet while it is read, and what a column of it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

from app.engine.facts import FactType
from app.profiles.vocabulary import shared_vocabulary
from app.services.workbook.cells import CellFaults, cell_text

SEE_PHASES = "see Phases"
"""What stands in a cell whose content is written as TOML on the sheet Phases."""
Form = Literal["text", "day", "number"]


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its heading, what to write in it, and the list that it offers."""

    heading: str
    meaning: str
    paths: tuple[str, ...]
    """The parts of the row's entry whose faults are shown here."""
    list_name: str = ""
    closed: bool = False
    """True where Excel refuses what is not on the list."""
    width: int = 16
    form: Form = "text"


@dataclass(slots=True)
class Context:
    """What cells are read with: the facts that a condition may name, each with its type, and the faults so far."""

    faults: CellFaults = field(default_factory=CellFaults)
    facts: dict[str, FactType] = field(
        default_factory=lambda: {key: spec.type for key, spec in shared_vocabulary().facts.items()}
    )


class Row:
    """The cells of one row by heading, each with its address."""

    def __init__(
        self,
        path: str,
        cells: Mapping[str, tuple[str, object]],
        start: str,
        context: Context,
        rule: str | None = None,
    ) -> None:
        self.path, self._cells, self._start, self._rule = path, cells, start, rule
        self._faults, self.facts = context.faults, context.facts

    def value(self, heading: str) -> object:
        """Return a cell as it is."""
        return self._cells.get(heading, ("", None))[1]

    def text(self, heading: str) -> str:
        """Return a cell as text."""
        return cell_text(self.value(heading))

    def place(self, heading: str) -> str:
        """Return the address of a cell, such as `Rules!E7`; that of the row's first cell where there is none."""
        return self._cells.get(heading, (self._start, None))[0]

    def fault(
        self, heading: str, part: str, message: str, remedy: str, names: Sequence[str] = (), value: str = ""
    ) -> None:
        """Add a fault of a cell that stands for a part of the entry; with `names`, the nearest are proposed."""
        path = ".".join(filter(None, (self.path, part)))
        self._faults.add(self.place(heading), path, message, remedy, names, value, self._rule)

    def warn(self, heading: str, part: str, message: str, remedy: str) -> None:
        """Add a warning."""
        self._faults.warn(self.place(heading), f"{self.path}.{part}", message, remedy)


class Cells(Protocol):
    """How one key of an entry is written into cells of its row, and read from them."""

    @property
    def key(self) -> str:
        """Return the key."""

    @property
    def columns(self) -> tuple[Column, ...]:
        """Return its columns."""

    @property
    def required(self) -> bool:
        """Return whether every entry has it."""

    def write(self, value: object) -> list[object]:
        """Return the cells of a value, one for each column. Raises Unwritable where they do not hold it."""

    def read(self, row: Row) -> object:
        """Return the value of the cells, None after a fault."""

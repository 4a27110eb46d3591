"""Read a return: its files in, each child's cases out, with what could not be used."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.util import find_spec
from typing import Protocol

from app.services.problems import Problem, nearest_names, unknown_name
from app.services.returns.annex_a import AnnexReader
from app.services.returns.care import CareReader
from app.services.returns.cases import ReturnCase
from app.services.returns.child import ChildCases
from app.services.returns.child_tables import ChildTables
from app.services.returns.cin_census import CensusReader
from app.services.returns.faults import FaultList
from app.services.returns.files import ReturnFile, Window
from app.services.returns.mapping import SOURCES, Mapped, load_mapping
from app.services.returns.remarks import Children
from app.services.returns.rows import Row, RowReader
from app.services.returns.safeguarding_dataset import DatasetReader
from app.services.returns.ssda903 import Ssda903Reader
from app.services.work import check


class ChildReader(Protocol):
    """What puts the rows of one child into cases."""

    def read(self, child: ChildCases, rows: dict[str, list[Row]]) -> None:
        """Add the child's cases."""
        ...


TABLE_READERS: dict[str, Callable[[RowReader, CareReader], ChildReader]] = {
    "ssda903": Ssda903Reader,
    "standard-safeguarding-dataset": DatasetReader,
    "annex-a": AnnexReader,
}


@dataclass(frozen=True, slots=True)
class Observed:
    """What the return could have shown: an act of another kind, or outside these days, may have happened unseen."""

    source: str
    events: frozenset[str]
    first: date | None
    last: date | None


@dataclass(slots=True)
class Counts:
    """How much was read."""

    children: int = 0
    cases: int = 0
    events: int = 0


class Import:
    """One import. Iterating over it yields the cases, a child's after another, in memory that does not grow with them.

    `observed`, `counts` and the faults are complete once all cases have been taken.
    """

    def __init__(
        self,
        source: str,
        files: Sequence[ReturnFile],
        *,
        as_of: date | None = None,
        same_carer_moves: bool = False,
        faults: FaultList | None = None,
    ) -> None:
        self.mapped: Mapped = load_mapping(source)
        self.faults = FaultList() if faults is None else faults
        self.counts = Counts()
        self._window = Window(last=as_of, fixed=as_of is not None)
        self._moves = same_carer_moves
        self._files = files
        self._events: frozenset[str] = frozenset()

    def __iter__(self) -> Iterator[ReturnCase]:
        """Yield each case. Raises Problem where a file cannot be read at all."""
        for child in self._children():
            check()
            for case in child:
                self.counts.cases += 1
                self.counts.events += len(case.events)
                yield case

    @property
    def observed(self) -> Observed:
        """Return what the return could have shown."""
        return Observed(self.mapped.key, self._events, self._window.first, self._window.last)

    def _children(self) -> Iterator[list[ReturnCase]]:
        if self.mapped.form == "xml":
            census = CensusReader(self.mapped, self.faults, self._window)
            for cases in census.read(self._files):
                self.counts.children = census.children.number
                yield cases
            self.counts.children = census.children.number
            self._events = census.observed()
            return
        tables = ChildTables(self.mapped, self.faults)
        for file in self._files:
            check()
            tables.add(file)
        self._events = self.mapped.events(tables.present)
        remarks = Children(self.faults)
        rows = RowReader(self.faults, self._window.last)
        reader = self._table_reader(rows)
        for key, own in tables.children():
            child = ChildCases(key, self.faults)
            for row in (each for listed in own.values() for each in listed):
                child.born(rows, row)
                number = row.table.using("same_child")
                if number is not None:
                    remarks.note(key, [row.text(number.name)], row.place(number))
            reader.read(child, own)
            cases = remarks.finish(child)
            self.counts.children = remarks.number
            yield cases

    def _table_reader(self, rows: RowReader) -> ChildReader:
        care = CareReader(self.mapped, self.faults, same_carer_moves=self._moves)
        return TABLE_READERS[self.mapped.key](rows, care)


@cache
def missing_packages() -> tuple[str, ...]:
    """Return the packages of the extra `returns` that are not installed."""
    return tuple(name for name in ("lxml", "polars", "python_multipart") if find_spec(name) is None)


def require_source(source: str) -> str:
    """Return a source's name. Raises Problem for one that is not read."""
    if source not in SOURCES:
        fault = unknown_name("source", "return", source, SOURCES, nearest_names(source, SOURCES))
        raise Problem("not-found", "No such return is read.", [fault])
    return source

"""The children in need census: each CINdetails is one case."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from app.engine.months import add_months
from app.services.returns.cases import ReturnCase
from app.services.returns.census_xml import leaf_text, line_of, local_name, read_pieces, refused
from app.services.returns.child import ChildCases, start_of
from app.services.returns.dates import UnreadableDay, read_day
from app.services.returns.faults import FaultList, Place
from app.services.returns.files import ReturnFile, Window
from app.services.returns.mapping import Mapped, Table
from app.services.returns.remarks import Children
from app.services.returns.rows import BLANK, ID_REMEDY, NO_ID, Row, RowReader, is_id

if TYPE_CHECKING:
    from lxml.etree import _Element

PIECES = frozenset({"Header", "Child"})
NO_REFERENCE_DATE = "the header has no ReferenceDate, so that no day counts as still to come"


class CensusReader:
    """Reads the files of one import, a child at a time."""

    def __init__(self, mapped: Mapped, faults: FaultList, window: Window) -> None:
        self._mapped = mapped
        self._faults = faults
        self._window = window
        self._year: int | None = None
        self._reader = RowReader(faults, window.last)
        self.children = Children(faults)

    def read(self, files: Sequence[ReturnFile]) -> Iterator[list[ReturnCase]]:
        """Yield the cases of each child. Raises Problem for a file that is no census."""
        for file in files:
            children = 0
            for element in read_pieces(file.name, file.content, PIECES):
                if local_name(element) == "Header":
                    self._header(file.name, element)
                else:
                    children += 1
                    yield self._child(file.name, element)
            if not children:
                message, remedy = "the file has no child in it", "send the census as XML: Message/Children/Child"
                raise refused(file.name, None, message, remedy)

    def observed(self) -> frozenset[str]:
        """Return the events that the census shows, those of its year's elements."""
        shown = set(self._mapped.events())
        for table in self._mapped.tables.values():
            for column in table.listed:
                if self._year is not None and not _collected(column.first_year, column.last_year, self._year):
                    shown -= set(column.events)
        return frozenset(shown)

    def _header(self, file: str, element: _Element) -> None:
        values = {local_name(each): each for each in element.iter() if len(each) == 0}
        collection = leaf_text(values["Collection"]) if "Collection" in values else "CIN"
        if collection.upper() != "CIN":
            message = "the header names another collection"
            raise refused(file, line_of(element), message, "send the children in need census here (CIN)")
        year = leaf_text(values["Year"]) if "Year" in values else ""
        self._year = int(year) if year.isascii() and year.isdigit() and len(year) == 4 else None
        try:
            last = read_day(leaf_text(values["ReferenceDate"])) if "ReferenceDate" in values else None
        except UnreadableDay:
            last = None
        if last is None:
            self._faults.add(
                "remark",
                Place(file, line_of(element), "ReferenceDate"),
                NO_REFERENCE_DATE,
                "add it to the header",
            )
            return
        self._window.widen(add_months(last, -12) + timedelta(days=1), last)
        # Each file ends on its own day, unless the caller says another.
        self._reader.last_day = self._window.last if self._window.fixed else last

    def _child(self, file: str, element: _Element) -> list[ReturnCase]:
        identifiers = next((each for each in element if local_name(each) == "ChildIdentifiers"), None)
        row = self._row(file, identifiers, "ChildIdentifiers") if identifiers is not None else None
        name = row.text("LAchildID") if row is not None else ""
        if row is None or not name:
            message = "the child has no LAchildID; nothing of it was used"
            place = Place(file, line_of(element), "LAchildID")
            self._faults.add("unreadable", place, message, "add the child's id in the authority's system")
            return []
        if not is_id(name):
            place = row.place("LAchildID")
            self._faults.add("unreadable", place, f"{NO_ID}; nothing of the child was used", ID_REMEDY, was=name)
            return []
        child = ChildCases(name, self._faults)
        child.born(self._reader, row)
        self.children.note(name, [row.text("UPN"), row.text("FormerUPN")], row.place("UPN"))
        for part in element:
            match local_name(part):
                case "CINdetails":
                    self._details(file, part, child)
                case "ChildIdentifiers":
                    pass
                case other:
                    self._only_read(file, part, other)
        return self.children.finish(child)

    def _details(self, file: str, element: _Element, child: ChildCases) -> None:
        row = self._row(file, element, "CINdetails")
        assert row is not None
        read = self._reader.read(row, child.child)
        if not row.text("CINreferralDate"):
            message = "the referral has no date; the rest of it was used"
            place = row.place("CINreferralDate")
            self._faults.add("unreadable", place, message, "add CINreferralDate", reference=child.child)
        case = child.begin("referral", start_of(read), row.place())
        child.put(read, case)
        flag = row.text("ReferralNFA").casefold()
        if flag in {"1", "true"}:
            case.no_further_action = row.place("ReferralNFA")
        numbers = Counter[str]()
        for group in element:
            if len(group) == 0 and local_name(group) not in self._mapped.tables:
                continue
            name = local_name(group)
            numbers[name] += 1
            self._group(file, group, name, child, case, numbers[name])

    def _group(
        self, file: str, group: _Element, name: str, child: ChildCases, case: ReturnCase, number: int | None
    ) -> None:
        row = self._row(file, group, name)
        if row is None:
            return
        if number is not None and name == "Section47":
            row.episode = f"enquiry-{number}"
        elif number is not None and name == "Assessments":
            # The census has no id for an assessment: two that overlap are distinguished by their place in the referral.
            row.key = str(number)
        read = self._reader.read(row, case.reference)
        child.put(read, case)
        if not read.events and _has_events(row.table) and not read.stored:
            message = "nothing in it has a date; it was left out"
            self._faults.add("not_used", row.place(), message, "add its date", reference=case.reference)
        for part in group:
            if len(part) or local_name(part) in self._mapped.tables:
                self._group(file, part, local_name(part), child, case, None)

    def _only_read(self, file: str, element: _Element, name: str) -> None:
        self._row(file, element, name)
        for part in element:
            if len(part):
                self._only_read(file, part, local_name(part))

    def _row(self, file: str, element: _Element, name: str) -> Row | None:
        """Return the leaves of an element as a row, after reporting those that the census does not have."""
        table = self._mapped.tables.get(name)
        if table is None:
            self._unknown(file, element, name)
            return None
        cells: dict[str, str] = {}
        lines: dict[str, int] = {}
        for leaf in element:
            if len(leaf) or local_name(leaf) in self._mapped.tables:
                continue
            own = local_name(leaf)
            column = table.columns.get(own.casefold())
            if column is None:
                self._unknown(file, leaf, own)
                continue
            place = Place(file, line_of(leaf), own)
            if self._year is not None and not _collected(column.first_year, column.last_year, self._year):
                message = "the element is not collected in the year that the header names; it was used all the same"
                self._faults.add("not_used", place, message, "check the year in the header")
            text = leaf_text(leaf)
            if text.casefold() in BLANK:
                continue
            if column.name in cells and column.use != "unused":
                message = "the element is there twice; the first was used"
                self._faults.add("remark", place, message, "send it once")
                continue
            cells[column.name] = text
            lines[column.name] = place.line
        return Row(table, file, line_of(element), cells, lines)

    def _unknown(self, file: str, element: _Element, name: str) -> None:
        message = "the census has no such element here; it was left out"
        remedy = "check its name and where it stands; docs/returns/cin-census.md lists them all"
        self._faults.add("unreadable", Place(file, line_of(element), name[:100]), message, remedy)


def _has_events(table: Table) -> bool:
    return any(column.use == "event" for column in table.listed)


def _collected(first: int | None, last: int | None, year: int) -> bool:
    return (first is None or first <= year) and (last is None or year <= last)

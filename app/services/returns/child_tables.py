"""The tables of a return, joined by child: read as text into columns, sorted, and read out a child at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain, groupby, islice
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from app.services.returns.census_xml import refused
from app.services.returns.faults import FaultList, Place
from app.services.returns.files import ReturnFile
from app.services.returns.mapping import Column, Mapped, Table, folded
from app.services.returns.rows import BLANK, ID_REMEDY, NO_ID, Row, is_id
from app.services.returns.ssda903_xml import is_xml, xml_sheets
from app.services.returns.tables import HEADER_LINES, Line, Sheet, sheets
from app.services.work import check

if TYPE_CHECKING:
    import polars as pl

BATCH = 20_000
CHILD, FILE, LINE = "child", "file", "line"
SPARE = frozenset({"unused"})
IDS = frozenset({"row", "link", "same_child", "care"})
"""Columns whose texts are hardly ever there twice."""
IN_REFERENCES = frozenset({"row", "link"})
"""Columns whose texts become part of the ids of events and episodes."""
GATHERED = 4_096


class ChildTables:
    """Every table of the files of one import.

    Cells are stored in columns: four bytes each, the number of a text that is there once, and ids as text.
    """

    def __init__(self, mapped: Mapped, faults: FaultList) -> None:
        self._mapped = mapped
        self._faults = faults
        self._frames: dict[str, list[pl.DataFrame]] = {}
        self._files: list[str] = []
        self._texts: list[str] = [""]
        self._codes: dict[str, int] = {"": 0}

    @property
    def present(self) -> frozenset[str]:
        """Return the names of the tables that were sent."""
        return frozenset(self._frames)

    def add(self, file: ReturnFile) -> None:
        """Read a file. Raises Problem where it is no table of the return."""
        read = 0
        in_xml = self._mapped.key == "ssda903" and is_xml(file)
        for sheet in xml_sheets(file, self._faults) if in_xml else sheets(file, self._faults):
            read += self._add_sheet(sheet)
        if not read:
            names = ", ".join(self._mapped.tables)
            message = "this file has none of the return's tables, by the columns of its heading"
            raise refused(file.name, None, message, f"send tables of: {names}")

    def children(self) -> Iterator[tuple[str, dict[str, list[Row]]]]:
        """Yield each child's id with its rows by table, in the order of the ids."""
        self._name_care_children()
        streams = {name: groupby(self._in_order(name), key=itemgetter(0)) for name in self._frames}
        heads = {name: head for name, stream in streams.items() if (head := next(stream, None)) is not None}
        while heads:
            child = min(head[0] for head in heads.values())
            rows: dict[str, list[Row]] = {}
            for name in [name for name, head in heads.items() if head[0] == child]:
                rows[name] = [row for _, row in heads[name][1]]
                after = next(streams[name], None)
                if after is None:
                    del heads[name]
                else:
                    heads[name] = after
            yield child, rows

    def _in_order(self, name: str) -> Iterator[tuple[str, Row]]:
        """Yield the rows of a table with their child's id, sorted by it, in the order of the file for each."""
        import polars as pl

        table = self._mapped.tables[name]
        frame = pl.concat(self._frames[name], how="diagonal")
        self._frames[name] = []
        order = frame[CHILD].to_frame().with_row_index().sort(CHILD, maintain_order=True)["index"]
        coded = [place for place, kind in enumerate(frame.dtypes) if kind == pl.UInt32 and frame.columns[place] != LINE]
        for start in range(0, len(order), GATHERED):
            for cells in frame[order[start : start + GATHERED]].iter_rows():
                yield cells[0], self._row(table, frame.columns, cells, coded)

    def _row(self, table: Table, columns: Sequence[str], cells: Sequence[Any], coded: Sequence[int]) -> Row:
        texts = list(cells)
        for place in coded:
            texts[place] = self._texts[texts[place] or 0]
        named = {name: text for name, text in zip(columns[3:], texts[3:], strict=True) if text}
        return Row(table, self._files[cells[1]], cells[2], named)

    def _add_sheet(self, sheet: Sheet) -> int:
        first = list(islice(sheet.lines, HEADER_LINES))
        table, header = self._recognise(sheet, first)
        if table is None:
            message = "this table is none of the return's, by the columns of its heading; it was left out"
            remedy = f"check its heading; the tables are: {', '.join(self._mapped.tables)}"
            self._faults.add("unreadable", Place(sheet.file), message, remedy)
            return 0
        rest = chain(first[header + 1 :], sheet.lines)
        if table.not_read is not None:
            number = sum(1 for _ in rest)
            for _ in range(number):
                self._faults.add("not_used", Place(sheet.file), f"{table.not_read}; it was left out", "")
            return 1
        columns = self._columns(table, sheet.file, first[header])
        self._store(table, sheet.file, columns, len(first[header][1]), rest)
        return 1

    def _recognise(self, sheet: Sheet, first: Sequence[Line]) -> tuple[Table | None, int]:
        """Return the table that a sheet is, and which of its first lines is the heading."""
        for index, (_, cells) in enumerate(first):
            names = {folded(cell) for cell in cells}
            fitting = [table for table in self._mapped.tables.values() if table.recognised_by <= names]
            if fitting:
                stem = folded(sheet.name).replace("_", " ")
                named = [table for table in fitting if table.name.casefold().replace("_", " ") in stem]
                return max(named or fitting, key=lambda table: len(table.recognised_by)), index
        return None, 0

    def _columns(self, table: Table, file: str, heading: Line) -> list[tuple[int, Column]]:
        line, cells = heading
        columns: dict[str, tuple[int, Column]] = {}
        for index, cell in enumerate(cells):
            column = table.columns.get(folded(cell))
            if not cell.strip() or (column is None and table.unlisted):
                continue
            place = Place(file, line, cell.strip()[:100])
            if column is None:
                message = "the return has no such column in this table; it was left out"
                remedy = f"check its name; docs/returns/{self._mapped.key}.md lists them all"
                self._faults.add("unreadable", place, message, remedy)
            elif column.name in columns:
                self._faults.add("remark", place, "the column is there twice; the first was used", "send it once")
            elif column.use not in SPARE:
                columns[column.name] = index, column
        return list(columns.values())

    def _store(
        self, table: Table, file: str, columns: list[tuple[int, Column]], width: int, lines: Iterator[Line]
    ) -> None:
        import polars as pl

        number = len(self._files)
        self._files.append(file)
        child_at, child_column = next(
            ((index, column.name) for index, column in columns if column.use in {"child", "care_child"}), (None, "")
        )
        if child_at is None:
            message = "the table has no column of the child's id; nothing of it was used"
            self._faults.add("unreadable", Place(file), message, "add the column")
            return
        read = [(index, column) for index, column in columns if index != child_at]
        kinds = {column.name: pl.String if column.use in IDS else pl.UInt32 for _, column in read}
        schema = {CHILD: pl.String, FILE: pl.UInt16, LINE: pl.UInt32, **kinds}
        frames = self._frames.setdefault(table.name, [])
        frames.append(pl.DataFrame(schema=schema))
        while batch := list(islice(lines, BATCH)):
            check()
            rows = []
            for line, cells in batch:
                child = cells[child_at].strip() if child_at < len(cells) else ""
                if any(cell.strip() for cell in cells[width:]):
                    message = "the line has more cells than the heading; it was left out"
                    remedy = "put cells with commas in quotation marks"
                    self._faults.add("unreadable", Place(file, line), message, remedy)
                elif not child:
                    message = "the line has no child's id; it was left out"
                    self._faults.add("unreadable", Place(file, line), message, "add the child's id")
                elif not is_id(child):
                    place = Place(file, line, child_column)
                    self._faults.add("unreadable", place, f"{NO_ID}; the line was left out", ID_REMEDY, was=child)
                else:
                    place = Place(file, line)
                    values = [self._stored(_text(cells, index), column, place) for index, column in read]
                    rows.append((child, number, line, *values))
            frames.append(pl.DataFrame(rows, schema=schema, orient="row"))

    def _stored(self, text: str, column: Column, place: Place) -> str | int:
        """Return what is stored of a cell: the text of an id, the number of any other text."""
        if column.use not in IDS:
            return self._code(text)
        if column.use in IN_REFERENCES and not is_id(text):
            place = place._replace(column=column.name)
            self._faults.add("unreadable", place, f"{NO_ID}; it was left out", ID_REMEDY, was=text)
            return ""
        return text

    def _code(self, text: str) -> int:
        code = self._codes.get(text)
        if code is None:
            code = self._codes[text] = len(self._texts)
            self._texts.append(text)
        return code

    def _name_care_children(self) -> None:
        """Give the rows of tables that name the period of care alone the child of that period."""
        import polars as pl

        owners = self._frames.get("ssd_cla_episodes", [])
        for name, frames in self._frames.items():
            column = self._mapped.tables[name].using("care_child")
            if column is None:
                continue
            named = pl.concat(frames, how="diagonal")
            if owners and all("clae_cla_id" in frame.columns for frame in owners):
                owned = (
                    pl.concat(owners, how="diagonal")
                    .select(pl.col("clae_cla_id").alias(CHILD), pl.col(CHILD).alias("owner"))
                    .unique(subset=CHILD)
                )
                named = named.join(owned, on=CHILD, how="left", maintain_order="left")
            else:
                named = named.with_columns(owner=pl.lit(None, dtype=pl.String))
            for file, line in named.filter(pl.col("owner").is_null()).select(FILE, LINE).iter_rows():
                message = "no episode that was sent names this period of care, so that its child is not known; left out"
                place = Place(self._files[file], line, column.name)
                self._faults.add("unreadable", place, message, "send ssd_cla_episodes with clae_cla_id")
            frames[:] = [
                named.filter(pl.col("owner").is_not_null()).with_columns(pl.col("owner").alias(CHILD)).drop("owner")
            ]


def _text(cells: Sequence[str], index: int) -> str:
    text = cells[index].strip() if index < len(cells) else ""
    return "" if text.casefold() in BLANK else text

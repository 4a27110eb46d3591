"""Open a workbook that somebody sent: bounded, without entities, links or formulas. The one place that reads .xlsx.

openpyxl is an extra, imported only when a workbook arrives.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING, Any

from app.services.problems import Fault, Problem
from app.services.workbook.cells import Grid, Unreadable, label_text

if TYPE_CHECKING:
    from openpyxl.worksheet._read_only import ReadOnlyWorksheet

MAX_BYTES = 8 * 1024 * 1024
# A packed workbook may hold far more than it weighs.
MAX_UNPACKED_BYTES = 64 * 1024 * 1024
MAX_PARTS = 1_000
MAX_CELLS, MAX_TAGS, MAX_OTHER_TAGS = 300_000, 1_500_000, 200_000
"""How many cells a sheet may have, how many tags it and the texts may have, and how many any other part."""
CELL = re.compile(rb"<(?:\w+:)?c[\s/>]")
MAX_WRITTEN_ROWS = 20_000
LOOKED_AT = 500
"""So many columns are looked at, more than any sheet may have: what stands after them is not seen."""
OLE, ZIP = b"\xd0\xcf\x11\xe0", b"PK"
SAVE_AS = "save it as .xlsx or as CSV"


def read_sheets(
    data: bytes, names: Collection[str] | None, *, max_rows: int, max_columns: int, stored_values: bool = False
) -> dict[str, Grid]:
    """Return the rows of some sheets by name, or of the first sheet alone. Raises Problem if it cannot be read.

    A cell with a formula is `Unreadable`, or with `stored_values` what Excel last showed in it. Rows and columns
    after the last ones allowed are a Problem too: nothing is cut off in silence.
    """
    try:
        from openpyxl import load_workbook
    except ImportError:
        raise _problem("workbooks are not read by this service", "save the table as CSV") from None
    _check_package(data)
    try:
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=stored_values, keep_links=False)
    except Exception:  # noqa: BLE001 - openpyxl raises whatever its parsers raise, and texts of the file in it
        raise _problem("it is not a workbook", SAVE_AS) from None
    wanted = None if names is None else {label_text(name): name for name in names}
    sheets: dict[str, Grid] = {}
    for sheet in book.worksheets if wanted is not None else book.worksheets[:1]:
        name = sheet.title if wanted is None else wanted.get(label_text(sheet.title))
        if name is not None and name not in sheets:
            sheets[name] = _rows(sheet, max_rows, max_columns, stored_values=stored_values)
    if wanted is not None:
        sheets |= {title: () for title in book.sheetnames if label_text(title) not in wanted}
    return sheets


def _check_package(data: bytes) -> None:
    """Refuse what is no workbook, what unpacks to too much, and XML that declares entities."""
    if data.startswith(OLE):
        raise _problem("it is in the old Excel format, or has a password", "save it as .xlsx without a password")
    if not data.startswith(ZIP):
        raise _problem("it is not a workbook", SAVE_AS)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            parts = packed.infolist()
            if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED_BYTES:
                raise _problem("the workbook is too large", "save one sheet as CSV")
            names = {part.filename for part in parts}
            if "word/document.xml" in names:
                raise _problem("it is a Word file", "copy its table into an Excel workbook")
            if "mimetype" in names:
                raise _problem("it is an OpenDocument file", SAVE_AS)
            for part in parts:
                if part.filename.endswith((".xml", ".rels")):
                    _check_part(part.filename, packed.read(part).replace(b"\0", b""))
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError, ValueError):
        raise _problem("it is not a workbook", SAVE_AS) from None


def _check_part(name: str, text: bytes) -> None:
    """Refuse XML that declares entities, or has so many elements that the objects made of them fill the memory."""
    # No workbook has a document type, and entities that multiply are declared in one.
    if b"<!DOCTYPE" in text:
        raise _problem("it is not a workbook", SAVE_AS)
    most = MAX_TAGS if "worksheets/" in name or "sharedStrings" in name else MAX_OTHER_TAGS
    if text.count(b"<") > most or sum(1 for _ in CELL.finditer(text)) > MAX_CELLS:
        raise _problem("the workbook is too large", "save one sheet as CSV")


def _rows(sheet: ReadOnlyWorksheet, max_rows: int, max_columns: int, *, stored_values: bool) -> Grid:
    """Return a sheet's rows up to the last one that is filled in."""
    rows: list[list[object]] = []
    gap: tuple[Any, ...] | None = None
    written = 0
    for number, cells in enumerate(_cells(sheet), start=1):
        # openpyxl gives one and the same row for each that the file leaves out: up to a million.
        written += cells is not gap
        values = [] if cells is gap else _trimmed([cell.value if stored_values else _value(cell) for cell in cells])
        gap = cells
        if (number > max_rows and values) or written > MAX_WRITTEN_ROWS:
            remedy = "divide it, or delete the rows after its table"
            raise _problem(f"the sheet {sheet.title[:40]} has more than {max_rows:,} rows", remedy)
        if len(values) > max_columns:
            remedy = "delete the columns after its table"
            raise _problem(f"the sheet {sheet.title[:40]} has more than {max_columns} columns", remedy)
        if number <= max_rows:
            rows.append(values)
    while rows and not rows[-1]:
        rows.pop()
    return rows


def _cells(sheet: ReadOnlyWorksheet) -> Iterator[tuple[Any, ...]]:
    # The size that the file states of itself may be wrong.
    sheet.reset_dimensions()
    try:
        yield from sheet.iter_rows(max_col=LOOKED_AT)
    except Exception:  # noqa: BLE001 - openpyxl raises whatever its parsers raise, and texts of the file in it
        raise _problem("it is not a workbook", SAVE_AS) from None


def _value(cell: Any) -> object:
    if cell.data_type == "f":
        return Unreadable("this cell holds a formula")
    if cell.data_type == "e":
        return Unreadable(f"this cell holds Excel's error {str(cell.value)[:20]}")
    return cell.value


def _trimmed(cells: list[object]) -> list[object]:
    while cells and cells[-1] in (None, ""):
        cells.pop()
    return cells


def _problem(message: str, remedy: str) -> Problem:
    return Problem("invalid-request", "The workbook cannot be read.", [Fault("file", message, remedy)])

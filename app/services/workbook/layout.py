"""Write the sheets as an .xlsx: headings that stay, drop-down lists, a sheet of words to filter. Needs openpyxl."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from importlib import resources
from typing import TYPE_CHECKING, Any

from app.documents.faults import Fault
from app.engine.vocabulary import Vocabulary
from app.services.problems import Problem
from app.services.workbook.cells import Grid, column_letter
from app.services.workbook.lists import LIST_RANGES, WORD_HEADINGS, lists_of, word_rows
from app.services.workbook.rows import Column
from app.services.workbook.sheets import (
    HOW_TO,
    LISTS,
    PHASE_COLUMNS,
    PHASES,
    PROFILE,
    PROFILE_FIELDS,
    RULES,
    TABLES,
    WORDS,
)

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

SPARE_ROWS = 500
"""So many empty rows have the drop-down lists too."""
MAX_PROMPT = 255
HEADING, TEXT, DAY, NUMBER = "Profile heading", "Profile text", "Profile day", "Profile number"
DAY_FORMAT = "yyyy-mm-dd"
FORMULA = ("=", "+", "-", "@")
MADE = datetime(2000, 1, 1)  # noqa: DTZ001 - the same profile is the same file on every day
MADE_IN_ZIP = (2000, 1, 1, 0, 0, 0)
MAIN_COLUMNS = 21
"""The columns of the sheet Rules up to Note, which most rules need; the others are one group that folds away."""
WORD_WIDTHS = (8, 34, 44, 70, 24, 50, 30)


def write_xlsx(grids: Mapping[str, Grid], words: Vocabulary) -> bytes:
    """Return the workbook of these rows. Raises Problem where openpyxl is not installed."""
    try:
        from openpyxl import Workbook
    except ImportError:
        fault = Fault("Accept", "workbooks are not written by this service", "take the profile as JSON or TOML")
        raise Problem("not-acceptable", "The profile cannot be given as a workbook.", [fault]) from None
    book = Workbook()
    book.remove(book.worksheets[0])
    _add_styles(book)
    _how_to(book.create_sheet(HOW_TO))
    _profile(book.create_sheet(PROFILE), grids[PROFILE])
    order = (RULES, *(sheet.name for sheet in TABLES if sheet.name != RULES))
    for table in sorted(TABLES, key=lambda sheet: order.index(sheet.name)):
        _table(book.create_sheet(table.name), table.columns, grids[table.name])
    _table(book.create_sheet(PHASES), PHASE_COLUMNS, grids[PHASES])
    _words(book.create_sheet(WORDS), words)
    _lists(book, lists_of(words))
    book.active = book.sheetnames.index(PROFILE)
    book.properties.created = MADE
    book.properties.title = "Practice Deadlines profile"
    return _unchanging(book)


def _table(sheet: Worksheet, columns: Sequence[Column], grid: Grid) -> None:
    from openpyxl.worksheet.datavalidation import DataValidation

    _head(sheet, [column.heading for column in columns])
    for number, row in enumerate(grid[1:], start=2):
        for place, value in enumerate(row, start=1):
            _put(sheet, number, place, value)
    last = len(grid) + SPARE_ROWS
    for place, column in enumerate(columns):
        letter = column_letter(place)
        size = sheet.column_dimensions[letter]
        size.width = column.width
        size.outline_level = int(sheet.title == RULES and place >= MAIN_COLUMNS)
        # As text, or Excel makes 13.1 of the section 13.10 and a date of 3/2.
        size.number_format = {"text": "@", "day": DAY_FORMAT, "number": "General"}[column.form]
        rule = DataValidation(
            type="list" if column.list_name else None,
            formula1=column.list_name or None,
            allow_blank=True,
            showErrorMessage=column.closed,
            errorTitle=column.heading,
            error="Choose one from the list, or leave the cell empty.",
            promptTitle=column.heading,
            prompt=column.meaning[:MAX_PROMPT],
            showInputMessage=True,
        )
        rule.add(f"{letter}2:{letter}{last}")
        sheet.add_data_validation(rule)
    sheet.auto_filter.ref = f"A1:{column_letter(len(columns) - 1)}{max(len(grid), 2)}"


def _profile(sheet: Worksheet, grid: Grid) -> None:
    from openpyxl.worksheet.datavalidation import DataValidation

    _head(sheet, [str(cell) for cell in grid[0]])
    columns = [column for one in PROFILE_FIELDS for column in one.columns]
    for number, (row, column) in enumerate(zip(grid[1:], columns, strict=True), start=2):
        for place, value in enumerate(row, start=1):
            _put(sheet, number, place, value)
        if not row[1]:
            sheet.cell(number, 2).number_format = DAY_FORMAT if column.form == "day" else "@"
        if column.list_name:
            rule = DataValidation(type="list", formula1=column.list_name, allow_blank=True, showErrorMessage=True)
            rule.add(f"B{number}")
            sheet.add_data_validation(rule)
    for letter, width in (("A", 18), ("B", 60), ("C", 70)):
        sheet.column_dimensions[letter].width = width


def _words(sheet: Worksheet, words: Vocabulary) -> None:
    rows = word_rows(words)
    _head(sheet, WORD_HEADINGS)
    for number, row in enumerate(rows, start=2):
        for place, value in enumerate(row, start=1):
            _put(sheet, number, place, value)
    for place, width in enumerate(WORD_WIDTHS):
        sheet.column_dimensions[column_letter(place)].width = width
    sheet.auto_filter.ref = f"A1:{column_letter(len(WORD_HEADINGS) - 1)}{len(rows) + 1}"


def _how_to(sheet: Worksheet) -> None:
    text = resources.files(__package__).joinpath("how_to.txt").read_text(encoding="utf-8")
    for number, line in enumerate(text.splitlines(), start=1):
        sheet.cell(number, 1, line.removeprefix("# ")).style = HEADING if line.startswith("# ") else TEXT
    sheet.column_dimensions["A"].width = 110


def _lists(book: Workbook, lists: Mapping[str, Iterable[str]]) -> None:
    """Write the lists to a hidden sheet, and name them and the columns that are lists."""
    from openpyxl.workbook.defined_name import DefinedName

    sheet = book.create_sheet(LISTS)
    sheet.sheet_state = "hidden"
    ranges = dict(LIST_RANGES)
    for place, (name, values) in enumerate(lists.items()):
        letter, entries = column_letter(place), list(values)
        _put(sheet, 1, place + 1, name)
        for number, value in enumerate(entries, start=2):
            _put(sheet, number, place + 1, value)
        ranges[name] = f"{LISTS}!${letter}$2:${letter}${len(entries) + 1}"
    for name, where in ranges.items():
        book.defined_names[name] = DefinedName(name, attr_text=where)


def _add_styles(book: Workbook) -> None:
    """Declare how cells look, once each: a style of its own for every cell takes seconds."""
    from openpyxl.styles import Alignment, Font, NamedStyle, PatternFill

    wrapped = Alignment(wrap_text=True, vertical="top")
    fill = PatternFill("solid", fgColor="DDE6F0")
    book.add_named_style(NamedStyle(HEADING, font=Font(bold=True), fill=fill, alignment=wrapped))
    for name, form in ((TEXT, "@"), (DAY, DAY_FORMAT), (NUMBER, "General")):
        book.add_named_style(NamedStyle(name, number_format=form, alignment=wrapped))


def _head(sheet: Worksheet, headings: Iterable[str]) -> None:
    for place, heading in enumerate(headings, start=1):
        sheet.cell(1, place, heading).style = HEADING
    sheet.freeze_panes = "B2"


def _put(sheet: Worksheet, row: int, column: int, value: object) -> None:
    """Write a cell; a text is never a formula, whatever it begins with."""
    if value in ("", None):
        return
    cell: Any = sheet.cell(row, column)
    cell.value = value
    cell.style = DAY if isinstance(value, date) else NUMBER if isinstance(value, int) else TEXT
    if isinstance(value, str) and value.startswith(FORMULA):
        cell.data_type = "s"
        cell.quotePrefix = True


def _unchanging(book: Workbook) -> bytes:
    """Return the file without the time at which it was written."""
    from openpyxl.writer.excel import ExcelWriter

    book.properties.modified = MADE
    first, out = io.BytesIO(), io.BytesIO()
    # Packed once, below: what openpyxl writes has today's date at each part.
    ExcelWriter(book, zipfile.ZipFile(first, "w")).save()
    with zipfile.ZipFile(first) as parts, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for part in parts.infolist():
            packed.writestr(zipfile.ZipInfo(part.filename, MADE_IN_ZIP), parts.read(part), zipfile.ZIP_DEFLATED)
    return out.getvalue()

"""Profiles as documents, and a workbook changed by its headings, as somebody in Excel changes it."""

import io
import tomllib
from functools import cache
from pathlib import Path
from typing import Any, cast

from app.profiles.document import as_json
from app.services.workbook import WorkbookDocument, read_workbook, write_workbook
from app.services.workbook.cells import Grid
from app.services.workbook.reading import NOT_READ, read_grids
from app.services.workbook.writing import to_grids
from tests.house.files import ROOT

FILES = sorted([*(ROOT / "app/profiles/packaged").glob("*.toml"), *(ROOT / "docs/examples").glob("*.toml")])
NAMES = [path.stem for path in FILES]
Document = dict[str, Any]


@cache
def _read(path: Path) -> object:
    return as_json(tomllib.loads(path.read_text(encoding="utf-8")))


def document(name: str) -> Document:
    """Give a packaged profile, or an example of the documentation, as JSON."""
    return cast(Document, _read(next(path for path in FILES if path.stem == name)))


@cache
def grids(name: str) -> dict[str, Grid]:
    """Give the rows of such a profile's workbook, which nobody may change."""
    return to_grids(document(name))


class Book:
    """A workbook that is filled in by the headings of its columns."""

    def __init__(self, data: bytes) -> None:
        import openpyxl

        self.book = openpyxl.load_workbook(io.BytesIO(data))

    def put(self, sheet: str, row: int, **cells: object) -> None:
        """Fill in cells; `Starts_from` is the column Starts from."""
        columns = {cell.value: cell.column for cell in self.book[sheet][1]}
        for heading, value in cells.items():
            self.book[sheet].cell(row, columns[heading.replace("_", " ")]).value = value

    def data(self) -> bytes:
        """Give the file."""
        out = io.BytesIO()
        self.book.save(out)
        return out.getvalue()

    def read(self) -> WorkbookDocument:
        """Read it as the service does."""
        return read_workbook(self.data())


HEAD: Document = {
    "format": 1,
    "key": "my-council",
    "title": "My Council: practice standards",
    "calendar": "england-and-wales",
    "documents": {"main": {"title": "Practice Standards"}},
}
ICPC = {
    "Id": "icpc-held",
    "What": "hold_icpc",
    "Title": "Hold the initial conference",
    "Starts_from": "strategy_discussion_held",
    "Only_if": "section_47_initiated = yes",
    "Timing": "within",
    "Number": 15,
    "Unit": "working days",
    "Strength": "must",
    "Section": "5.1",
    "Met_by": "icpc_held",
}


@cache
def empty() -> bytes:
    """Give a workbook without rules."""
    return write_workbook(HEAD)


@cache
def _form() -> bytes:
    """Give the same without the sheets that nobody fills in: it is read and written in a fifth of the time."""
    book = Book(empty())
    for name in NOT_READ:
        del book.book[name]
    return book.data()


@cache
def _empty_grids() -> dict[str, Grid]:
    return to_grids(HEAD)


def one_rule(**cells: object) -> Book:
    """Give a workbook with the rule of the guide, some of its cells changed."""
    book = Book(_form())
    book.put("Rules", 2, **{**ICPC, **cells})
    return book


def one_row(**cells: object) -> WorkbookDocument:
    """Read the same without the file around it."""
    rows = _empty_grids()
    headings = [str(heading) for heading in rows["Rules"][0]]
    row = {heading.replace("_", " "): value for heading, value in {**ICPC, **cells}.items()}
    assert row.keys() <= set(headings)
    return read_grids({**rows, "Rules": [headings, [row.get(heading) for heading in headings]]})


def rule_of(**cells: object) -> dict[str, Any]:
    """Give the rule that is read of such a row; there must be no fault."""
    found = one_row(**cells)
    assert not found.faults, [str(fault) for fault in found.faults]
    return cast(dict[str, Any], found.document["rules"][0])


def faults_of(**cells: object) -> list[tuple[str, str, str]]:
    """Give cell, message and remedy of each fault of such a row."""
    found = one_row(**cells)
    return [
        (f"{fault.location.sheet}!{fault.location.cell}", fault.message, fault.remedy)
        for fault in found.faults
        if fault.location is not None
    ]

"""Read the rows of CSV, Excel and Parquet files as text, each with its line."""

from __future__ import annotations

import csv
import io
import sys
import zipfile
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import IO, Any, NamedTuple

from app.services.returns.census_xml import refused
from app.services.returns.faults import FaultList, Place
from app.services.returns.files import ReturnFile

Line = tuple[int, Sequence[str]]
"""The number of a line, from 1, and its cells."""
MAX_UNPACKED = 2 * 1024 * 1024 * 1024
MAX_RATIO = 200
DELIMITERS = ",;\t|"
CHUNK = 1024 * 1024
HEADER_LINES = 10


class Sheet(NamedTuple):
    """One table as it stands in a file: its name, and its lines with the heading among the first of them."""

    file: str
    name: str
    lines: Iterator[Line]


def sheets(file: ReturnFile, faults: FaultList) -> Iterator[Sheet]:
    """Yield the tables of a file: one for CSV and Parquet, one a sheet for Excel. Raises Problem for another file."""
    start = file.content.read(4)
    file.content.seek(0)
    suffix = file.name.rpartition(".")[2].lower()
    stem = file.name.replace("\\", "/").rpartition("/")[2].rpartition(".")[0]
    if start == b"PAR1":
        yield Sheet(file.name, stem, _parquet(file))
    elif start == b"PK\x03\x04" or suffix in {"xlsx", "xlsm"}:
        yield from _workbook(file)
    elif start == b"\xd0\xcf\x11\xe0":
        message, remedy = "this is a workbook of the old kind (.xls)", "save it as .xlsx or as CSV"
        raise refused(file.name, None, message, remedy)
    elif start[:1] == b"<":
        raise refused(file.name, None, "this is XML", "send the tables as CSV")
    else:
        yield Sheet(file.name, stem, _csv(file, faults))


def _csv(file: ReturnFile, faults: FaultList) -> Iterator[Line]:
    encoding, last = _encoding(file.content), 0
    if encoding == "cp1252":
        message = "the text is not UTF-8; it was read as Windows-1252, as Excel writes it"
        faults.add("remark", Place(file.name), message, "save it as CSV UTF-8")
    text = io.TextIOWrapper(file.content, encoding=encoding, newline="")
    try:
        first = text.readline(CHUNK)
        delimiter = max(DELIMITERS, key=first.count)
        text.seek(0)
        if encoding == "utf-8-sig":
            # Seeking to the start takes the mark for text in some versions.
            first = text.read(1)
            if first != "\ufeff":
                text.seek(0)
        reader = csv.reader(text, delimiter=delimiter)
        for cells in reader:
            # A cell with line breaks makes a row of several lines: the first of them is its line.
            number, last = last + 1, reader.line_num
            if any(cells):
                yield number, cells
    except csv.Error as error:
        message = "the line cannot be read: a quotation mark is open, or a cell is too long"
        raise refused(file.name, last + 1, message, "save it as CSV again") from error
    except UnicodeDecodeError:
        message = f"the text is not UTF-8, and not {encoding} either"
        raise refused(file.name, last + 1, message, "save it as CSV UTF-8") from None
    finally:
        text.detach()


def _encoding(content: IO[bytes]) -> str:
    """Return how a file's text is encoded, after looking at all of it."""
    start = content.read(3)
    content.seek(0)
    if start[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        return "utf-16"
    decoder = io.TextIOWrapper(content, encoding="utf-8-sig", newline="")
    try:
        while decoder.read(CHUNK):
            pass
    except UnicodeDecodeError:
        return "cp1252"
    finally:
        decoder.detach()
        content.seek(0)
    return "utf-8-sig" if start == b"\xef\xbb\xbf" else "utf-8"


def _workbook(file: ReturnFile) -> Iterator[Sheet]:
    """Yield the sheets of a workbook, after checking that it does not unpack to more than it may."""
    from openpyxl import load_workbook

    _check_archive(file)
    try:
        book = load_workbook(file.content, read_only=True, data_only=True, keep_links=False)
    except Exception as error:  # the library raises whatever its parts raise
        raise refused(file.name, None, "this workbook cannot be read", "save it as .xlsx again, or as CSV") from error
    try:
        for sheet in book.worksheets:
            rows = enumerate(sheet.iter_rows(values_only=True), start=1)
            lines = ((number, [_cell(value) for value in row]) for number, row in rows)
            yield Sheet(f"{file.name}: {sheet.title}", sheet.title, ((n, cells) for n, cells in lines if any(cells)))
    finally:
        book.close()


def _check_archive(file: ReturnFile) -> None:
    try:
        with zipfile.ZipFile(file.content) as archive:
            parts = archive.infolist()
            size, packed = sum(part.file_size for part in parts), sum(part.compress_size for part in parts)
            too_large = size > MAX_UNPACKED or (size > 50 * CHUNK and size > packed * MAX_RATIO)
            if too_large or len(parts) > 1_000:
                raise refused(file.name, None, "the workbook unpacks to too much", "send the lists as CSV")
            for part in parts:
                if part.filename.endswith((".xml", ".rels")):
                    with archive.open(part) as content:
                        if b"<!DOCTYPE" in content.read(64 * 1024):
                            message = "the workbook has a document type (DOCTYPE), which none has"
                            raise refused(file.name, None, message, "save it as .xlsx again, or as CSV")
    except (zipfile.BadZipFile, NotImplementedError, OSError) as error:
        raise refused(file.name, None, "this workbook cannot be read", "save it as .xlsx again, or as CSV") from error
    finally:
        file.content.seek(0)


def _cell(value: Any) -> str:
    """Return a cell of a workbook as text: a date as 2026-03-31, a whole number without a point."""
    if value is None:
        return ""
    if isinstance(value, datetime | date):
        return value.isoformat()[:10]
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _parquet(file: ReturnFile) -> Iterator[Line]:
    import polars as pl

    try:
        frame = pl.read_parquet(file.content).select(pl.all().cast(pl.String, strict=False).fill_null(""))
    except pl.exceptions.PolarsError as error:
        raise refused(file.name, None, "this Parquet file cannot be read", "write it again, or send CSV") from error
    yield 1, frame.columns
    for number, cells in enumerate(frame.iter_rows(), start=2):
        yield number, [sys.intern(cell) if len(cell) < 8 else cell for cell in cells]

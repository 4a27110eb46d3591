"""Read the first sheet of a workbook as CSV. openpyxl is an extra, imported only when a workbook arrives."""

from __future__ import annotations

import csv
import io
import zipfile
from datetime import date, datetime, time

from app.services.problems import Fault, Problem
from app.web.caseload_table import MAX_ROWS

MAX_WORKBOOK_BYTES = 8 * 1024 * 1024
# A packed workbook may hold far more than it weighs.
MAX_UNPACKED_BYTES = 64 * 1024 * 1024
MAX_COLUMNS = 200


def workbook_csv(data: bytes) -> str:
    """Return the first sheet as CSV, dates as 2025-12-18. Raises `Problem` if it cannot be read."""
    try:
        from openpyxl import load_workbook
    except ImportError:
        raise _problem("workbooks are not read by this service", "save the table as CSV") from None
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            unpacked = sum(item.file_size for item in packed.infolist())
    except zipfile.BadZipFile:
        raise _problem("it is not a workbook", "save it as .xlsx or as CSV") from None
    if unpacked > MAX_UNPACKED_BYTES:
        raise _problem("the workbook is too large", "save one sheet as CSV")
    try:
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        rows = [
            [_cell(value) for value in row]
            for row in book.worksheets[0].iter_rows(max_row=MAX_ROWS + 2, max_col=MAX_COLUMNS, values_only=True)
        ]
    except Exception:  # noqa: BLE001 - openpyxl raises whatever its parsers raise, and texts of the file in it
        raise _problem("it is not a workbook", "save it as .xlsx or as CSV") from None
    out = io.StringIO()
    width = max((place for row in rows for place, cell in enumerate(row, start=1) if cell), default=0)
    csv.writer(out, lineterminator="\n").writerows(row[:width] for row in rows if any(row))
    return out.getvalue()


def _cell(value: object) -> str:
    """Write a cell as text: midnight is a date, a whole number has no decimals."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(timespec="minutes")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _problem(message: str, remedy: str) -> Problem:
    return Problem("invalid-request", "The workbook cannot be read.", [Fault("file", message, remedy)])

"""Read the first sheet of a workbook as CSV, for the caseload page."""

from __future__ import annotations

import csv
import io
from datetime import date, datetime, time

from app.services.workbook.opening import MAX_BYTES, MAX_UNPACKED_BYTES, read_sheets
from app.web.caseload_table import MAX_ROWS

__all__ = ["MAX_UNPACKED_BYTES", "MAX_WORKBOOK_BYTES", "workbook_csv"]
MAX_WORKBOOK_BYTES = MAX_BYTES
MAX_COLUMNS = 200


def workbook_csv(data: bytes) -> str:
    """Return the first sheet as CSV, dates as 2025-12-18. Raises `Problem` if it cannot be read."""
    sheets = read_sheets(data, None, max_rows=MAX_ROWS + 2, max_columns=MAX_COLUMNS, stored_values=True)
    rows = [[_cell(value) for value in row] for row in next(iter(sheets.values()), [])]
    out = io.StringIO()
    width = max((place for row in rows for place, cell in enumerate(row, start=1) if cell), default=0)
    csv.writer(out, lineterminator="\n").writerows([*row, *[""] * width][:width] for row in rows if any(row))
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

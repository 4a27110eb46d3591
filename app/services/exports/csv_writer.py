"""Write CSV that a spreadsheet opens correctly and never executes."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable

BYTE_ORDER_MARK = "\ufeff"
SEPARATOR = "; "
# A cell that starts with one of these, after any blanks, is a formula to some spreadsheet. The last four are the
# full-width forms of the first four.
FORMULA = re.compile("\\s*[=+\\-@\uff1d\uff0b\uff0d\uff20]|[\t\r\n]")


def to_cell(value: object) -> object:
    """Return a value as a CSV cell: nothing for None, lists joined, and an apostrophe before what may be a formula."""
    if type(value) is str:
        # Most texts start with a letter or a digit, and need no closer look.
        return "'" + value if not value[:1].isalnum() and FORMULA.match(value) else value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return value
    return to_cell(join_texts(value) if isinstance(value, list | tuple) else str(value))


def join_texts(texts: Iterable[object]) -> str:
    """Return several texts as one cell shows them."""
    return SEPARATOR.join(map(str, texts))


class CsvWriter:
    """Collects rows as CSV in memory; every cell goes through `to_cell`."""

    def __init__(self) -> None:
        self._buffer = io.StringIO(newline="")
        self._writer = csv.writer(self._buffer, lineterminator="\r\n")

    def write(self, row: Iterable[object]) -> None:
        """Add one row."""
        self._writer.writerow(map(to_cell, row))

    def take(self) -> bytes:
        """Return the rows added since the last call, in UTF-8."""
        text = self._buffer.getvalue()
        self._buffer.seek(0)
        self._buffer.truncate()
        return text.encode()

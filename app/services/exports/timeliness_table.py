"""Export the rows of timeliness as CSV: each obligation that was counted, with its case's reference."""

from __future__ import annotations

from typing import cast

from app.services.calculation.response import Json
from app.services.exports.csv_writer import BYTE_ORDER_MARK, CsvWriter, join_texts

COLUMNS = (
    "reference",
    "place",
    "child",
    "profile",
    "profile_version",
    "id",
    "rule",
    "duty",
    "title",
    "responsible",
    "started_on",
    "due_date",
    "status",
    "missed",
    "excused",
    "trackable",
    "observable",
    "in_window",
    "done_at",
    "unit",
    "days",
    "calendar_days",
)


def timeliness_csv(answer: Json, *, bom: bool = False) -> bytes:
    """Return the rows as CSV. `bom` marks the file as UTF-8 for spreadsheets that would not recognise it otherwise."""
    writer = CsvWriter()
    writer.write(COLUMNS)
    for row in cast(list[Json], answer["rows"]):
        values = {**row, "responsible": join_texts(cast(list[str], row["responsible"]))}
        writer.write(values.get(name) for name in COLUMNS)
    return (BYTE_ORDER_MARK.encode() if bom else b"") + writer.take()

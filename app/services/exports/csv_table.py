"""Export obligations as CSV, one to a row."""

from __future__ import annotations

from typing import cast

from app.services.calculation.response import Json
from app.services.exports.csv_writer import BYTE_ORDER_MARK, CsvWriter, join_texts

COLUMNS = (
    "reference",
    "child",
    "profile",
    "profile_version",
    "id",
    "rule",
    "phase",
    "duty",
    "title",
    "responsible",
    "kind",
    "occurrence",
    "due_date",
    "due_at",
    "last_working_day",
    "not_before",
    "status",
    "done_at",
    "days_taken",
    "late_by_days",
    "late_by_hours",
    "overdue_by_days",
    "overdue_by_hours",
    "timing",
    "strength",
    "basis",
    "document",
    "section",
    "reading",
    "alternatives",
    "assumptions",
    "projected",
    "provisional",
    "rests_on",
    "trackable",
)


def obligations_csv(answer: Json, *, bom: bool = False) -> bytes:
    """Return the obligations of a calculation or a timeline as CSV, with the same columns for both.

    Dates are ISO 8601. `bom` marks the file as UTF-8 for spreadsheets that would not recognise it otherwise.
    """
    writer = CsvWriter()
    writer.write(COLUMNS)
    for item in cast(list[Json], answer["obligations"]):
        row = _row(item, answer)
        writer.write(row.get(name) for name in COLUMNS)
    return (BYTE_ORDER_MARK.encode() if bom else b"") + writer.take()


def _row(item: Json, answer: Json) -> Json:
    sources = cast(list[Json], item["source"])
    alternatives = cast(list[Json], item["alternatives"])
    stamp = answer.get("profile")
    profile: Json = {"profile": stamp["key"], "profile_version": stamp["version"]} if isinstance(stamp, dict) else {}
    return {
        **profile,
        **item,
        "reference": answer.get("reference"),
        "document": join_texts(dict.fromkeys(str(source["document"]) for source in sources)),
        "section": join_texts(str(source["section"]) for source in sources),
        "alternatives": join_texts(f"{other['due_date'] or 'no date'}: {other['reading']}" for other in alternatives),
    }

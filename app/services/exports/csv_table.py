"""Export obligations as CSV, one to a row."""

from __future__ import annotations

from typing import cast

from app.services.calculation.response import Json
from app.services.exports.csv_writer import BYTE_ORDER_MARK, CsvWriter, join_texts
from app.services.exports.general_warnings import general_warnings
from app.services.work import check

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
    "certainty",
    "document",
    "section",
    "reading",
    "alternatives",
    "assumptions",
    "warnings",
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
    general = general_warnings(answer)
    obligations = cast(list[Json], answer["obligations"])
    for item in obligations:
        check()
        row = _row(item, answer, general)
        writer.write(row.get(name) for name in COLUMNS)
    if not obligations:
        row = _nothing_due(answer)
        writer.write(row.get(name) for name in COLUMNS)
    return (BYTE_ORDER_MARK.encode() if bom else b"") + writer.take()


def date_of(other: Json) -> str:
    """Return the day of another reading, or that it has none and which facts would give it one."""
    needs = ", ".join(cast(list[str], other["needs"]))
    return str(other["due_date"] or "no date") + (f" without {needs}" if needs else "")


def _row(item: Json, answer: Json, general: list[str]) -> Json:
    sources = cast(list[Json], item["source"])
    alternatives = cast(list[Json], item["alternatives"])
    return {
        **_common(answer),
        **item,
        "document": join_texts(dict.fromkeys(str(source["document"]) for source in sources)),
        "section": join_texts(str(source["section"]) for source in sources),
        "alternatives": join_texts(f"{date_of(other)}: {other['reading']}" for other in alternatives),
        "warnings": join_texts([*cast(list[str], item["warnings"]), *general]),
    }


def _nothing_due(answer: Json) -> Json:
    """Return the one row of an answer without obligations: a file of headings alone would say nothing of why."""
    status = "undetermined" if answer["undetermined"] else "nothing_due"
    return {**_common(answer), "status": status, "warnings": join_texts(cast(list[str], answer["warnings"]))}


def _common(answer: Json) -> Json:
    stamp = answer.get("profile")
    profile: Json = {"profile": stamp["key"], "profile_version": stamp["version"]} if isinstance(stamp, dict) else {}
    return {**profile, "reference": answer.get("reference")}

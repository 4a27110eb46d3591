"""Obligations as a table: CSV that a spreadsheet opens right and that runs nothing."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from typing import cast

from app.services.calculation.response import Json

BOM = "\ufeff"
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
DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def obligations_csv(answer: Json, *, bom: bool = False) -> bytes:
    """The obligations of a calculation or a timeline, one to a row, under one header whatever was asked.

    Dates are ISO 8601. Text that a spreadsheet would take for a formula gets an apostrophe before it. `bom` marks the
    file as UTF-8 for spreadsheets that would not see it otherwise.
    """
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for item in cast(list[Json], answer["obligations"]):
        row = _row(item, answer)
        writer.writerow([_safe(row.get(name)) for name in COLUMNS])
    return ((BOM if bom else "") + out.getvalue()).encode("utf-8")


def _row(item: Json, answer: Json) -> Json:
    sources = cast(list[Json], item["source"])
    alternatives = cast(list[Json], item["alternatives"])
    stamp = answer.get("profile")
    profile: Json = {"profile": stamp["key"], "profile_version": stamp["version"]} if isinstance(stamp, dict) else {}
    return {
        **profile,
        **item,
        "reference": answer.get("reference"),
        "document": _joined(dict.fromkeys(str(source["document"]) for source in sources)),
        "section": _joined(str(source["section"]) for source in sources),
        "alternatives": _joined(f"{other['due_date'] or 'no date'}: {other['reading']}" for other in alternatives),
    }


def _joined(items: Iterable[str]) -> str:
    return "; ".join(items)


def _safe(value: object) -> object:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return value
    text = _joined(str(item) for item in value) if isinstance(value, list) else str(value)
    return "'" + text if text.lstrip(" ").startswith(DANGEROUS) else text

"""The columns of CSV output, and the value of each."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from app.engine.results import Obligation, Undetermined
from app.services.exports.csv_writer import join_texts


def _day(day: date | None) -> str:
    return day.isoformat() if day is not None else ""


OBLIGATION: dict[str, Callable[[Obligation], str | int]] = {
    "due_date": lambda item: item.due_date.isoformat(),
    "due_at": lambda item: item.due_at.isoformat(),
    "last_working_day": lambda item: _day(item.last_working_day),
    "not_before": lambda item: _day(item.not_before),
    "duty": lambda item: item.duty,
    "title": lambda item: item.template.title,
    "rule": lambda item: item.rule.id,
    "timing": lambda item: item.template.timing,
    "kind": lambda item: item.kind,
    "occurrence": lambda item: item.occurrence,
    "strength": lambda item: item.template.strength,
    "responsible": lambda item: join_texts(item.template.responsible),
    "section": lambda item: join_texts([source.section for source in item.template.sources]),
    "document": lambda item: join_texts(dict.fromkeys(source.document for source in item.template.sources)),
    "reading": lambda item: item.template.reading or "",
    "alternative_due_dates": lambda item: join_texts(
        [other.due_date.isoformat() for other in item.alternatives if other.due_date is not None]
    ),
    "assumptions": lambda item: join_texts(item.assumptions),
    "certainty": lambda item: item.rule.certainty,
    "projected": lambda item: "true" if item.projected else "false",
    "provisional": lambda item: "true" if item.provisional else "false",
}
UNDETERMINED: dict[str, Callable[[Undetermined], str | int]] = {
    "duty": lambda item: item.duty,
    "title": lambda item: item.title,
    "rule": lambda item: item.rule.id,
    "timing": lambda item: item.timing,
    "section": lambda item: join_texts([source.section for source in item.sources]),
    "needs": lambda item: join_texts(item.needs),
    "message": lambda item: item.reason,
}
COLUMNS = (
    "line",
    "reference",
    "profile",
    "profile_version",
    "calendar",
    "calendar_version",
    "event",
    "at",
    "status",
    *OBLIGATION,
    "needs",
    "warnings",
    "message",
)
DEFAULT_COLUMNS = (
    "line",
    "reference",
    "profile",
    "profile_version",
    "event",
    "at",
    "status",
    "due_date",
    "due_at",
    "last_working_day",
    "duty",
    "rule",
    "title",
    "section",
    "responsible",
    "strength",
    "certainty",
    "occurrence",
    "alternative_due_dates",
    "projected",
    "provisional",
    "needs",
    "warnings",
    "message",
)

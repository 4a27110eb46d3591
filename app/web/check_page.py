"""Is this date right? What the check page asks and answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from app.services.date_check import check_date
from app.services.problems import Problem
from app.services.snapshot.snapshot import Snapshot
from app.web.forms import ExplorerForm, join_time, request_body
from app.web.questions import Questions
from app.web.results import Failure, fault_text, field_of
from app.web.words import count

VERDICTS = {
    "right": "The date is right",
    "early": "The date is too early",
    "late": "The date is too late",
    "undetermined": "The date cannot be judged yet",
    "not_applicable": "Nothing is due under this rule",
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a check. `answer` is the service's own answer to it."""

    answer: dict[str, Any]

    @property
    def heading(self) -> str:
        """Return the verdict with its distance: "The date is too early by 1 day"."""
        text = VERDICTS[self.answer["verdict"]]
        if self.answer["verdict"] not in {"early", "late"}:
            return text
        if self.answer["days"]:
            return f"{text} by {count(abs(self.answer['days']), 'day')}"
        return f"{text} by {count(abs(self.answer['hours']), 'hour')}"

    @property
    def due_date(self) -> date:
        """Return the right date."""
        return date.fromisoformat(self.answer["expected"]["due_date"])

    @property
    def due_at(self) -> datetime:
        """Return the right instant."""
        return datetime.fromisoformat(self.answer["expected"]["due_at"])


def check(snapshot: Snapshot, entered: ExplorerForm, form: Questions) -> Verdict | Failure:
    """Check the date that was entered, or describe why it cannot be checked."""
    body = request_body(entered, entered.profile or form.profile, form.facts)
    body |= {"rule": entered.rule, "date": join_time(entered.claimed, entered.claimed_time)}
    try:
        return Verdict(check_date(snapshot, body))
    except Problem as problem:
        named = ((FIELDS.get(fault.path) or field_of(fault.path), fault_text(fault)) for fault in problem.faults)
        return Failure(entered.profile, problem, tuple(named))


FIELDS = {"duty": "rule", "rule": "rule", "date": "claimed"}

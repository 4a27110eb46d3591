"""The results of a calculation."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from app.engine.citations import Source
from app.engine.compiled_profile import ObligationTemplate, Rule
from app.engine.conditions import Checked
from app.engine.timing import Kind


class Alternative(NamedTuple):
    """Another reading's due date for the same act; no date where this event cannot give one."""

    reading: str
    due_date: date | None
    due_at: datetime | None
    section: str | None
    document: str | None
    """The title of the document that prints it."""
    needs: tuple[str, ...] = ()
    """The facts that would date it, where it has no date without them."""


class Step(NamedTuple):
    """One line of an explanation."""

    date: date
    counted: int | None
    """What the day counted as: 0, 1, 2, …; None where it was not counted."""
    note: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """How a due date came about, so that it can be checked by hand."""

    day_zero: date
    counted_in: str
    steps: tuple[Step, ...]
    landed_on: date
    conditions: tuple[Checked, ...]


class Obligation(NamedTuple):
    """One due date of a rule."""

    template: ObligationTemplate
    """What it says whatever its date; the same object in every answer."""
    occurrence: int
    due_date: date
    due_at: datetime
    last_working_day: date | None
    not_before: date | None
    alternatives: tuple[Alternative, ...]
    assumptions: tuple[str, ...]
    projected: bool
    provisional: bool
    explanation: Explanation | None = None
    warnings: tuple[str, ...] = ()
    """Of the documents that its rule cites: superseded by the day of the event, or by its due date."""

    @property
    def rule(self) -> Rule:
        return self.template.rule

    @property
    def phase(self) -> str | None:
        return self.template.phase

    @property
    def duty(self) -> str:
        return self.template.duty

    @property
    def kind(self) -> Kind:
        return self.template.kind


class Undetermined(NamedTuple):
    """A rule that can be neither applied nor dropped yet, and the facts that would decide it."""

    rule: Rule
    duty: str
    title: str
    timing: str
    reason: str
    needs: tuple[str, ...]
    from_date: date | None
    sources: tuple[Source, ...]


class NotApplicable(NamedTuple):
    """A rule of this event that does not apply."""

    rule: Rule
    reason: str = ""
    """Why, where it is not its condition."""
    checked: tuple[Checked, ...] = ()
    """The parts of its condition."""

    @property
    def because(self) -> str:
        """Why it does not apply, in words."""
        failed = self.reason or "; ".join(item.text for item in self.checked if not item.holds)
        return failed or "its condition does not hold"


class Calculation(NamedTuple):
    """Everything that one event yields under one profile."""

    obligations: tuple[Obligation, ...]
    undetermined: tuple[Undetermined, ...]
    not_applicable: tuple[NotApplicable, ...]
    warnings: tuple[str, ...]

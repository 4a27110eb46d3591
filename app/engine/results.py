"""What a calculation yields."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from app.engine.compiled_profile import Basis, ObligationTemplate, Rule, Source
from app.engine.conditions import Checked
from app.engine.phases import Strength
from app.engine.timing import Kind


class Alternative(NamedTuple):
    """Another reading's date for the same act; no date where this event cannot give one."""

    reading: str
    due_date: date | None
    due_at: datetime | None
    section: str | None


class Step(NamedTuple):
    """One line of the counting: a day on the wall calendar, what it counted as (None: nothing), and why."""

    date: date
    counted: int | None
    note: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """How a date came about, to be followed by hand."""

    day_zero: date
    counted_in: str
    steps: tuple[Step, ...]
    landed_on: date
    conditions: tuple[Checked, ...]


class Obligation(NamedTuple):
    """One computed result of a rule: its terms, which are the same in every answer, and what is this answer's own."""

    template: ObligationTemplate
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
    def title(self) -> str:
        return self.template.title

    @property
    def responsible(self) -> tuple[str, ...]:
        return self.template.responsible

    @property
    def kind(self) -> Kind:
        return self.template.kind

    @property
    def timing(self) -> str:
        return self.template.timing

    @property
    def strength(self) -> Strength:
        return self.template.strength

    @property
    def basis(self) -> Basis:
        return self.template.basis

    @property
    def sources(self) -> tuple[Source, ...]:
        return self.template.sources

    @property
    def reading(self) -> str | None:
        return self.template.reading


class Undetermined(NamedTuple):
    """A rule that can be neither applied nor dropped yet, and what would settle it."""

    rule: Rule
    duty: str
    title: str
    timing: str
    reason: str
    needs: tuple[str, ...]
    from_date: date | None
    sources: tuple[Source, ...]


class NotApplicable(NamedTuple):
    """A rule of this event that does not apply: the condition that failed, or another reason (`otherwise`)."""

    rule: Rule
    otherwise: str = ""
    checked: tuple[Checked, ...] = ()

    @property
    def because(self) -> str:
        """Why it does not apply, in words."""
        failed = self.otherwise or "; ".join(item.text for item in self.checked if not item.holds)
        return failed or "its condition does not hold"


class Calculation(NamedTuple):
    """Everything that one event starts under one profile."""

    obligations: tuple[Obligation, ...]
    undetermined: tuple[Undetermined, ...]
    not_applicable: tuple[NotApplicable, ...]
    warnings: tuple[str, ...]

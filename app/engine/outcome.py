"""What a calculation yields."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from app.engine.conditions import Checked
from app.engine.model import Basis, Rule, Source
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
    """One computed result of a rule."""

    rule: Rule
    phase: str | None
    duty: str
    title: str
    responsible: tuple[str, ...]
    kind: Kind
    occurrence: int
    due_date: date
    due_at: datetime
    last_working_day: date | None
    not_before: date | None
    timing: str
    strength: Strength
    basis: Basis
    sources: tuple[Source, ...]
    reading: str | None
    alternatives: tuple[Alternative, ...]
    assumptions: tuple[str, ...]
    projected: bool
    provisional: bool
    explanation: Explanation | None = None


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
    """A rule of this event that does not apply, and the condition that failed."""

    rule: Rule
    because: str
    checked: tuple[Checked, ...] = ()


@dataclass(frozen=True, slots=True)
class Calculation:
    """Everything that one event starts under one profile."""

    obligations: tuple[Obligation, ...]
    undetermined: tuple[Undetermined, ...]
    not_applicable: tuple[NotApplicable, ...]
    warnings: tuple[str, ...]

"""One event and its obligations."""

from __future__ import annotations

from datetime import date

from pydantic import Field

from app.api.schemas.common import (
    NEW_VALUES,
    Alternative,
    Answer,
    CalendarStamp,
    CheckedCondition,
    EngineStamp,
    Explanation,
    Instant,
    NotComputable,
    ProfileStamp,
    SourceRef,
)


class Obligation(Answer):
    """What is due, when, by whom, and from which paragraph."""

    rule: str
    phase: str | None = Field(description="The phase of a series that set this limit.")
    duty: str = Field(description="A key shared by all profiles.", examples=["hold_icpc"])
    title: str
    responsible: list[str]
    kind: str = Field(description=f"deadline, lead_time, recurring, milestone or earliest (no deadline). {NEW_VALUES}")
    occurrence: int = Field(description="Counts a series' limits in this answer from 1.")
    due_date: date
    due_at: Instant = Field(description="The exact instant for hours, else the last second of the due date.")
    last_working_day: date | None = Field(description="The last working day on or before the due date.")
    not_before: date | None = Field(description="The earliest day, where a rule has one.")
    timing: str = Field(examples=["within 15 working days of the strategy discussion"])
    strength: str = Field(description=f"must, should or suggested. {NEW_VALUES}")
    basis: str = Field(description=f"local, statute, regulations, statutory_guidance, court_rules. {NEW_VALUES}")
    certainty: str = Field(
        description=f"verified, or secondary: the text was seen only in part or in a counterpart of it. {NEW_VALUES}"
    )
    source: list[SourceRef]
    reading: str | None = Field(description="How an ambiguous paragraph was understood.")
    alternatives: list[Alternative]
    assumptions: list[str]
    warnings: list[str] = Field(
        description="Of the documents cited: superseded by the day of the event, or by the due date."
    )
    projected: bool = Field(description="Rests on something that has not happened yet.")
    provisional: bool = Field(description="Rests on bank holidays that are only projected.")
    explanation: Explanation | None


class Undetermined(Answer):
    """A rule that can be neither applied nor dropped yet."""

    rule: str
    duty: str
    title: str
    timing: str
    reason: str = Field(description=f"facts_missing, beyond_calendar. {NEW_VALUES}")
    needs: list[str] = Field(description="The facts that would settle it.")
    from_date: date | None = Field(description="From when a series cannot be followed.")
    source: list[SourceRef]


class NotApplicable(Answer):
    """A rule of this event that does not apply, and the condition that failed."""

    rule: str
    duty: str
    title: str
    because: str
    conditions: list[CheckedCondition]
    source: list[SourceRef]


class EventEcho(Answer):
    """The event as it was sent."""

    type: str
    occurred_at: str


class CalculationAnswer(Answer):
    """Everything that the event starts, sorted by `due_at`, then `rule`."""

    calculation_id: str
    engine: EngineStamp
    profile: ProfileStamp
    calendar: CalendarStamp
    event: EventEcho
    obligations: list[Obligation]
    undetermined: list[Undetermined]
    not_applicable: list[NotApplicable] = Field(default=[], description="Only with explain.")
    not_computable: list[NotComputable] = Field(
        default=[],
        description="What is asked for without a date at this event: with explain, or where it is all there is.",
    )
    warnings: list[str] = Field(
        description="Of documents superseded; of an event from which the profile starts nothing, with those that "
        "date the same duties."
    )
    reference: str | None

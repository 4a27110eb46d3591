"""One event and its obligations."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from app.api.schemas.common import (
    NEW_VALUES,
    Alternative,
    CalendarStamp,
    CheckedCondition,
    Closed,
    EngineStamp,
    Explanation,
    Open,
    ProfileStamp,
    SourceRef,
)

REQUEST_EXAMPLE: dict[str, Any] = {
    "profile": "swindon",
    "event": {"type": "strategy_discussion_held", "occurred_at": "2025-12-18T14:30:00+00:00"},
    "facts": {"section_47_initiated": True},
}


class Event(Closed):
    """Something that happened, or is scheduled, that starts a clock."""

    type: str = Field(description="A code from /v1/event-types.", examples=["strategy_discussion_held"])
    occurred_at: str = Field(
        description="A date, an RFC 3339 instant, or a local London date-time; up to nine fractional digits.",
        examples=["2025-12-18T14:30:00+00:00"],
    )


class Facts(BaseModel):
    """What is known of the child and the circumstances. Its properties are filled in from the vocabulary."""

    model_config = ConfigDict(extra="forbid")


class CalculationRequest(Closed):
    """An event under a profile. Everything but `profile` and `event` may be left out; null and "" are absent."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [REQUEST_EXAMPLE]})

    profile: str = Field(description="A key from /v1/profiles.", examples=["swindon"], min_length=1)
    profile_version: int | None = Field(None, ge=1, description="Absent: the version in force on the event's date.")
    calendar: str | None = Field(None, description="Absent: the profile's own.")
    calendar_version: int | None = Field(None, ge=1, description="Absent: the latest.")
    event: Event
    facts: Facts | None = Field(None, description="Codes from /v1/facts.")
    until: date | None = Field(None, description="Unfold every recurring rule to this day, at most 25 years on.")
    explain: bool | None = Field(None, description="Add the counting, step by step, and what does not apply.")
    reference: str | None = Field(None, max_length=200, description="Given back as it came; kept nowhere.")
    as_known_on: date | None = Field(None, description="Answer with the versions published by the end of this day.")


class Obligation(Open):
    """What is due, when, by whom, and from which paragraph."""

    rule: str
    phase: str | None = Field(description="The phase of a series that set this limit.")
    duty: str = Field(description="A key shared by all profiles.", examples=["hold_icpc"])
    title: str
    responsible: list[str]
    kind: str = Field(description=f"deadline, lead_time, recurring, milestone or earliest (no deadline). {NEW_VALUES}")
    occurrence: int = Field(description="Counts a series' limits in this answer from 1.")
    due_date: date
    due_at: datetime = Field(description="The exact instant for hours, else the last second of the due date.")
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
    projected: bool = Field(description="Rests on something that has not happened yet.")
    provisional: bool = Field(description="Rests on bank holidays that are only projected.")
    explanation: Explanation | None


class Undetermined(Open):
    """A rule that can be neither applied nor dropped yet."""

    rule: str
    duty: str
    title: str
    timing: str
    reason: str = Field(description=f"facts_missing, beyond_calendar. {NEW_VALUES}")
    needs: list[str] = Field(description="The facts that would settle it.")
    from_date: date | None = Field(description="From when a series cannot be followed.")
    source: list[SourceRef]


class NotApplicable(Open):
    """A rule of this event that does not apply, and the condition that failed."""

    rule: str
    duty: str
    title: str
    because: str
    conditions: list[CheckedCondition]
    source: list[SourceRef]


class EventEcho(Open):
    """The event as it was sent."""

    type: str
    occurred_at: str


class CalculationAnswer(Open):
    """Everything that the event starts, sorted by `due_at`, then `rule`."""

    calculation_id: str
    engine: EngineStamp
    profile: ProfileStamp
    calendar: CalendarStamp
    event: EventEcho
    obligations: list[Obligation]
    undetermined: list[Undetermined]
    not_applicable: list[NotApplicable] = Field(default=[], description="Only with explain.")
    warnings: list[str]
    reference: str | None

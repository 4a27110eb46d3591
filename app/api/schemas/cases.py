"""Whole cases: timelines, comparisons, checks, batches."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from pydantic import ConfigDict, Field

from app.api.schemas.calculation import CalculationAnswer, CalculationRequest, Event, Facts
from app.api.schemas.common import Closed, Open, ProblemDetails


class BatchRequest(Closed):
    """Up to 1,000 calculations."""

    items: list[CalculationRequest] = Field(max_length=1000)


class BatchAnswer(Open):
    """Each item answered in its place, by a calculation or by a problem."""

    items: list[CalculationAnswer | ProblemDetails]
    answered: int
    failed: int


class ProfileChoice(Closed):
    """A profile, or one version of it."""

    profile: str = Field(min_length=1)
    profile_version: int | None = Field(None, ge=1)


class CaseEvent(Closed):
    """One event of a case. Facts sent with it hold from then on."""

    id: str | None = Field(None, max_length=100, description="Yours; keeps an obligation's id when the event moves.")
    type: str
    occurred_at: str
    facts: Facts | None = None
    child: str | None = Field(None, description="The child it is about; absent: every child.")
    replaces: str | None = Field(None, description="The id of the event that this one takes the place of.")
    recorded_at: str | None = None
    discharges: list[str] | None = Field(None, description="Ids of the obligations that this event meets.")


class Child(Closed):
    """One child of the family."""

    reference: str
    facts: Facts | None = None
    events: list[CaseEvent] | None = None


class TimelineRequest(Closed):
    """One case: events in any order, facts, and the day it is looked at."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "profile": "swindon",
                    "events": [
                        {
                            "type": "strategy_discussion_held",
                            "occurred_at": "2025-12-18T14:30",
                            "facts": {"section_47_initiated": True},
                        },
                        {"type": "icpc_held", "occurred_at": "2026-01-12T10:00"},
                    ],
                    "as_of": "2026-01-20",
                    "until": "2026-06-30",
                }
            ]
        },
    )

    profile: str | None = None
    profile_version: int | None = Field(None, ge=1)
    profiles: list[str | ProfileChoice] | None = Field(None, max_length=10)
    calendar: str | None = None
    calendar_version: int | None = Field(None, ge=1)
    as_known_on: date | None = None
    children: list[Child] | None = Field(None, max_length=30)
    facts: Facts | None = None
    events: list[CaseEvent] = Field(max_length=1000)
    as_of: str
    until: date | None = Field(None, description="How far to project what is still to come.")
    explain: bool | None = None
    reference: str | None = Field(None, max_length=200)


class TimelineObligation(Open):
    """An obligation and what became of it. The fields of a calculation's obligation, and these."""

    model_config = ConfigDict(extra="allow")

    id: str
    status: str = Field(description="met, met_late, outstanding, overdue, disputed, superseded or ended.")
    rule: str
    duty: str
    title: str
    due_date: date
    due_at: datetime
    projected: bool


class TimelineAnswer(Open):
    """Every obligation of the case, with its status and its history, and what is still to come."""

    model_config = ConfigDict(extra="allow")

    obligations: list[TimelineObligation]
    reference: str | None


class RecalculationRequest(TimelineRequest):
    """A timeline's request as it is now, with what was answered before."""

    earlier: list[Any] | None = Field(None, description="The earlier answer's obligations, or only their ids.")
    earlier_events: list[CaseEvent] | None = Field(None, description="The events as they were.")


class Answer(Open):
    """An answer whose parts are described in docs/cases.md."""

    model_config = ConfigDict(extra="allow")


class ComparisonRequest(Closed):
    """One event under several profiles, or a list of events under two versions."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "profiles": ["swindon", "york", "statutory-england"],
                    "event": {"type": "strategy_discussion_held", "occurred_at": "2025-12-18"},
                    "facts": {"section_47_initiated": True},
                }
            ]
        },
    )

    profiles: list[str | ProfileChoice] | None = Field(None, max_length=10)
    event: Event | None = None
    before: dict[str, Any] | None = None
    after: dict[str, Any] | None = None
    events: list[dict[str, Any]] | None = None
    facts: Facts | None = None
    calendar: str | None = None
    calendar_version: int | None = Field(None, ge=1)
    until: date | None = None
    as_known_on: date | None = None
    reference: str | None = Field(None, max_length=200)


class CheckRequest(CalculationRequest):
    """A date that somebody else computed, for one duty that the event starts."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "profile": "swindon",
                    "event": {"type": "strategy_discussion_held", "occurred_at": "2025-12-18"},
                    "facts": {"section_47_initiated": True},
                    "duty": "hold_icpc",
                    "date": "2026-01-12",
                }
            ]
        },
    )

    duty: str | None = None
    rule: str | None = None
    date: str


class TimelinessRequest(Closed):
    """Many timelines to be summed up; what stands beside them holds for each that does not say it."""

    model_config = ConfigDict(extra="allow")

    timelines: list[dict[str, Any]]
    duties: list[str] | None = None

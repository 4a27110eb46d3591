"""Flat answers for callers that can neither build nor read nested JSON."""

from __future__ import annotations

from datetime import date

from pydantic import Field

from app.api.schemas.common import Answer, Instant


class DueDateAnswer(Answer):
    """One due date, flat. The fields are the same whatever the status."""

    status: str = Field(description="due, earliest (no deadline: see not_before), undetermined or not_applicable.")
    kind: str = Field(description="As in /v1/calculations; empty where nothing is due.")
    not_before: date | None = Field(description="The earliest day, where a rule has one.")
    certainty: str = Field(description="verified or secondary; empty where nothing is due.")
    duty: str
    title: str
    due_date: date | None
    due_at: Instant | None
    last_working_day: date | None
    timing: str
    section: str
    document: str
    responsible: str
    strength: str
    rule: str
    reading: str
    alternative_due_dates: str = Field(description="Other readings' dates, separated by commas.")
    assumptions: str
    projected: bool = Field(description="Comes later in a series: what is due before it was assumed to be met on time.")
    provisional: bool
    needs: str = Field(description="The facts that would settle what is undetermined, separated by commas.")
    more: int = Field(description="How many further obligations of the same duty the event starts.")
    profile: str
    profile_version: int
    calendar: str
    calendar_version: int
    warnings: str


class CalendarUsed(Answer):
    """Which calendar answered."""

    calendar: str
    calendar_version: int
    provisional: bool


class AddedDays(CalendarUsed):
    """The day reached."""

    date: date


class CountedDays(CalendarUsed):
    """The number of working days; negative if reversed."""

    working_days: int


class CheckedDay(CalendarUsed):
    """Whether a day is a working day."""

    is_working_day: bool
    reason: str | None = Field(description="Why not, or null.")

"""Flat answers for callers that can neither build nor read nested JSON."""

from __future__ import annotations

from datetime import date

from pydantic import Field

from app.api.schemas.common import Answer, Instant


class FlatAnswer(Answer):
    """Which versions answered a flat call."""

    profile: str = Field(description="The profile that answered.", examples=["swindon"])
    profile_version: int = Field(description="Its version.", examples=[1])
    calendar: str = Field(description="The calendar that the days were counted by.", examples=["england-and-wales"])
    calendar_version: int = Field(description="Its version.", examples=[1])
    warnings: str = Field(description="What to know about the versions, separated by semicolons.", examples=[""])


class DueDateAnswer(FlatAnswer):
    """One due date, flat. The fields are the same whatever the status."""

    status: str = Field(
        description=(
            "One of: due; due_unless (a fact in needs could make it earlier, see earliest_due_at); earliest (no "
            "deadline, see not_before); undetermined (the facts in needs would settle it); not_applicable (the facts "
            "say no, see reason). New values may appear."
        ),
        examples=["due"],
    )
    duty: str = Field(description="What is to be done, as a key from /v1/duties.", examples=["hold_icpc"])
    title: str = Field(
        description="What is to be done, in words.", examples=["Hold the initial child protection conference"]
    )
    due_date: date | None = Field(description="The day; null where it cannot be dated.", examples=["2026-01-13"])
    due_at: Instant | None = Field(
        description="The last moment, in London time.", examples=["2026-01-13T23:59:59+00:00"]
    )
    earliest_due_at: Instant | None = Field(
        description="With due_unless: the earliest moment a fact in needs could give; null where it cannot be said.",
        examples=[None],
    )
    last_working_day: date | None = Field(
        description="The last working day on or before the due date.", examples=["2026-01-13"]
    )
    kind: str = Field(description="As in /v1/calculations; empty where nothing is due.", examples=["deadline"])
    not_before: date | None = Field(description="The earliest day, where a rule has one.", examples=[None])
    certainty: str = Field(description="verified or secondary; empty where nothing is due.", examples=["verified"])
    occurrence: int | None = Field(description="Which of the duty's due dates this is: 1 for the first.", examples=[1])
    timing: str = Field(
        description="The timescale in words.", examples=["within 15 working days of the strategy discussion"]
    )
    section: str = Field(description="The paragraphs, as printed.", examples=["13.3"])
    document: str = Field(description="The documents that the paragraphs are in.")
    responsible: str = Field(description="Who is to do it, separated by commas.", examples=["Manager"])
    strength: str = Field(description="must, should or suggested.", examples=["must"])
    rule: str = Field(description="The rule of the profile.", examples=["icpc-held"])
    reading: str = Field(description="How an ambiguous paragraph was understood.", examples=[""])
    alternative_due_dates: str = Field(description="The dates of other readings, separated by commas.", examples=[""])
    assumptions: str = Field(description="What was assumed, separated by semicolons.", examples=[""])
    reason: str = Field(description="With not_applicable: why the facts say no.", examples=[""])
    projected: bool = Field(
        description="Comes later in a series: what is due before it was assumed to be met on time.", examples=[False]
    )
    provisional: bool = Field(description="Depends on bank holidays that are not published yet.", examples=[False])
    needs: str = Field(
        description=(
            "Facts not decided yet, separated by commas. With undetermined they settle it; with due_unless one of them "
            "could make it earlier; with due they can only make it later, or not due."
        ),
        examples=[""],
    )
    more: int = Field(
        description="How many further due dates of the same duty there are: ask for each with occurrence.", examples=[0]
    )


class DueDateList(FlatAnswer):
    """Everything that an event starts, a flat object each: in the order of time, and then what waits for facts."""

    due_dates: list[DueDateAnswer] = Field(description="One object for each due date and each duty that waits.")


class CalendarUsed(Answer):
    """Which calendar answered."""

    calendar: str
    calendar_version: int
    provisional: bool
    warnings: str = Field(
        "",
        description="Where the calendar does not follow the one that it extends, that it does not; absent otherwise.",
        examples=[""],
    )


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

"""The answer to a return that is counted."""

from __future__ import annotations

from datetime import date

from pydantic import Field

from app.api.schemas.cases import Spread, TimelinessAnswer
from app.api.schemas.common import Answer
from app.api.schemas.imports import ReturnFault


class MeasureSource(Answer):
    """Where a measure is defined."""

    document: str
    section: str | None


class Share(Answer):
    """A numerator, a denominator and what they give."""

    numerator: int
    denominator: int
    share: float | None = Field(description="To four places; null where nothing was counted.")


class MeasureMonth(Share):
    """The acts of one month."""

    month: str = Field(examples=["2025-10"])
    median_days: float | None


class MeasureBand(Answer):
    """How many acts took so many working days."""

    working_days: str = Field(examples=["11 to 15"])
    count: int


class MeasureLeftOut(Answer):
    """How many acts, or children, a measure leaves out, and why."""

    reason: str
    count: int


class MeasureStandard(Answer):
    """The profile's own duty, which stands next to a measure."""

    profile: str
    duty: str
    title: str
    judged: int
    met: int
    share_in_time_lowest: float | None
    share_in_time_highest: float | None
    unobservable: int
    undetermined: int


class Measure(Share):
    """One measure of the year."""

    key: str = Field(examples=["icpc-within-15-working-days"])
    title: str
    counts: str = Field(description="What is counted, in words.")
    published: bool = Field(description="Whether national figures are published by this definition.")
    source: list[MeasureSource]
    bands: list[MeasureBand]
    days: Spread | None = Field(description="Working days from the start to the act.")
    left_out: list[MeasureLeftOut]
    months: list[MeasureMonth]
    standards: list[MeasureStandard]


class MeasureAct(Answer):
    """One act, or one child, under one measure."""

    reference: str | None
    measure: str
    in_time: bool | None = Field(description="null: left out.")
    left_out: str | None
    started_on: date | None
    done_on: date | None
    working_days: int | None


class CountedPeriod(Answer):
    """The days that were counted, both included."""

    first: date = Field(alias="from")
    last: date = Field(alias="to")


class TimelinessCounts(Answer):
    """How much was read."""

    children: int
    cases: int
    events: int
    faults: int


class ReturnTimelinessAnswer(TimelinessAnswer):
    """The measures of the year, and every duty of the profile next to them."""

    period: CountedPeriod
    measures: list[Measure]
    acts: list[MeasureAct] | None = Field(None, description="Only with `rows`.")
    source: str
    faults: list[ReturnFault]
    counts: TimelinessCounts

"""Answers to imports of returns."""

from __future__ import annotations

from datetime import date
from typing import Any

from pydantic import Field

from app.api.schemas.common import NEW_VALUES, Answer
from app.api.schemas.comparisons import Cause


class ImportedEvent(Answer):
    """One event, as timelines take it."""

    id: str
    type: str
    occurred_at: str
    facts: dict[str, Any] = Field({}, description="What the row says of the event; absent where it says nothing.")
    episode: str = Field("", description="The enquiry that it belongs to, where the case has several.")


class ImportedCase(Answer):
    """One referral, or one period of care, of one child: send it in `timelines` as it is."""

    reference: str = Field(
        description="The child's id and the first day; the id alone for what belongs to no case.",
        examples=["DfEX0000001/2025-10-06"],
    )
    facts: dict[str, Any] = Field({}, description="The child's date of birth, or expected date of delivery.")
    events: list[ImportedEvent]


class ReturnFault(Answer):
    """What could not be used, and what is odd."""

    kind: str = Field(
        description="unreadable (could not be understood), not_used (understood, adds nothing; counted by its reason) "
        f"or remark (something odd about one child, and what was done about it). {NEW_VALUES}",
        examples=["unreadable"],
    )
    file: str = Field(description="The file, and the sheet of a workbook.", examples=["episodes.csv"])
    line: int | None = Field(description="The line, from 1; null where it is about the whole file.", examples=[17])
    column: str | None = Field(description="The column or element.", examples=["DECOM"])
    message: str = Field(examples=["there is no such day"])
    remedy: str = Field(examples=["write it as 31/03/2026 or 2026-03-31"])
    found: str | None = Field(
        description="What was there. Never a date of birth or of delivery.", examples=["31/02/2026"]
    )
    reference: str | None = Field(description="The child or the case that it is about.", examples=["510000"])
    count: int = Field(description="How many lines it stands for; `line` is then the first of them.", examples=[1])


class CheckedReturnDate(Answer):
    """A target or due date that the return carries, checked as /v1/checks does."""

    reference: str
    file: str
    line: int | None
    column: str | None
    duty: str
    date: str = Field(description="The date in the return.")
    event: str | None = Field(description="The event that it is counted from; null where the return has none.")
    occurred_at: str | None
    verdict: str = Field(
        description="right, early, late, undetermined or not_applicable, as for a check; or not_checked, by `problem`. "
        f"{NEW_VALUES}",
        examples=["early"],
    )
    days: int | None = Field(
        description="From the right date to the one in the return; null without one.", examples=[-1]
    )
    due_date: str | None
    section: str | None = Field(description="Where the profile prints the limit.", examples=["ch. 3"])
    explained_by: list[Cause] = Field(description="The readings and common mistakes that give the date.")
    needs: list[str]
    problem: str | None = Field(description="Why it could not be checked.")


class ImportCounts(Answer):
    """How much was read."""

    children: int
    cases: int
    events: int
    faults: int = Field(description="All of them: unreadable, not_used and remarks.")
    unreadable: int
    not_used: int
    remarks: int
    checked_dates: int


class ImportReturnAnswer(Answer):
    """What the return became."""

    cases: list[ImportedCase]
    source: str = Field(description="The return, as timelines and timeliness take it.", examples=["ssda903"])
    observed_from: date | None = Field(description="The first day that the files cover, where they say it.")
    observed_until: date | None = Field(
        description="The last day that the files cover, where they or the request say it."
    )
    observed_events: list[str] = Field(description="The types of event that the files that were sent could have shown.")
    faults: list[ReturnFault] = Field(
        description="Of each reason in each column the first 200 lines, then their number: all is accounted for."
    )
    checked_dates: list[CheckedReturnDate]
    counts: ImportCounts

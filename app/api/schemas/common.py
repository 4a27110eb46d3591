"""Parts that several answers share."""

from __future__ import annotations

import warnings
from datetime import date, datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer, WithJsonSchema
from pydantic.warnings import UnsupportedFieldAttributeWarning

from app.services.problems import MAX_FAULTS

NEW_VALUES = "New values may appear."
# FastAPI ignores this warning about its own adapters where it makes them; ours are built when they are first used.
warnings.filterwarnings("ignore", category=UnsupportedFieldAttributeWarning)


class Answer(BaseModel):
    """An answer: fields may be added later. A field with a default here may be left out."""

    model_config = ConfigDict(defer_build=True)


Instant = Annotated[
    datetime,
    PlainSerializer(datetime.isoformat, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
"""An instant, written with its offset as it was computed (`+00:00`, never `Z`)."""


class FileLocation(Answer):
    """Where in a file a fault is, where a file was sent."""

    line: int | None = Field(None, description="The line in a text, from 1.")
    column: int | None = Field(None, description="The character in the line, from 1.")
    sheet: str | None = Field(None, description="The sheet of a workbook.")
    cell: str | None = Field(None, description="The cell in the sheet, such as B7.")


class ProblemFault(FileLocation):
    """One fault of a request."""

    path: str = Field(
        description="Where the fault is: a JSON path, a parameter, a header; or the whole, such as (body).",
        min_length=1,
    )
    message: str = Field(description="What is wrong.")
    remedy: str = Field(description="What would mend it.")
    value: str | int | float | bool | None = Field(None, description="What was sent; never a fact about a child.")
    nearest: list[str] = Field([], description="The nearest known names.")
    rule: str | None = Field(None, description="The rule of a profile document that contains the fault.")


class ProblemDetails(Answer):
    """An RFC 9457 problem: every fault at once."""

    type: str = Field(description="Stable for each kind of problem.", examples=["/problems/invalid-request"])
    title: str
    status: int
    detail: str
    errors: list[ProblemFault] = Field([], description=f"Every fault found, up to {MAX_FAULTS}.")
    budget: str = Field("", description="Which budget of work the request exceeds, where it does.")
    limit: int = Field(0, description="How much that budget is.")


class SourceRef(Answer):
    """The paragraph a rule stands on."""

    document: str
    section: str = Field(description="The document's own number, as printed.", examples=["13.3"])


class ProfileStamp(Answer):
    """Which profile version answered."""

    key: str
    version: int
    checksum: str
    title: str


class CalendarStamp(Answer):
    """Which calendar version answered."""

    key: str
    version: int
    checksum: str
    published_until: date = Field(description="Later bank holidays are projected, not published.")


class EngineStamp(Answer):
    """Which engine answered."""

    version: str


class Alternative(Answer):
    """Another reading's date; null where this event cannot date it."""

    reading: str
    due_date: date | None
    due_at: Instant | None
    section: str | None
    document: str | None = Field(description="The title of the document that prints it.")
    needs: list[str] = Field(description="The facts that would date it, where it has no date without them.")


class Step(Answer):
    """One day of the counting."""

    date: date
    counted: int | None = Field(description="What the day counted as; null: not counted.")
    note: str


class CheckedCondition(Answer):
    """One condition as it was found."""

    condition: str
    fact: str
    held: bool | None


class Explanation(Answer):
    """The counting, to be followed with a wall calendar."""

    day_zero: date
    counted_in: str
    steps: list[Step]
    landed_on: date
    conditions: list[CheckedCondition]


class NotComputable(Answer):
    """A standard of the document for which no date can be worked out, and why."""

    id: str
    title: str
    reason: str = Field(
        description="no_interval_printed, no_event, outside_calendar_needed, status_not_duty, "
        f"accumulated_history_needed, not_verified, decided_case_by_case. {NEW_VALUES}"
    )
    events: list[str] = Field(description="The events whose answers it concerns.")
    duty: str | None = Field(description="The shared duty that it asks for, where there is one.")
    source: list[SourceRef]
    note: str | None

"""Working days for callers that only count."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from starlette.requests import Request
from starlette.responses import Response

from app.api.access import needs
from app.api.context import snapshot
from app.api.problem_responses import READING, declared
from app.api.queries import query_of
from app.api.rendering import answer
from app.api.schemas.flat import AddedDays, CheckedDay, CountedDays
from app.services.calculation import working_days
from app.services.calculation.request import MOST_NUMBER
from app.services.calculation.working_days import MAX_DAYS

router = APIRouter(tags=["working days"], dependencies=[Depends(needs("calculate"))])

# The service reads the texts itself, to name every fault with its remedy; what they have to be is said to readers here.
REQUIRED: dict[str, Any] = {"x-required": True}
CalendarQuery = Annotated[
    str | None,
    Query(description="A key from /v1/calendars.", examples=["england-and-wales"], json_schema_extra=REQUIRED),
]
VersionQuery = Annotated[
    str | None,
    Query(
        description="Absent: the latest version.",
        json_schema_extra={"type": "integer", "minimum": 1, "maximum": MOST_NUMBER},
    ),
]
DaysQuery = Annotated[
    str | None,
    Query(
        description="How many working days; negative counts back.",
        examples=[15],
        json_schema_extra={**REQUIRED, "type": "integer", "minimum": -MAX_DAYS, "maximum": MAX_DAYS},
    ),
]
REFUSED = declared(*READING, "invalid-request")


def _day(description: str, example: str) -> object:
    return Query(description=description, examples=[example], json_schema_extra={**REQUIRED, "format": "date"})


@router.get(
    "/v1/working-days/add",
    operation_id="add_working_days",
    summary="The working day so many after a start",
    responses={200: {"model": AddedDays}, **REFUSED},
)
async def add(
    request: Request,
    calendar: CalendarQuery = None,
    start: Annotated[str | None, _day("Day 0.", "2025-12-18")] = None,
    days: DaysQuery = None,
    calendar_version: VersionQuery = None,
) -> Response:
    """The start is day 0 and not counted; from a non-working day, day 1 is the next working day."""
    return answer(working_days.add(snapshot(request), query_of(request)))


@router.get(
    "/v1/working-days/count",
    operation_id="count_working_days",
    summary="How many working days lie between two dates",
    responses={200: {"model": CountedDays}, **REFUSED},
)
async def count(
    request: Request,
    calendar: CalendarQuery = None,
    start: Annotated[str | None, _day("Not counted.", "2025-12-18")] = None,
    end: Annotated[str | None, _day("Counted, if it is a working day.", "2026-01-13")] = None,
    calendar_version: VersionQuery = None,
) -> Response:
    """After the start, up to and including the end; negative if reversed."""
    return answer(working_days.count(snapshot(request), query_of(request)))


@router.get(
    "/v1/working-days/check",
    operation_id="check_working_day",
    summary="Whether a day is a working day",
    responses={200: {"model": CheckedDay}, **REFUSED},
)
async def check(
    request: Request,
    calendar: CalendarQuery = None,
    date: Annotated[str | None, _day("The day asked about.", "2025-12-25")] = None,
    calendar_version: VersionQuery = None,
) -> Response:
    """With the reason where it is not: Saturday, Sunday, or the name of the day."""
    return answer(working_days.check(snapshot(request), query_of(request)))

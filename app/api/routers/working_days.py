"""Working days for callers that only count."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Security

from app.api.dependencies import CurrentSnapshot
from app.api.errors import READING, problem_responses
from app.api.routing import ContractRoute
from app.api.schemas.flat import AddedDays, CheckedDay, CountedDays
from app.api.security import authorize
from app.services.calculation import working_days
from app.services.calculation.response import Json
from app.services.calculation.working_days import AddQuery, CheckQuery, CountQuery

router = APIRouter(
    prefix="/v1/working-days",
    tags=["working days"],
    route_class=ContractRoute,
    dependencies=[Security(authorize, scopes=["calculate"])],
    responses=problem_responses(*READING),
)


@router.get(
    "/add",
    operation_id="add_working_days",
    summary="The working day so many after a start",
    response_model=AddedDays,
    response_model_exclude_unset=True,
)
async def add(query: Annotated[AddQuery, Query()], snapshot: CurrentSnapshot) -> Json:
    """Count from the start, which is day 0 and not counted; from a non-working day, day 1 is the next working day."""
    return working_days.add(snapshot, query)


@router.get(
    "/count",
    operation_id="count_working_days",
    summary="How many working days lie between two dates",
    response_model=CountedDays,
    response_model_exclude_unset=True,
)
async def count(query: Annotated[CountQuery, Query()], snapshot: CurrentSnapshot) -> Json:
    """After the start, up to and including the end; negative if reversed."""
    return working_days.count(snapshot, query)


@router.get(
    "/check",
    operation_id="check_working_day",
    summary="Whether a day is a working day",
    response_model=CheckedDay,
    response_model_exclude_unset=True,
)
async def check(query: Annotated[CheckQuery, Query()], snapshot: CurrentSnapshot) -> Json:
    """With the reason where it is not: Saturday, Sunday, or the name of the day."""
    return working_days.check(snapshot, query)

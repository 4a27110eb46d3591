"""Dates that somebody else computed."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body, Security

from app.api.dependencies import CurrentSnapshot
from app.api.errors import BODY, CALCULATING, problem_responses
from app.api.responses import RenderedJson
from app.api.routing import ContractRoute
from app.api.schemas.case_examples import CHECKS
from app.api.schemas.comparisons import CheckAnswer
from app.api.security import authorize
from app.api.threads import HeavyThreads
from app.services.date_check import check_date
from app.services.date_check.request import CheckRequest

router = APIRouter(tags=["cases"], route_class=ContractRoute, dependencies=[Security(authorize, scopes=["calculate"])])


@router.post(
    "/v1/checks",
    operation_id="check_date",
    summary="Whether a date that somebody else computed is right",
    response_model=CheckAnswer,
    response_description="The verdict on the date.",
    responses=problem_responses(*BODY, *CALCULATING),
)
async def checks(
    body: Annotated[CheckRequest, Body(openapi_examples=CHECKS)], snapshot: CurrentSnapshot, heavy: HeavyThreads
) -> RenderedJson:
    """Right, early or late, by how many days, and which reading or common mistake would give it."""
    return await heavy(lambda: RenderedJson(check_date(snapshot, body)))

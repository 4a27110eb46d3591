"""One due date, flat, for low-code callers."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Body, Query, Security

from app.api.dependencies import CurrentSnapshot
from app.api.errors import BODY, CALCULATING, READING, problem_responses
from app.api.routing import ContractRoute
from app.api.schemas.flat import DueDateAnswer, DueDateList
from app.api.security import authorize
from app.api.threads import HeavyThreads
from app.services.calculation.flat import due_date
from app.services.calculation.flat_request import DueDateQuery, DueDateRequest
from app.services.calculation.response import Json

router = APIRouter(
    tags=["due dates"], route_class=ContractRoute, dependencies=[Security(authorize, scopes=["calculate"])]
)

EXAMPLES: dict[str, Any] = {
    "icpc": {
        "summary": "The conference after a strategy discussion",
        "value": {
            "profile": "swindon",
            "event": "strategy_discussion_held",
            "at": "2025-12-18T14:30:00+00:00",
            "duty": "hold_icpc",
            "section_47_initiated": True,
        },
    }
}


@router.get(
    "/v1/due-dates",
    operation_id="get_due_date",
    summary="One due date, flat",
    response_model=DueDateAnswer | DueDateList,
    responses=problem_responses(*READING, *CALCULATING),
)
async def get_due_date(query: Annotated[DueDateQuery, Query()], snapshot: CurrentSnapshot, heavy: HeavyThreads) -> Json:
    """Return the first obligation of one duty that an event starts; facts are simple query parameters.

    Dates of birth and delivery are refused here, since URLs are logged everywhere: send those with POST.
    """
    return await heavy.if_long(due_date, snapshot, query, DueDateQuery)


@router.post(
    "/v1/due-dates",
    operation_id="post_due_date",
    summary="One due date, flat, with any fact",
    response_model=DueDateAnswer | DueDateList,
    responses=problem_responses(*BODY, *CALCULATING),
)
async def post_due_date(
    body: Annotated[DueDateRequest, Body(openapi_examples=EXAMPLES)], snapshot: CurrentSnapshot, heavy: HeavyThreads
) -> Json:
    """Return the same as the GET, for one flat JSON object."""
    return await heavy.if_long(due_date, snapshot, body)

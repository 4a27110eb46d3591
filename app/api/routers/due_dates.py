"""One due date, flat, for low-code callers."""

from __future__ import annotations

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from app.api.access import needs
from app.api.bodies import read_json
from app.api.context import snapshot
from app.api.problem_responses import BODY, READING, declared
from app.api.queries import query_of
from app.api.rendering import answer
from app.api.schemas.flat import DueDateAnswer
from app.services.calculation import flat as due_dates
from app.services.problems import Fault, Problem

router = APIRouter(tags=["due dates"], dependencies=[Depends(needs("calculate"))])

EXAMPLE = {
    "profile": "swindon",
    "event": "strategy_discussion_held",
    "at": "2025-12-18T14:30:00+00:00",
    "duty": "hold_icpc",
    "section_47_initiated": True,
}


@router.get(
    "/v1/due-dates",
    operation_id="get_due_date",
    summary="One due date, flat",
    responses={200: {"model": DueDateAnswer}, **declared(*READING, "invalid-request", "no-version-in-force")},
    openapi_extra={"x-flat-parameters": True},
)
async def get_due_date(request: Request) -> Response:
    """The first obligation of one duty that an event starts; facts are plain query parameters.

    Dates of birth and delivery are refused here, since URLs are logged everywhere: send those with POST.
    """
    current = snapshot(request)
    return answer(due_dates.due_date(current, due_dates.from_query(current, query_of(request))))


@router.post(
    "/v1/due-dates",
    operation_id="post_due_date",
    summary="One due date, flat, with any fact",
    responses={200: {"model": DueDateAnswer}, **declared(*BODY, "no-version-in-force")},
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {
                    "schema": {"$ref": "#/components/schemas/DueDateRequest"},
                    "examples": {"icpc": {"summary": "The conference after a strategy discussion", "value": EXAMPLE}},
                }
            },
        }
    },
)
async def post_due_date(request: Request) -> Response:
    """The same as the GET, as one flat JSON object."""
    body = await read_json(request)
    if not isinstance(body, dict):
        fault = Fault("(body)", "this must be a JSON object", "send one flat object")
        raise Problem("invalid-request", "The body must be one flat JSON object.", [fault])
    return answer(due_dates.due_date(snapshot(request), body))

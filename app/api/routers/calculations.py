"""One event in, obligations out."""

from __future__ import annotations

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from app.api.access import needs
from app.api.bodies import read_json
from app.api.context import snapshot
from app.api.negotiation import JSON, AlarmQuery, BomQuery, SequenceQuery, accepted, as_sent, negotiated, offered
from app.api.problem_responses import BODY, declared
from app.api.schemas.calculation import REQUEST_EXAMPLE, CalculationAnswer
from app.api.withdrawn import withdrawn_headers
from app.services.calculation.rendered import rendered_answer
from app.services.calculation.request import read_request
from app.services.calculation.response import answer

router = APIRouter(tags=["calculations"])


@router.post(
    "/v1/calculations",
    operation_id="calculate",
    summary="What one event makes due",
    dependencies=[Depends(needs("calculate"))],
    responses={
        200: {"model": CalculationAnswer, **offered("Every obligation that the event starts.")},
        **declared(*BODY, "no-version-in-force", "too-many-obligations", "not-acceptable"),
    },
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {
                    "schema": {"$ref": "#/components/schemas/CalculationRequest"},
                    "examples": {
                        "icpc": {"summary": "A strategy discussion before Christmas", "value": REQUEST_EXAMPLE}
                    },
                }
            },
        }
    },
)
async def calculate(
    request: Request, alarm: AlarmQuery = None, sequence: SequenceQuery = None, bom: BomQuery = None
) -> Response:
    """Send an event under a profile; get every obligation it starts, with due dates, sources and reasoning.

    A rule that reads a fact you did not send comes back under `undetermined` with the facts that would settle it.
    `Accept: text/calendar` and `text/csv` give the obligations in those forms; a calendar file needs a `reference`.
    """
    return await calculated(request)


async def calculated(request: Request) -> Response:
    """What the route answers, however it was reached. Raises Problem."""
    form = accepted(request.headers.get("accept", ""))
    body = await read_json(request)
    held = snapshot(request)
    asked = read_request(held, body)
    headers = withdrawn_headers(held, asked.profile)
    if form == JSON:
        return as_sent(rendered_answer(asked), headers)
    return negotiated(request, form, answer(asked), headers)

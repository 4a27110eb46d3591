"""Many calculations in one call."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Body, Request, Security

from app.api.dependencies import CurrentCalculator
from app.api.errors import BODY, problem_responses
from app.api.lines_route import add_lines_route
from app.api.routing import LargeBodyRoute
from app.api.schemas.case_examples import BATCHES, LINES
from app.api.schemas.cases import BatchAnswer
from app.api.security import authorize
from app.api.streaming import MAX_LIST_PORTION_BYTES, NDJSON, ListResponse, NdjsonResponse
from app.api.threads import HeavyThreads
from app.services.calculation.batch import BatchRequest, CalculationLines, ListBatch
from app.services.calculation.calculator import Calculator
from app.services.work import CURRENT, Work

router = APIRouter(tags=["cases"], route_class=LargeBodyRoute, dependencies=[Security(authorize, scopes=["calculate"])])
PATH = "/v1/calculations/batch"
WHOLE_LINES = "One calculation to a line, as /v1/calculations takes it."
ANSWERED_LINES = "One line for each line sent: a calculation or a problem."


async def stream_lines(request: Request, calculator: CurrentCalculator) -> NdjsonResponse:
    """Answer each line as it arrives."""
    return NdjsonResponse(request, CalculationLines(calculator))


add_lines_route(router, PATH, stream_lines)
LINES_BODY: dict[str, Any] = {
    "requestBody": {"content": {NDJSON: {"schema": {"description": WHOLE_LINES}, "examples": LINES}}}
}


@router.post(
    PATH,
    operation_id="calculate_batch",
    summary="Many calculations in one call",
    response_model=BatchAnswer,
    response_description="Each item answered in its place.",
    responses={
        200: {"content": {NDJSON: {"schema": {"type": "string", "description": ANSWERED_LINES}}}},
        **problem_responses(*BODY),
    },
    openapi_extra=LINES_BODY,
)
async def calculations_batch(
    body: Annotated[BatchRequest, Body(openapi_examples=BATCHES)],
    request: Request,
    calculator: CurrentCalculator,
    heavy: HeavyThreads,
) -> ListResponse:
    """Answer a list in order; or any number as NDJSON, one line in, one line out.

    A fault in one item never fails the others. The obligations of a list are bounded in all: from the item on with
    which there would be more, each is refused in its place. Read the NDJSON answer while you are sending.
    """
    work = CURRENT.get()
    assert work is not None
    return ListResponse(request, *await heavy(_begin, calculator, body, work))


def _begin(calculator: Calculator, body: BatchRequest, work: Work) -> tuple[ListBatch, Work, list[bytes]]:
    batch = ListBatch(calculator, body.items, work)
    return batch, work, batch.answer_some(MAX_LIST_PORTION_BYTES)

"""Calculate what one event makes due."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body, Query, Response, Security

from app.api.calculation_route import CalculationRoute
from app.api.dependencies import CurrentCalculator
from app.api.errors import BODY, CALCULATING, problem_responses
from app.api.responses import JSON, FileQuery, ObligationsForm, raw_json_response, render_response
from app.api.schemas.calculation import CalculationAnswer
from app.api.security import authorize
from app.api.threads import HeavyThreads
from app.api.withdrawn import withdrawn_headers
from app.services.calculation.request import REQUEST_EXAMPLE, CalculationRequest, resolve_request
from app.services.calculation.response import to_response

router = APIRouter(
    tags=["calculations"], route_class=CalculationRoute, dependencies=[Security(authorize, scopes=["calculate"])]
)
EXAMPLES = {"icpc": {"summary": "A strategy discussion before Christmas", "value": REQUEST_EXAMPLE}}


@router.post(
    "/v1/calculations",
    operation_id="calculate",
    summary="What one event makes due",
    response_model=CalculationAnswer,
    response_description="Every obligation that the event starts.",
    responses=problem_responses(*BODY, *CALCULATING, "not-acceptable"),
)
async def calculate(
    body: Annotated[CalculationRequest, Body(openapi_examples=EXAMPLES)],
    query: Annotated[FileQuery, Query()],
    calculator: CurrentCalculator,
    heavy: HeavyThreads,
    form: ObligationsForm = JSON,
) -> Response:
    """Send an event under a profile; get every obligation it starts, with due dates, sources and reasoning.

    A rule that reads a fact you did not send comes back under `undetermined` with the facts that would settle it.
    `Accept: text/calendar` and `text/csv` give the obligations in those forms, as `/v1/calculations.ics` and `.csv` do.
    """

    def answer() -> Response:
        request = resolve_request(calculator.snapshot, body)
        headers = withdrawn_headers(calculator.snapshot, request.profile)
        if form == JSON:
            return raw_json_response(calculator.answer(request), headers)
        return render_response(form, to_response(request, calculator.calculate(request)), query, headers)

    is_short = form == JSON and body.until is None and not body.explain
    return await (heavy.if_long(answer) if is_short else heavy(answer))

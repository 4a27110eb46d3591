"""The obligations of an event or a case as a file: for generated clients, which know one content type an operation.

`/v1/calculations` and `/v1/timelines` give the same by their Accept header.
"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Body, Query, Response, Security

from app.api.dependencies import CurrentCalculator, CurrentSnapshot
from app.api.errors import BODY, CALCULATING, problem_responses
from app.api.responses import CALENDAR, CSV, CalendarFileQuery, FileQuery, TableQuery, render_response
from app.api.routing import ContractRoute
from app.api.schemas.case_examples import TIMELINES
from app.api.security import authorize
from app.api.threads import HeavyThreads
from app.api.withdrawn import withdrawn_headers
from app.services.calculation.request import REQUEST_EXAMPLE, CalculationRequest, resolve_request
from app.services.calculation.response import to_response
from app.services.timelines import timeline
from app.services.timelines.request import TimelineRequest

router = APIRouter(route_class=ContractRoute, dependencies=[Security(authorize, scopes=["calculate"])])
REFERRED = {**REQUEST_EXAMPLE, "reference": "case-17"}
EVENT: dict[str, Any] = {"icpc": {"summary": "A strategy discussion before Christmas", "value": REFERRED}}
CASES: dict[str, Any] = {
    name: {**example, "value": {**example["value"], "reference": "case-17"}} for name, example in TIMELINES.items()
}


class CalendarFile(Response):
    """An iCalendar file."""

    media_type = CALENDAR


class TableFile(Response):
    """A CSV table."""

    media_type = CSV


def _described(media_type: str, description: str) -> dict[int | str, dict[str, Any]]:
    content = {media_type: {"schema": {"type": "string"}}}
    return {200: {"description": description, "content": content}, **problem_responses(*BODY, *CALCULATING)}


@router.post(
    "/v1/calculations.ics",
    tags=["calculations"],
    operation_id="calculation_calendar",
    summary="What one event makes due, as a calendar file",
    response_class=CalendarFile,
    responses=_described(CALENDAR, "One entry for each obligation."),
)
async def calculation_calendar(
    body: Annotated[CalculationRequest, Body(openapi_examples=EVENT)],
    query: Annotated[CalendarFileQuery, Query()],
    calculator: CurrentCalculator,
    heavy: HeavyThreads,
) -> Response:
    """Give the obligations of an event as iCalendar, which calendars import. It needs a `reference`.

    The entries are the same each time, so that importing the file again replaces them.
    """
    options = _options(query)
    return await heavy(lambda: _calculation(calculator, body, CALENDAR, options))


@router.post(
    "/v1/calculations.csv",
    tags=["calculations"],
    operation_id="calculation_table",
    summary="What one event makes due, as a table",
    response_class=TableFile,
    responses=_described(CSV, "One row for each obligation, and one for each that waits for facts."),
)
async def calculation_table(
    body: Annotated[CalculationRequest, Body(openapi_examples=EVENT)],
    query: Annotated[TableQuery, Query()],
    calculator: CurrentCalculator,
    heavy: HeavyThreads,
) -> Response:
    """Give the obligations of an event as CSV, which spreadsheets open."""
    return await heavy(lambda: _calculation(calculator, body, CSV, _options(query)))


@router.post(
    "/v1/timelines.ics",
    tags=["cases"],
    operation_id="timeline_calendar",
    summary="A whole case, as a calendar file",
    response_class=CalendarFile,
    responses=_described(CALENDAR, "One entry for each obligation."),
)
async def timeline_calendar(
    body: Annotated[TimelineRequest, Body(openapi_examples=CASES)],
    query: Annotated[CalendarFileQuery, Query()],
    snapshot: CurrentSnapshot,
    heavy: HeavyThreads,
) -> Response:
    """Give the obligations of a case as iCalendar, which calendars import. It needs a `reference`."""
    options = _options(query)
    return await heavy(lambda: render_response(CALENDAR, timeline(snapshot, body), options))


@router.post(
    "/v1/timelines.csv",
    tags=["cases"],
    operation_id="timeline_table",
    summary="A whole case, as a table",
    response_class=TableFile,
    responses=_described(CSV, "One row for each obligation, with its status."),
)
async def timeline_table(
    body: Annotated[TimelineRequest, Body(openapi_examples=CASES)],
    query: Annotated[TableQuery, Query()],
    snapshot: CurrentSnapshot,
    heavy: HeavyThreads,
) -> Response:
    """Give the obligations of a case with their status as CSV, which spreadsheets open."""
    return await heavy(lambda: render_response(CSV, timeline(snapshot, body), _options(query)))


def _options(query: CalendarFileQuery | TableQuery) -> FileQuery:
    return FileQuery.model_validate(query.model_dump())


def _calculation(calculator: CurrentCalculator, body: CalculationRequest, form: str, options: FileQuery) -> Response:
    request = resolve_request(calculator.snapshot, body)
    headers = withdrawn_headers(calculator.snapshot, request.profile)
    return render_response(form, to_response(request, calculator.calculate(request)), options, headers)

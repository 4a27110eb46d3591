"""How timely many cases were."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Body, Query, Request, Response, Security

from app.api.dependencies import CurrentSnapshot
from app.api.errors import BODY, CALCULATING, problem_responses
from app.api.lines_route import add_lines_route
from app.api.responses import CSV, JSON, VARIES, RenderedJson, TableForm, TableQuery
from app.api.routing import LargeBodyRoute
from app.api.schemas.case_examples import TIMELINESS, TIMELINESS_LINES
from app.api.schemas.cases import TimelinessAnswer
from app.api.security import authorize
from app.api.streaming import NDJSON, NdjsonResponse
from app.api.threads import HeavyThreads
from app.services.exports.timeliness_table import timeliness_csv
from app.services.timelines.case_lines import CaseLines
from app.services.timelines.request import TimelinessRequest
from app.services.timelines.timeliness import timeliness as count_cases

router = APIRouter(tags=["cases"], route_class=LargeBodyRoute, dependencies=[Security(authorize, scopes=["calculate"])])
PATH = "/v1/timelines/timeliness"
ONE_CASE_A_LINE = "The first line is the request without `timelines`; each further line is one case."
LINES_BODY: dict[str, Any] = {
    "requestBody": {"content": {NDJSON: {"schema": {"description": ONE_CASE_A_LINE}, "examples": TIMELINESS_LINES}}}
}
ANSWERED = "The rows, where they were asked for, a line each; the last line holds the figures."


async def stream_cases(request: Request, snapshot: CurrentSnapshot) -> NdjsonResponse:
    """Count each case as it arrives."""
    return NdjsonResponse(request, CaseLines(snapshot))


add_lines_route(router, PATH, stream_cases)


@router.post(
    PATH,
    operation_id="timeliness",
    summary="How timely many cases were",
    response_model=TimelinessAnswer,
    responses={
        200: {
            "description": "Each duty under each profile.",
            "content": {
                CSV: {"schema": {"type": "string"}},
                NDJSON: {"schema": {"type": "string", "description": ANSWERED}},
            },
        },
        **problem_responses(*BODY, *CALCULATING, "not-acceptable"),
    },
    openapi_extra=LINES_BODY,
)
async def timeliness(
    body: Annotated[TimelinessRequest, Body(openapi_examples=TIMELINESS)],
    query: Annotated[TableQuery, Query()],
    snapshot: CurrentSnapshot,
    heavy: HeavyThreads,
    form: TableForm = JSON,
) -> Response:
    """Count, for each duty, what was met in time, met late, is overdue and was missed, and the days that it took.

    `judged` is those four together, and `share_in_time` what was met of it; where something is disputed between two
    readings it is null, and `share_in_time_lowest` and `_highest` give the range. Nothing projected is counted. What
    waits for facts and what no event could show done is counted by itself. A case that cannot be read is listed in
    `refused` and fails no other. Cases as a list, or any number as NDJSON; the histograms of two calls add
    up. `Accept: text/csv` gives the rows, one for each obligation counted.
    """

    def answer() -> Response:
        if form == CSV:
            figures = count_cases(snapshot, body.model_copy(update={"rows": True}))
            content = timeliness_csv(figures, bom=bool(query.bom))
            return Response(content, media_type=f"{CSV}; charset=utf-8", headers=VARIES)
        return RenderedJson(count_cases(snapshot, body), headers=VARIES)

    return await heavy(answer)

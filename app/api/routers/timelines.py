"""Whole cases: what was met, what is owed, what is to come."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body, Query, Response, Security

from app.api.dependencies import CurrentSnapshot
from app.api.errors import BODY, CALCULATING, problem_responses
from app.api.responses import JSON, FileQuery, ObligationsForm, RenderedJson, render_response
from app.api.routing import ContractRoute
from app.api.schemas.case_examples import RECALCULATIONS, TIMELINES
from app.api.schemas.cases import RecalculationAnswer, TimelineAnswer
from app.api.security import authorize
from app.api.threads import HeavyThreads
from app.services.timelines import timeline
from app.services.timelines.recalculation import recalculate
from app.services.timelines.request import RecalculationRequest, TimelineRequest

router = APIRouter(tags=["cases"], route_class=ContractRoute, dependencies=[Security(authorize, scopes=["calculate"])])
PROBLEMS = (*BODY, *CALCULATING)


@router.post(
    "/v1/timelines",
    operation_id="timeline",
    summary="A whole case: what was met, what is owed, what is to come",
    response_model=TimelineAnswer,
    response_description="The obligations with their status.",
    responses=problem_responses(*PROBLEMS, "not-acceptable"),
)
async def timelines(
    body: Annotated[TimelineRequest, Body(openapi_examples=TIMELINES)],
    query: Annotated[FileQuery, Query()],
    snapshot: CurrentSnapshot,
    heavy: HeavyThreads,
    form: ObligationsForm = JSON,
) -> Response:
    """Every obligation that the events start, matched with the event that shows it done.

    `status` is met, met_late, outstanding, overdue, disputed, superseded or ended. What has not happened yet is
    projected down the chain to `until`, each step assumed done on its last day: without `until` for 12 months after
    `as_of`; with an `until` on the day of `as_of` or before, not at all. What is projected names in `rests_on` the
    obligations it rests on; all else is what the events themselves started, dated as `/v1/calculations` dates it.
    `Accept: text/calendar` and `text/csv` give the obligations in those forms, as `/v1/timelines.ics` and `.csv` do.
    """
    return await heavy(lambda: render_response(form, timeline(snapshot, body), query))


@router.post(
    "/v1/timelines/recalculations",
    operation_id="recalculate",
    summary="What changed since an earlier timeline",
    response_model=RecalculationAnswer,
    response_description="What changed.",
    responses=problem_responses(*PROBLEMS),
)
async def recalculations(
    body: Annotated[RecalculationRequest, Body(openapi_examples=RECALCULATIONS)],
    snapshot: CurrentSnapshot,
    heavy: HeavyThreads,
) -> RenderedJson:
    """Send the case as it is now and what was answered before: added, moved, withdrawn, unchanged.

    What was answered before is in `earlier` (the obligations, or their ids) or calculated again from
    `earlier_events`. Ids alone cannot tell what moved: it is then `kept`. Send the same `until` both times.
    """
    return await heavy(lambda: RenderedJson(recalculate(snapshot, body)))

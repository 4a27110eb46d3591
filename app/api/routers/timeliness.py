"""How timely many cases were."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body, Security

from app.api.dependencies import CurrentSnapshot, in_thread
from app.api.errors import BODY, problem_responses
from app.api.responses import RenderedJson
from app.api.routing import LargeBodyRoute
from app.api.schemas.case_examples import TIMELINESS
from app.api.schemas.cases import TimelinessAnswer
from app.api.security import authorize
from app.services.timelines.request import TimelinessRequest
from app.services.timelines.timeliness import timeliness as summarise

router = APIRouter(tags=["cases"], route_class=LargeBodyRoute, dependencies=[Security(authorize, scopes=["calculate"])])


@router.post(
    "/v1/timelines/timeliness",
    operation_id="timeliness",
    summary="How timely many cases were",
    response_model=TimelinessAnswer,
    response_description="Each duty under each profile.",
    responses=problem_responses(*BODY, "no-version-in-force", "too-many-obligations"),
)
async def timeliness(
    body: Annotated[TimelinessRequest, Body(openapi_examples=TIMELINESS)], snapshot: CurrentSnapshot
) -> RenderedJson:
    """For each duty: met in time, late, overdue, the median and the 90th percentile of the days taken.

    What is only projected is not counted, and what no event could show done is counted apart.
    """
    return RenderedJson(await in_thread(summarise, snapshot, body))

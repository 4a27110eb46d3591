"""Standards side by side."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body, Security

from app.api.dependencies import CurrentSnapshot
from app.api.errors import BODY, CALCULATING, problem_responses
from app.api.responses import RenderedJson
from app.api.routing import ContractRoute
from app.api.schemas.case_examples import COMPARISONS
from app.api.schemas.comparisons import Impact, ProfileComparison
from app.api.security import authorize
from app.api.threads import HeavyThreads
from app.services.comparison import compare
from app.services.comparison.request import ComparisonRequest

router = APIRouter(tags=["cases"], route_class=ContractRoute, dependencies=[Security(authorize, scopes=["calculate"])])


@router.post(
    "/v1/comparisons",
    operation_id="compare",
    summary="One event under several profiles, or many events under two versions",
    response_model=ProfileComparison | Impact,
    response_description="The standards side by side.",
    responses=problem_responses(*BODY, *CALCULATING),
)
async def comparisons(
    body: Annotated[ComparisonRequest, Body(openapi_examples=COMPARISONS)],
    snapshot: CurrentSnapshot,
    heavy: HeavyThreads,
) -> RenderedJson:
    """With `event`: each profile's due dates aligned by duty, the strictest, and what is later than the law allows.

    With `events`, `before` and `after`: what would be added, removed and moved under the other version. An event or a
    fact that one side alone has is no fault: `notes` say why the other starts nothing.
    """
    return await heavy(lambda: RenderedJson(compare(snapshot, body)))

"""Whole cases: timelines, recalculation, comparisons, checks, timeliness, batches."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fastapi import APIRouter, Depends
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from app.api.access import needs
from app.api.bodies import MOST_BATCH_BYTES, MOST_BYTES, media_type, plain_only, read_json
from app.api.context import snapshot
from app.api.negotiation import AlarmQuery, BomQuery, SequenceQuery, accepted, negotiated, offered
from app.api.problem_responses import BODY, declared
from app.api.rendering import answer
from app.api.schemas.case_examples import BATCHES, CHECKS, COMPARISONS, LINES, RECALCULATIONS, TIMELINES, TIMELINESS
from app.api.schemas.cases import (
    BatchAnswer,
    BatchRequest,
    RecalculationAnswer,
    RecalculationRequest,
    TimelineAnswer,
    TimelineRequest,
    TimelinessAnswer,
    TimelinessRequest,
)
from app.api.schemas.comparisons import (
    CheckAnswer,
    CheckRequest,
    Impact,
    ImpactRequest,
    ProfileComparison,
    ProfileComparisonRequest,
)
from app.api.streaming import NDJSON, LineAnswer
from app.services.calculation.batch import LineBatch, batch
from app.services.calculation.response import Json
from app.services.comparison import compare
from app.services.date_check import check_date
from app.services.snapshot.snapshot import Snapshot
from app.services.timelines import timeline
from app.services.timelines.recalculation import recalculate
from app.services.timelines.timeliness import timeliness

router = APIRouter(tags=["cases"], dependencies=[Depends(needs("calculate"))])

REFUSED = declared(*BODY, "no-version-in-force", "too-many-obligations")
MODELS = (
    TimelineRequest,
    RecalculationRequest,
    ProfileComparisonRequest,
    ImpactRequest,
    CheckRequest,
    TimelinessRequest,
    BatchRequest,
)
WHOLE_LINES = "One calculation to a line, as /v1/calculations takes it."
ANSWERED_LINES = "One line for each line sent: a calculation or a problem."


def _body(examples: dict[str, Any], *models: type[Any]) -> dict[str, Any]:
    refs = [{"$ref": f"#/components/schemas/{model.__name__}"} for model in models]
    schema = refs[0] if len(refs) == 1 else {"oneOf": refs}
    return {
        "requestBody": {"required": True, "content": {"application/json": {"schema": schema, "examples": examples}}}
    }


async def _answered(request: Request, work: Callable[[Snapshot, object], Json], limit: int = MOST_BYTES) -> Json:
    """The work done beside the event loop, since a long case takes its time."""
    body = await read_json(request, limit)
    return await run_in_threadpool(work, snapshot(request), body)


@router.post(
    "/v1/timelines",
    operation_id="timeline",
    summary="A whole case: what was met, what is owed, what is to come",
    responses={
        200: {"model": TimelineAnswer, **offered("The obligations with their status.")},
        **declared(*BODY, "no-version-in-force", "too-many-obligations", "not-acceptable"),
    },
    openapi_extra=_body(TIMELINES, TimelineRequest),
)
async def timelines(
    request: Request, alarm: AlarmQuery = None, sequence: SequenceQuery = None, bom: BomQuery = None
) -> Response:
    """Every obligation that the events start, matched with the event that shows it done.

    `status` is met, met_late, outstanding, overdue, disputed, superseded or ended. What has not happened yet is
    projected down the chain to `until`, each step assumed done on its last day: without `until` for 12 months after
    `as_of`; with an `until` on the day of `as_of` or before, not at all. What is projected names in `rests_on` the
    obligations it rests on; all else is what the events themselves started, dated as `/v1/calculations` dates it.
    `Accept: text/calendar` and `text/csv` give the obligations in those forms; a calendar file needs a `reference`.
    """
    form = accepted(request.headers.get("accept", ""))
    return negotiated(request, form, await _answered(request, timeline))


@router.post(
    "/v1/timelines/recalculations",
    operation_id="recalculate",
    summary="What changed since an earlier timeline",
    responses={200: {"model": RecalculationAnswer, "description": "What changed."}, **REFUSED},
    openapi_extra=_body(RECALCULATIONS, RecalculationRequest),
)
async def recalculations(request: Request) -> Response:
    """Send the case as it is now and what was answered before: added, moved, withdrawn, unchanged.

    What was answered before is told by `earlier` (the obligations, or their ids) or worked out again from
    `earlier_events`. Ids alone cannot tell what moved: it is then `kept`. Send the same `until` both times.
    """
    return answer(await _answered(request, recalculate))


@router.post(
    "/v1/timelines/timeliness",
    operation_id="timeliness",
    summary="How timely many cases were",
    responses={200: {"model": TimelinessAnswer, "description": "Each duty under each profile."}, **REFUSED},
    openapi_extra=_body(TIMELINESS, TimelinessRequest),
)
async def timeliness_of(request: Request) -> Response:
    """For each duty: met in time, late, overdue, the median and the 90th percentile of the days taken.

    What is only projected is not counted, and what no event could show done is counted apart.
    """
    return answer(await _answered(request, timeliness, MOST_BATCH_BYTES))


@router.post(
    "/v1/comparisons",
    operation_id="compare",
    summary="One event under several profiles, or many events under two versions",
    responses={200: {"model": ProfileComparison | Impact, "description": "The standards side by side."}, **REFUSED},
    openapi_extra=_body(COMPARISONS, ProfileComparisonRequest, ImpactRequest),
)
async def comparisons(request: Request) -> Response:
    """With `event`: each profile's due dates aligned by duty, the strictest, and what is laxer than the law.

    With `events`, `before` and `after`: what would be added, removed and moved under the other version.
    """
    return answer(await _answered(request, compare))


@router.post(
    "/v1/checks",
    operation_id="check_date",
    summary="Whether a date that somebody else computed is right",
    responses={200: {"model": CheckAnswer, "description": "The verdict on the date."}, **REFUSED},
    openapi_extra=_body(CHECKS, CheckRequest),
)
async def checks(request: Request) -> Response:
    """Right, early or late, by how many days, and which reading or common mistake would give it."""
    return answer(await _answered(request, check_date))


@router.post(
    "/v1/calculations/batch",
    operation_id="calculate_batch",
    summary="Many calculations in one call",
    responses={
        200: {
            "model": BatchAnswer,
            "description": "Each item answered in its place.",
            "content": {NDJSON: {"schema": {"type": "string", "description": ANSWERED_LINES}}},
        },
        **declared(*BODY),
    },
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {
                    "schema": {"$ref": "#/components/schemas/BatchRequest"},
                    "examples": BATCHES,
                },
                NDJSON: {"schema": {"description": WHOLE_LINES}, "examples": LINES},
            },
        }
    },
)
async def calculations_batch(request: Request) -> Response:
    """Up to 1,000 as a list, answered in order; or any number as NDJSON, one line in, one line out.

    A fault in one item never fails the others. A list holds up to 50,000 obligations in all: from the item on with
    which there would be more, each is refused in its place. Read the NDJSON answer while you are sending.
    """
    if media_type(request) in {NDJSON, "application/ndjson", "application/jsonl"}:
        plain_only(request)
        return LineAnswer(request, LineBatch(snapshot(request)))
    return answer(await _answered(request, batch, MOST_BATCH_BYTES))

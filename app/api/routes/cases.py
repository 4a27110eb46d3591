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
from app.api.refusals import BODY, declared
from app.api.rendering import answer
from app.api.schemas.cases import (
    Answer,
    BatchAnswer,
    BatchRequest,
    CheckRequest,
    ComparisonRequest,
    RecalculationRequest,
    TimelineAnswer,
    TimelineRequest,
    TimelinessRequest,
)
from app.api.streaming import NDJSON, LineAnswer
from app.service.answers import Json
from app.service.batch import LineBatch, batch
from app.service.checks import check
from app.service.comparisons import compare
from app.service.recalculation import recalculate
from app.service.snapshot import Snapshot
from app.service.timelines import timeline
from app.service.timeliness import timeliness

router = APIRouter(tags=["cases"], dependencies=[Depends(needs("calculate"))])

REFUSED = declared(*BODY, "no-version-in-force", "too-many-obligations")
MODELS = (TimelineRequest, RecalculationRequest, ComparisonRequest, CheckRequest, TimelinessRequest, BatchRequest)


def _body(model: type[Any]) -> dict[str, Any]:
    content = {"schema": {"$ref": f"#/components/schemas/{model.__name__}"}}
    return {"requestBody": {"required": True, "content": {"application/json": content}}}


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
    openapi_extra=_body(TimelineRequest),
)
async def timelines(
    request: Request, alarm: AlarmQuery = None, sequence: SequenceQuery = None, bom: BomQuery = None
) -> Response:
    """Every obligation that the events start, matched with the event that discharges it.

    `status` is met, met_late, outstanding, overdue, disputed, superseded or ended. What has not happened yet is
    projected down the chain to `until`, each step assumed done on its last day.
    """
    form = accepted(request.headers.get("accept", ""))
    return negotiated(request, form, await _answered(request, timeline))


@router.post(
    "/v1/timelines/recalculations",
    operation_id="recalculate",
    summary="What changed since an earlier timeline",
    responses={200: {"model": Answer}, **REFUSED},
    openapi_extra=_body(RecalculationRequest),
)
async def recalculations(request: Request) -> Response:
    """Send the case as it is now and the earlier obligations, or their ids: added, moved, withdrawn, unchanged."""
    return answer(await _answered(request, recalculate))


@router.post(
    "/v1/timelines/timeliness",
    operation_id="timeliness",
    summary="How timely many cases were",
    responses={200: {"model": Answer}, **REFUSED},
    openapi_extra=_body(TimelinessRequest),
)
async def timeliness_of(request: Request) -> Response:
    """For each duty: met in time, late, overdue, the median and the 90th percentile of the days taken."""
    return answer(await _answered(request, timeliness, MOST_BATCH_BYTES))


@router.post(
    "/v1/comparisons",
    operation_id="compare",
    summary="One event under several profiles, or many events under two versions",
    responses={200: {"model": Answer}, **REFUSED},
    openapi_extra=_body(ComparisonRequest),
)
async def comparisons(request: Request) -> Response:
    """Aligned by duty: each due date, the difference in days, the strictest, and what is laxer than the law."""
    return answer(await _answered(request, compare))


@router.post(
    "/v1/checks",
    operation_id="check_date",
    summary="Whether a date that somebody else computed is right",
    responses={200: {"model": Answer}, **REFUSED},
    openapi_extra=_body(CheckRequest),
)
async def checks(request: Request) -> Response:
    """Right, early or late, by how many days, and which reading or common mistake would give it."""
    return answer(await _answered(request, check))


@router.post(
    "/v1/calculations/batch",
    operation_id="calculate_batch",
    summary="Many calculations in one call",
    responses={
        200: {"model": BatchAnswer, "content": {NDJSON: {"schema": {"type": "string"}}}},
        **declared(*BODY),
    },
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {"schema": {"$ref": "#/components/schemas/BatchRequest"}},
                NDJSON: {"schema": {"type": "string"}},
            },
        }
    },
)
async def calculations_batch(request: Request) -> Response:
    """Up to 1,000 as a list, answered in order; or any number as NDJSON, one line in, one line out.

    A fault in one item never fails the others. Read the NDJSON answer while you are sending.
    """
    if media_type(request) in {NDJSON, "application/ndjson", "application/jsonl"}:
        plain_only(request)
        return LineAnswer(request, LineBatch(snapshot(request)))
    return answer(await _answered(request, batch, MOST_BATCH_BYTES))

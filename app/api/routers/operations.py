"""Whether the process is alive, whether it can answer, and what it is."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path
from pydantic import Field
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from app.api.access import needs
from app.api.context import live, settings
from app.api.draining import Draining
from app.api.problem_responses import declared
from app.api.rendering import answer
from app.api.schemas.common import Open
from app.api.security import Guard
from app.services.calculation.response import ENGINE_VERSION
from app.services.catalogue import not_found_problem
from app.services.observability import metrics
from app.services.problems import PROBLEM_BASE, TITLES
from app.services.zone import ZONE_DATA_VERSION, ZONE_KEY

router = APIRouter(tags=["operations"])


class Health(Open):
    """The process answers."""

    status: str = Field(examples=["ok"])


class Readiness(Open):
    """Whether a calculation can be answered, and whether the store is in step."""

    status: str = Field(
        description="ready, degraded (answers, but the store is out of reach), not_ready, or draining (about to stop)."
    )
    reason: str | None
    snapshot_age_seconds: float
    profiles: int
    calendars: int


class VersionAnswer(Open):
    """What is running."""

    version: str
    engine: str
    zone: str
    zone_data: str


@router.get(
    "/healthz",
    operation_id="health",
    summary="The process is alive",
    dependencies=[Depends(needs("open"))],
    responses={200: {"model": Health}, **declared()},
)
async def health() -> Response:
    """Says nothing about the database."""
    return answer({"status": "ok"})


@router.get(
    "/readyz",
    operation_id="readiness",
    summary="A calculation can be answered",
    dependencies=[Depends(needs("open"))],
    responses={200: {"model": Readiness}, 503: {"model": Readiness, "description": "No calculation can be answered."}},
)
async def readiness(request: Request) -> Response:
    """200 while calculations can be answered, also from a snapshot that the store no longer confirms."""
    standing = live(request).health()
    snapshot = live(request).snapshot
    draining: Draining = request.app.state.draining
    status = "not_ready" if not standing.ready else "degraded" if standing.error else "ready"
    if draining.active:
        status = "draining"
    body = {
        "status": status,
        "reason": "the process was told to stop" if draining.active else standing.error,
        "snapshot_age_seconds": round(standing.age_seconds, 3),
        "profiles": len(snapshot.profiles),
        "calendars": len(snapshot.calendars),
    }
    return answer(body, 200 if standing.ready and not draining.active else 503, {"Cache-Control": "no-store"})


@router.get(
    "/version",
    operation_id="version",
    summary="What is running",
    dependencies=[Depends(needs("open"))],
    responses={200: {"model": VersionAnswer}, **declared()},
)
async def version() -> Response:
    """The versions that decide an answer besides the profile's and the calendar's."""
    body = {"version": ENGINE_VERSION, "engine": ENGINE_VERSION, "zone": ZONE_KEY, "zone_data": ZONE_DATA_VERSION}
    return answer(body)


@router.get(
    "/metrics",
    operation_id="metrics",
    summary="What an operator counts, for Prometheus",
    dependencies=[Depends(needs("open"))],
    responses={
        200: {"description": "Prometheus's text format.", "content": {"text/plain": {"schema": {"type": "string"}}}},
        **declared(),
    },
    response_class=Response,
)
async def metrics_text(request: Request) -> Response:
    """Calculations, requests, refusals, the snapshot's age; of all workers together. May be closed to all but admins.

    No label carries anything that a caller sent, but the keys of published profiles and the templates of routes.
    """
    if not settings(request).open_metrics:
        guard: Guard = request.app.state.guard
        await guard.admit(request, "admin")
    data, kind = await run_in_threadpool(metrics.render_metrics)
    return Response(data, headers={"Content-Type": kind, "Cache-Control": "no-store"})


class ProblemKind(Open):
    """One kind of problem."""

    type: str
    title: str
    status: int


class ProblemKinds(Open):
    """Every kind of problem that this service answers with."""

    problems: list[ProblemKind]


@router.get(
    "/problems",
    operation_id="list_problems",
    summary="Every kind of problem",
    dependencies=[Depends(needs("open"))],
    responses={200: {"model": ProblemKinds}, **declared()},
)
async def problems() -> Response:
    """The `type` of each problem is stable."""
    return answer(
        {
            "problems": [
                {"type": PROBLEM_BASE + kind, "title": title, "status": status}
                for kind, (status, title) in sorted(TITLES.items())
            ]
        }
    )


@router.get(
    "/problems/{kind}",
    operation_id="get_problem",
    summary="One kind of problem",
    dependencies=[Depends(needs("open"))],
    responses={200: {"model": ProblemKind}, **declared("not-found")},
)
async def problem_kind(kind: Annotated[str, Path(description="The last part of the `type`.")]) -> Response:
    """What stands at the address that a problem's `type` is."""
    if kind not in TITLES:
        raise not_found_problem("problem", kind, TITLES)
    status, title = TITLES[kind]
    return answer({"type": PROBLEM_BASE + kind, "title": title, "status": status})

"""Whether the process is alive, whether it can answer, and what it is."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request, Response, Security

from app.api.dependencies import Holder, SettingsDep
from app.api.draining import Draining
from app.api.errors import problem_responses
from app.api.routing import ContractRoute, not_stored
from app.api.schemas.operations import Health, ProblemKind, ProblemKinds, Readiness, VersionAnswer
from app.api.security import authorize, authorize_unless_open
from app.api.threads import MetricsThreads
from app.services.calculation.response import ENGINE_VERSION, Json
from app.services.catalogue import SentName, check_names
from app.services.observability import metrics
from app.services.problems import PROBLEM_BASE, TITLES
from app.services.publishing.upkeep_watch import UpkeepWatch
from app.services.zone import ZONE_DATA_VERSION, ZONE_KEY

router = APIRouter(tags=["operations"], route_class=ContractRoute)


@router.get(
    "/healthz",
    operation_id="health",
    summary="The process is alive",
    response_model=Health,
    responses=problem_responses(guarded=False),
)
async def health() -> Json:
    """Says nothing about the database."""
    return {"status": "ok"}


@router.get(
    "/readyz",
    operation_id="readiness",
    summary="A calculation can be answered",
    response_model=Readiness,
    dependencies=[Depends(not_stored)],
    responses={
        503: {"model": Readiness, "description": "No calculation can be answered."},
        **problem_responses(guarded=False),
    },
)
async def readiness(request: Request, response: Response, holder: Holder) -> Json:
    """200 while calculations can be answered, also from a snapshot that the store no longer confirms.

    503 too where most routes cannot be imported: the installation is then incomplete, and the log says why.
    """
    health, snapshot = holder.health(), holder.snapshot
    draining: Draining = request.app.state.draining
    upkeep: UpkeepWatch = request.app.state.upkeep
    failure: str | None = request.app.state.routes_failure
    ready = health.ready and failure is None
    status = "not_ready" if not ready else "degraded" if health.error else "ready"
    if not ready or draining.active:
        response.status_code = 503
    return {
        "status": "draining" if draining.active else status,
        "reason": "the process is stopping" if draining.active else failure or health.error,
        "snapshot_age_seconds": round(health.age_seconds, 3),
        "profiles": len(snapshot.profiles),
        "calendars": len(snapshot.calendars),
        "warnings": list(upkeep.warnings()),
    }


@router.get(
    "/version",
    operation_id="version",
    summary="What is running",
    response_model=VersionAnswer,
    dependencies=[Security(authorize, scopes=["read"])],
    responses=problem_responses(),
)
async def version() -> Json:
    """Return the versions that decide an answer besides the profile's and the calendar's."""
    return {"version": ENGINE_VERSION, "engine": ENGINE_VERSION, "zone": ZONE_KEY, "zone_data": ZONE_DATA_VERSION}


@router.get(
    "/metrics",
    operation_id="metrics",
    summary="What an operator counts, for Prometheus",
    dependencies=[Security(authorize_unless_open, scopes=["admin"])],
    responses={
        200: {"description": "Prometheus's text format.", "content": {"text/plain": {"schema": {"type": "string"}}}},
        **problem_responses("overloaded"),
    },
    response_class=Response,
)
async def metrics_text(settings: SettingsDep, thread: MetricsThreads) -> Response:
    """Count calculations, requests, problems, the snapshot's age, of all workers together; may be closed to non-admins.

    No label carries anything that a caller sent, but the keys of published profiles and the templates of routes.
    """
    data, kind = await thread(metrics.render_metrics, settings.stale_seconds)
    return Response(data, headers={"Content-Type": kind, "Cache-Control": "no-store"})


@router.get(
    "/problems",
    operation_id="list_problems",
    summary="Every kind of problem",
    response_model=ProblemKinds,
    dependencies=[Security(authorize, scopes=["read"])],
    responses=problem_responses(),
)
async def problems() -> Json:
    """List every kind of problem; the `type` of each is stable."""
    return {
        "problems": [
            {"type": PROBLEM_BASE + kind, "title": title, "status": status}
            for kind, (status, title) in sorted(TITLES.items())
        ]
    }


@router.get(
    "/problems/{kind}",
    operation_id="get_problem",
    summary="One kind of problem",
    response_model=ProblemKind,
    dependencies=[Security(authorize, scopes=["read"])],
    responses=problem_responses("not-found"),
)
async def problem_kind(
    kind: Annotated[str, Path(description="The last part of the `type`.", examples=["not-found"])],
) -> Json:
    """Return the kind of problem whose `type` is this address."""
    check_names(SentName("problem", kind, TITLES))
    status, title = TITLES[kind]
    return {"type": PROBLEM_BASE + kind, "title": title, "status": status}

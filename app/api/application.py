"""The HTTP application, put together from its routes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from fastapi_offline import FastAPIOffline
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match

from app import __version__
from app.api import docs_page as reference
from app.api import openapi as documentation
from app.api import store_errors as failures
from app.api import tracing
from app.api.direct import Direct
from app.api.draining import Draining
from app.api.middleware import Envelope
from app.api.quick import Quick
from app.api.rendering import problem
from app.api.routers import (
    audit,
    calculations,
    calendars_authoring,
    cases,
    catalogue,
    due_dates,
    operations,
    profiles_authoring,
    working_days,
)
from app.api.security import Guard
from app.services.observability import metrics
from app.services.ports import StoreError
from app.services.problems import Fault, Problem, summarise
from app.services.snapshot.holder import SnapshotHolder
from app.settings import Settings

ROUTERS = (
    calculations.router,
    cases.router,
    due_dates.router,
    working_days.router,
    catalogue.router,
    profiles_authoring.router,
    calendars_authoring.router,
    audit.router,
    operations.router,
)
# The framework's own telemetry would record what an error says, and what was sent with it; see app.api.tracing.
NO_TELEMETRY = {"tracing": False, "metrics": False, "logs": False, "operation_spans": False, "auto_configure": False}
BY_STATUS = {404: "not-found", 405: "method-not-allowed", 406: "not-acceptable", 413: "body-too-large"}


def create_app(live: SnapshotHolder, settings: Settings) -> FastAPI:
    """The application over a snapshot's holder: started and stopped with it."""
    draining = Draining(settings.drain_seconds)
    spans = tracing.provider(settings) if settings.otel_endpoint else None

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        draining.listen()
        live.start()
        yield
        live.stop()
        if spans is not None:
            spans.shutdown()
        metrics.forget_process()

    app: FastAPI = FastAPIOffline(
        title="Practice Deadlines",
        version=__version__,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        separate_input_output_schemas=False,
        telemetry=NO_TELEMETRY,
    )
    app.state.live = live
    app.state.settings = settings
    app.state.draining = draining
    guard = Guard(settings)
    app.state.guard = guard
    # A trace is made of every request, and needs each to go the whole way.
    app.state.quick = Quick(guard, live, draining) if spans is None else None
    reference.mount(app)
    for router in ROUTERS:
        app.include_router(router)
    app.add_exception_handler(Problem, _refused)
    app.add_exception_handler(StoreError, failures.refused)
    app.add_exception_handler(HTTPException, _by_status)
    app.add_exception_handler(RequestValidationError, _malformed)
    # The one added last is the outermost.
    app.add_middleware(Direct, guard=guard, live=live, body_seconds=settings.body_seconds)
    if settings.allowed_origins:
        app.add_middleware(CORSMiddleware, **cross_origin(settings))
    if spans is not None:
        app.add_middleware(tracing.Traced, provider=spans)
    app.add_middleware(Envelope, draining=draining)
    app.openapi = _once(app)  # type: ignore[method-assign]  # the documented way to publish one's own document
    return app


def cross_origin(settings: Settings) -> dict[str, Any]:
    """What browsers on the allowed origins may do: everything a caller may, never with cookies."""
    return {
        "allow_origins": settings.allowed_origins,
        "allow_methods": ("GET", "POST", "PUT", "DELETE"),
        "allow_headers": ("Authorization", "Content-Type", "If-Match", "If-None-Match", "X-API-Key", "X-Request-Id"),
        "expose_headers": ("ETag", "Location", "RateLimit", "RateLimit-Policy", "Retry-After", "X-Request-Id"),
        "max_age": 600,
    }


def _once(app: FastAPI) -> Callable[[], dict[str, Any]]:
    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = documentation.build(app)
        return app.openapi_schema

    return openapi


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)
    return problem(error)


async def _by_status(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    kind = BY_STATUS.get(error.status_code, "invalid-request")
    detail = "There is nothing at this address." if kind == "not-found" else "That cannot be done at this address."
    headers = dict(error.headers or {})
    if kind == "method-not-allowed":
        headers["Allow"] = ", ".join(sorted(_offered(request)))
    return problem(Problem(kind, detail, headers=headers))


def _offered(request: Request) -> set[str]:
    """Every method of an address. The framework names those of the first route that it fits."""
    fitting = [
        route
        for router in ROUTERS
        for route in router.routes
        if isinstance(route, APIRoute) and route.matches(request.scope)[0] is not Match.NONE
    ]
    # `/v1/profiles/validations` also fits `/v1/profiles/{key}`, and is not meant by it.
    literal = [route for route in fitting if "{" not in route.path]
    return {method for route in literal or fitting for method in route.methods or ()}


async def _malformed(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    faults = [
        Fault(
            ".".join(str(part) for part in item["loc"][1:]) or str(item["loc"][0]),
            item["msg"],
            "see the OpenAPI document",
        )
        for item in error.errors()
    ]
    return problem(Problem("invalid-request", summarise(faults), faults))

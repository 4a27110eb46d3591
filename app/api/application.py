"""The HTTP application, put together from its routes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi_offline import FastAPIOffline
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from app import __version__
from app.api import documentation, failures
from app.api.guard import Guard
from app.api.middleware import Envelope
from app.api.rendering import problem
from app.api.routes import (
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
from app.service.live import Live
from app.service.ports import StoreError
from app.service.problems import Fault, Problem
from app.service.settings import Settings

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
BY_STATUS = {404: "not-found", 405: "method-not-allowed", 406: "not-acceptable", 413: "body-too-large"}


def create_app(live: Live, settings: Settings) -> FastAPI:
    """The application over a snapshot's holder: started and stopped with it."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        live.start()
        yield
        live.stop()

    app: FastAPI = FastAPIOffline(
        title="Practice Deadlines",
        version=__version__,
        lifespan=lifespan,
        redoc_url=None,
        separate_input_output_schemas=False,
    )
    app.state.live = live
    app.state.settings = settings
    app.state.guard = Guard(settings)
    for router in ROUTERS:
        app.include_router(router)
    app.add_exception_handler(Problem, _refused)
    app.add_exception_handler(StoreError, failures.refused)
    app.add_exception_handler(HTTPException, _by_status)
    app.add_exception_handler(RequestValidationError, _malformed)
    app.add_middleware(Envelope)
    app.openapi = _once(app)  # type: ignore[method-assign]  # the documented way to publish one's own document
    return app


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
    return problem(Problem(kind, detail, headers=dict(error.headers or {})))


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
    return problem(Problem("invalid-request", f"{len(faults)} fault(s) found; `errors` lists them all.", faults))

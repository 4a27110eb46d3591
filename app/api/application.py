"""Build the HTTP application from its routers, handlers of errors and middleware."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

from fastapi import FastAPI
from fastapi.middleware.asyncexitstack import AsyncExitStackMiddleware
from fastapi.telemetry import TelemetryConfig
from starlette.datastructures import State
from starlette.middleware.exceptions import ExceptionMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

from app import __version__
from app.api import docs_page, errors, openapi, tracing
from app.api.answer_queue import AnswerQueue
from app.api.bodies import ReceivedBodies
from app.api.calculation_route import DirectDispatch
from app.api.cross_origin import CrossOrigin, cross_origin
from app.api.draining import Draining
from app.api.later_routes import LaterRoutes, Step
from app.api.middleware import RequestContextMiddleware
from app.api.routers import calculations, operations
from app.api.routing import CatalogueCache
from app.api.security import Authorizer
from app.api.threads import WorkLimits
from app.api.unread_answers import UnreadAnswers
from app.services.calculation.calculator import CalculationService
from app.services.observability import metrics
from app.services.publishing.upkeep_watch import UpkeepWatch
from app.services.snapshot.holder import SnapshotHolder
from app.settings import Settings

# Those that a start waits for: calculating, and telling whether the service is ready.
FIRST = (calculations.router, operations.router)
# The framework's own telemetry would record what an error says, and what was sent with it; see app.api.tracing.
NO_TELEMETRY = TelemetryConfig(tracing=False, metrics=False, logs=False, operation_spans=False, auto_configure=False)


class ApplicationState(State):
    """The parts of an application, as attributes: Starlette's own look-up of one takes six times as long."""

    def __setattr__(self, name: str, part: object) -> None:
        object.__setattr__(self, name, part)


class Application(FastAPI):
    """FastAPI in this service's own layers alone.

    Left out are FastAPI's telemetry, limit of bodies and page of errors, which every request would pass through for
    nothing: RequestContextMiddleware answers what no handler has caught.
    """

    def build_middleware_stack(self) -> ASGIApp:
        """Return the added layers around the handlers of errors and the routes."""
        app: ASGIApp = ExceptionMiddleware(AsyncExitStackMiddleware(self.router), handlers=self.exception_handlers)
        for layer, args, options in reversed(self.user_middleware):
            app = layer(app, *args, **options)
        return app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or the start and the end of the process."""
        if scope["type"] != "http" or self.middleware_stack is None:
            await super().__call__(scope, receive, send)
            return
        scope["app"] = self
        await self.middleware_stack(scope, receive, send)


def create_app(holder: SnapshotHolder, settings: Settings, steps: Iterable[Step] = ()) -> FastAPI:
    """Return the application over a snapshot's holder, which it starts and stops with itself.

    `steps` add what is not of this package, such as pages, after the routes that are imported later.
    """
    draining = Draining(settings.drain_seconds)
    spans = tracing.provider(settings) if settings.otel_endpoint else None

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        draining.listen()
        holder.start()
        loading = asyncio.create_task(later.load_soon())
        yield
        loading.cancel()
        await app.state.authorizer.close()
        holder.stop()
        if spans is not None:
            spans.shutdown()
        metrics.forget_process()

    app: FastAPI = Application(
        title=openapi.TITLE,
        version=__version__,
        summary=openapi.SUMMARY,
        description=openapi.DESCRIPTION,
        license_info=openapi.LICENSE,
        openapi_tags=openapi.TAGS,
        servers=openapi.servers(settings),
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        separate_input_output_schemas=False,
        telemetry=NO_TELEMETRY,
        # A redirect would name http:// behind a proxy that ends TLS, and a client would send facts and key there.
        redirect_slashes=False,
    )
    app.state = ApplicationState()
    app.state.holder = holder
    app.state.settings = settings
    app.state.draining = draining
    app.state.limits = WorkLimits()
    app.state.stream_turns = asyncio.Lock()
    app.state.catalogue = CatalogueCache()
    app.state.bodies = ReceivedBodies()
    app.state.unread = UnreadAnswers()
    app.state.authorizer = Authorizer(settings, holder)
    app.state.upkeep = UpkeepWatch(holder)
    app.state.calculation = CalculationService(holder)
    app.state.answers = AnswerQueue(app.state.calculation)
    docs_page.mount(app)
    later = app.state.later = LaterRoutes(app, FIRST, steps)
    errors.install(app)
    # The one added last is the outermost.
    app.add_middleware(DirectDispatch, routes=app.state.routes)
    if settings.allowed_origins:
        app.add_middleware(CrossOrigin, **cross_origin(settings))
    if spans is not None:
        app.add_middleware(tracing.Traced, provider=spans)
    app.add_middleware(RequestContextMiddleware, draining=draining)
    openapi.install(app, settings)
    return app

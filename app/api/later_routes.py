"""Import most routes when the application has started, so that it answers calculations sooner."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress

import anyio.to_thread
from fastapi import APIRouter, FastAPI
from starlette.routing import BaseRoute, Match
from starlette.types import Receive, Scope, Send

from app.api.lazy_route import LazyRoute
from app.services.observability.structured import get_logger

log = get_logger(__name__)

LATER_SECONDS = 0.1
Step = Callable[[FastAPI], None]


class LaterRoutes(BaseRoute):
    """Stands for the routes that are not imported yet.

    The routes of `first` are there at once. The others are added when `load` is called: by a thread that the
    application starts when it is ready, or by the first request that fits no other route, which waits for it. The
    modules behind them, with the pages, take as long to import as all that a calculation needs.
    """

    def __init__(self, app: FastAPI, first: Iterable[APIRouter], steps: Iterable[Step] = ()) -> None:
        self._app = app
        self._first = {id(router): bound_routes(router, app) for router in first}
        self._steps = tuple(steps)
        self._lock = threading.Lock()
        self._loaded = False
        # Why the routes cannot be added, such as a module that is not installed; None while nothing failed.
        app.state.routes_failure = None
        app.state.routes = [route for routes in self._first.values() for route in routes]
        app.router.routes += [self, *app.state.routes]

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Match whatever no route matches that is there already."""
        return (Match.PARTIAL if scope["type"] == "http" else Match.NONE), {}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Add the routes, and let them serve the request."""
        await anyio.to_thread.run_sync(self.load)
        await self._app.router(scope, receive, send)

    async def load_soon(self) -> None:
        """Add the routes in a thread, once the first requests have been answered: they need the processor more.

        What prevents it is in the log at once, and in /readyz: a service of a few routes is not ready.
        """
        await asyncio.sleep(LATER_SECONDS)
        with suppress(Exception):
            await anyio.to_thread.run_sync(self.load)

    def load(self) -> None:
        """Import and add every route; does nothing the second time. Raises whatever an import raises."""
        with self._lock:
            if self._loaded:
                return
            try:
                self._add()
            except Exception as error:
                reason = f"most routes cannot be imported: {type(error).__name__}: {error}"
                self._app.state.routes_failure = reason
                log.error("routes", reason=reason)  # noqa: TRY400 - the reason says it all
                raise
            self._loaded, self._app.state.routes_failure = True, None

    def _add(self) -> None:
        from app.api.route_table import ROUTERS

        app = self._app
        bound = [route for each in ROUTERS for route in self._first.get(id(each)) or bound_routes(each, app)]
        # Before this route goes: a request for a page that is not there yet must go on waiting.
        for step in self._steps:
            step(app)
        at = app.router.routes.index(self)
        others = [route for route in app.router.routes[at + 1 :] if route not in app.state.routes]
        # A list of its own: a request may be looking through the one before.
        app.router.routes = [*app.router.routes[:at], *bound, *others]
        app.state.routes = bound


def bound_routes(router: APIRouter, app: FastAPI) -> list[LazyRoute]:
    """Return the routes of a router as those of an application.

    Not by `include_router`, which analyses each of them once more, at the first request.
    """
    return [route.bound_to(app) for route in router.routes if isinstance(route, LazyRoute)]

"""Run in threads what computes for long or waits: so many at once, so many waiting, shared by callers in turn.

The application owns one limiter for each kind of work, so that none can take the threads of another: heavy calculations
(as many as there are cores), the database, tokens, and the metrics.
"""

from __future__ import annotations

import asyncio
import os
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Annotated, ParamSpec, TypeVar, cast

import anyio.to_thread
from anyio import CapacityLimiter
from fastapi import Depends, Request
from starlette.types import Receive, Scope

from app.services.event_loop import NeedsThread, on_event_loop
from app.services.problems import overloaded
from app.services.work import CURRENT, CallerGone, Work, WorkBudget

Params = ParamSpec("Params")
Result = TypeVar("Result")

MAX_WAITING_PER_THREAD = 8
MAX_WAITING_SECONDS = 20.0
MAX_UPLOADS = 2
TURNS = "turns"
"""The member of a request's state that lists the limiters under which it has its turn already."""


def cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class WorkLimiter:
    """Runs functions in at most `width` threads at once; further ones wait, and beyond `max_waiting` are refused.

    Callers take turns: one that sends many requests at once waits for itself, and where the queue is full it is the
    caller with the most waiting who is refused.
    """

    def __init__(self, width: int, max_waiting: int | None = None) -> None:
        self._threads = CapacityLimiter(width)
        self._free = width
        self._max_waiting = width * MAX_WAITING_PER_THREAD if max_waiting is None else max_waiting
        self._queues: OrderedDict[str, deque[asyncio.Future[None]]] = OrderedDict()

    async def run(
        self,
        scope: Scope,
        receive: Receive,
        work: Callable[Params, Result],
        *args: Params.args,
        **kwargs: Params.kwargs,
    ) -> Result:
        """Run work for a request in its turn. Raises Problem where too many wait, CallerGone where its caller has gone.

        The request's body must have been received: what arrives meanwhile can only be the end of the connection.
        """
        counted = CURRENT.get()
        if counted is None:
            counted = Work(WorkBudget())
            CURRENT.set(counted)
        gone = asyncio.ensure_future(until_gone(receive))
        gone.add_done_callback(partial(_stop, counted))
        try:
            if self in scope["state"].get(TURNS, ()):
                return await self._in_thread(partial(work, *args, **kwargs))
            # What waits for the database must not occupy what others compute in.
            end_turns(scope)
            await self._take_turn(caller_of(scope), gone)
            try:
                return await self._in_thread(partial(work, *args, **kwargs))
            finally:
                self.end_turn()
        finally:
            gone.cancel()

    async def run_patiently(
        self, scope: Scope, work: Callable[Params, Result], *args: Params.args, **kwargs: Params.kwargs
    ) -> Result:
        """Run one part of a stream's work in its turn, however many wait: a stream waits for one part at a time."""
        await self._wait_for_turn(caller_of(scope))
        try:
            return await self._in_thread(partial(work, *args, **kwargs))
        finally:
            self.end_turn()

    async def begin_turn(self, scope: Scope, receive: Receive) -> None:
        """Begin a turn that lasts until `end_turns`: what the request runs in between waits no more."""
        gone = asyncio.ensure_future(until_gone(receive))
        try:
            await self._take_turn(caller_of(scope), gone)
        finally:
            gone.cancel()
        scope["state"].setdefault(TURNS, []).append(self)

    def end_turn(self) -> None:
        """Let the next caller's first waiting request have the turn."""
        while self._queues:
            caller, queue = self._queues.popitem(last=False)
            waiting = queue.popleft()
            if queue:
                self._queues[caller] = queue
            if not waiting.done():
                waiting.set_result(None)
                return
        self._free += 1

    async def _in_thread(self, work: Callable[[], Result]) -> Result:
        return await anyio.to_thread.run_sync(work, limiter=self._threads)

    async def _take_turn(self, caller: str, gone: asyncio.Future[None]) -> None:
        if self._is_full() and not self._displace(caller):
            raise overloaded()
        turn = asyncio.ensure_future(self._wait_for_turn(caller))
        try:
            await asyncio.wait({turn, gone}, timeout=MAX_WAITING_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        except asyncio.CancelledError:
            self._give_up(turn)
            raise
        if turn.done():
            turn.result()
            return
        self._give_up(turn)
        raise CallerGone if gone.done() else overloaded()

    def _give_up(self, turn: asyncio.Future[None]) -> None:
        if not turn.cancel() and turn.exception() is None:
            self.end_turn()

    async def _wait_for_turn(self, caller: str) -> None:
        if self._free and not self._queues:
            self._free -= 1
            return
        waiting: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._queues.setdefault(caller, deque()).append(waiting)
        try:
            await waiting
        except asyncio.CancelledError:
            if waiting.cancelled():
                self._forget(caller, waiting)
            elif waiting.exception() is None:
                self.end_turn()
            raise

    def _forget(self, caller: str, waiting: asyncio.Future[None]) -> None:
        queue = self._queues.get(caller, deque())
        if waiting in queue:
            queue.remove(waiting)
        if not queue:
            self._queues.pop(caller, None)

    def _is_full(self) -> bool:
        return not self._free and sum(map(len, self._queues.values())) >= self._max_waiting

    def _displace(self, caller: str) -> bool:
        """Refuse the last request of the caller with the most waiting, if this caller would still have fewer."""
        most = max(self._queues.values(), key=len, default=deque())
        if len(most) <= len(self._queues.get(caller, ())) + 1:
            return False
        last = most.pop()
        if not last.done():
            last.set_exception(overloaded())
        return True


@dataclass(slots=True)
class WorkLimits:
    """The limiters of one application."""

    heavy: WorkLimiter = field(default_factory=lambda: WorkLimiter(cores()))
    large_bodies: WorkLimiter = field(default_factory=lambda: WorkLimiter(1))
    """Parsed, a body of 8 MiB has ten times that size: one is in memory at a time."""
    database: WorkLimiter = field(default_factory=lambda: WorkLimiter(8))
    uploads: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(MAX_UPLOADS))
    """Imports that are received or answered: their files are in memory or in the temporary folder meanwhile."""
    tokens: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(4))
    metrics: WorkLimiter = field(default_factory=lambda: WorkLimiter(1, 16))


class RequestThreads:
    """Runs one request's work under one of the limiters."""

    def __init__(self, limiter: WorkLimiter, request: Request) -> None:
        self._limiter = limiter
        self._request = request

    async def __call__(self, work: Callable[Params, Result], *args: Params.args, **kwargs: Params.kwargs) -> Result:
        """Run work in a thread, in the caller's turn."""
        request = self._request
        return await self._limiter.run(request.scope, request.receive, work, *args, **kwargs)

    async def if_long(self, work: Callable[Params, Result], *args: Params.args, **kwargs: Params.kwargs) -> Result:
        """Run work here at once if it is short; in a thread, from its beginning, where it turns out to be long."""
        try:
            with on_event_loop():
                return work(*args, **kwargs)
        except NeedsThread:
            return await self(work, *args, **kwargs)


async def heavy_threads(request: Request) -> RequestThreads:
    """Return the threads of what computes for long."""
    return RequestThreads(limits_of(request).heavy, request)


async def database_threads(request: Request) -> RequestThreads:
    """Return the threads of what waits for the database."""
    return RequestThreads(limits_of(request).database, request)


async def metrics_threads(request: Request) -> RequestThreads:
    """Return the thread that adds up the metrics."""
    return RequestThreads(limits_of(request).metrics, request)


HeavyThreads = Annotated[RequestThreads, Depends(heavy_threads)]
DatabaseThreads = Annotated[RequestThreads, Depends(database_threads)]
MetricsThreads = Annotated[RequestThreads, Depends(metrics_threads)]


def limits_of(request: Request) -> WorkLimits:
    """Return the limiters of the application that serves a request."""
    return cast(WorkLimits, request.app.state.limits)


def end_turns(scope: Scope) -> None:
    """End every turn that a request has begun."""
    for limiter in scope["state"].pop(TURNS, ()):
        limiter.end_turn()


def caller_of(scope: Scope) -> str:
    """Return whose turn a request takes: that of its key's or token's owner, else of its address."""
    caller = scope["state"].get("caller")
    name = getattr(caller, "name", "anonymous")
    if name != "anonymous":
        return str(name)
    return str(scope["client"][0]) if scope.get("client") else name


async def until_gone(receive: Receive) -> None:
    """Return when the connection of a request has ended."""
    while (await receive())["type"] != "http.disconnect":
        pass


def _stop(work: Work, gone: asyncio.Future[None]) -> None:
    if not gone.cancelled():
        work.stop()

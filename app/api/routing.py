"""Route classes: how a body is read before FastAPI validates it, and how the catalogue's answers are cached.

Both are FastAPI's documented technique (`APIRoute.get_route_handler`); signature, models and document stay FastAPI's.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Callable, Coroutine, Iterator
from contextvars import ContextVar
from functools import wraps
from typing import Any, cast, get_type_hints

from fastapi import Depends, Request, Response, params
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.datastructures import QueryParams
from starlette.requests import ClientDisconnect

from app.api.bodies import MAX_BATCH_BYTES, MAX_BYTES, MAX_LOOP_BYTES, body_problem, receive_json
from app.api.budgets import budget_of
from app.api.every_fault import validation_problem
from app.api.lazy_route import LazyRoute
from app.api.threads import end_turns, limits_of
from app.api.unexpected import SentOnce, no_body, no_query
from app.services.calculation.json_body import check_values, parse_json
from app.services.problems import Problem
from app.services.validation import RequestModel, models_in
from app.services.work import CURRENT, CallerGone, Work, too_many_bytes

REVALIDATE = "no-cache"
IMMUTABLE = "public, max-age=31536000, immutable"
CHECKED = frozenset({"profile", "event", "starts", "kind", "duty", "from", "to", "limit"})
"""The parameters of the catalogue that take published names, or numbers; any other may hold what somebody typed."""
UNREADABLE = object()
Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class StrictRequest(Request):
    """A request whose body is received within limits and parsed strictly.

    What is wrong with a body is put on `request.state.body_problem`, for the handler of validation errors to answer:
    FastAPI reads the body before it solves the dependencies, and a caller without a key should learn that first.
    """

    max_bytes = MAX_BYTES

    @property
    def query_params(self) -> QueryParams:
        """Return the query's parameters."""
        return SentOnce(self.scope["query_string"])

    async def body(self) -> bytes:
        """Receive the body. A problem leaves bytes that no model accepts."""
        if not hasattr(self, "_body"):
            try:
                self._body = await receive_json(self, self.max_bytes)
                if not self._body:
                    parse_json(self._body)
            except Problem as problem:
                self.state.body_problem = _without_trace(problem)
                self._body = b"-"
            except ClientDisconnect:
                self.state.caller_gone = True
                self._body = b"-"
        return self._body

    async def json(self) -> Any:
        """Parse the body; a long one is validated too, both in a thread. A problem leaves a value no model accepts."""
        data = await self.body()
        if body_problem(self) is None:
            try:
                if len(data) <= MAX_LOOP_BYTES:
                    return parse_json(data)
                return await self._read_in_thread(data)
            except Problem as problem:
                self.state.body_problem = _without_trace(problem)
            except CallerGone:
                self.state.caller_gone = True
        return UNREADABLE

    async def _read_in_thread(self, data: bytes) -> Any:
        """Return a long body as the route's model. Its request has a turn from here on, until it is answered."""
        limits = limits_of(self)
        if len(data) > MAX_BYTES:
            await limits.large_bodies.begin_turn(self.scope, self.receive)
        await limits.heavy.begin_turn(self.scope, self.receive)
        self._body = b"-"
        return await limits.heavy.run(self.scope, self.receive, self._read, data)

    def _read(self, data: bytes) -> Any:
        check_values(data, self.max_bytes)
        value = parse_json(data)
        field = cast(APIRoute, self.scope["route"]).body_field
        if field is None:
            return value
        model, errors = field.validate(value, {}, loc=("body",))
        if errors:
            raise validation_problem(self, RequestValidationError(errors, body=value))
        return model


def _without_trace(problem: Problem) -> Problem:
    """Return a problem that no longer refers to the frames that it came through, which hold the body and itself."""
    problem.__context__ = None
    return problem.with_traceback(None)


class LargeRequest(StrictRequest):
    """A request that carries many cases."""

    max_bytes = MAX_BATCH_BYTES


class ContractRoute(LazyRoute):
    """A route that reads bodies with this service's limits, and refuses a query or a body that it does not declare.

    A route declares its query as one `QueryModel`, which forbids what it does not name; a route without one takes none.
    It takes a body where it declares one, in its signature or in `openapi_extra`, or where `reads_body` says so.
    """

    request_class: type[StrictRequest] = StrictRequest
    reads_body = False
    is_published = False
    """Whether the key in its address is that of something published, so that an unknown one is a fault by itself."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        needs = [*(options.get("dependencies") or ())]
        if not _declares_query(endpoint):
            needs.append(Depends(no_query))
        if not (self.reads_body or "requestBody" in (options.get("openapi_extra") or ()) or _declares_body(endpoint)):
            needs.append(Depends(no_body))
        options["dependencies"] = needs
        # A body without a Content-Type is read as JSON: some low-code tools send none.
        super().__init__(path, endpoint, **{**options, "strict_content_type": False})

    def get_route_handler(self) -> Handler:
        """Return FastAPI's handler over the strict request."""
        handle = super().get_route_handler()

        async def handle_strictly(request: Request) -> Response:
            budget = budget_of(self.operation_id)
            CURRENT.set(Work(budget))
            try:
                response = await handle(self.request_class(request.scope, request.receive))
            except RequestValidationError:
                if getattr(request.state, "caller_gone", False):
                    raise CallerGone from None
                raise
            finally:
                end_turns(request.scope)
            if len(getattr(response, "body", b"")) > budget.answer_bytes:
                raise too_many_bytes(budget.answer_bytes)
            return response

        return handle_strictly


class LargeBodyRoute(ContractRoute):
    """A route that takes many cases in one body."""

    request_class = LargeRequest


class CatalogueCache:
    """The catalogue's answers under one snapshot: they are the same for everybody until something is published.

    Only answers to addresses of published names are in it: the words of a search are the caller's.
    """

    def __init__(self, limit: int = 16 * MAX_BYTES) -> None:
        self._limit = limit
        self._snapshot: object = None
        self._answers: OrderedDict[bytes, Response] = OrderedDict()
        self._bytes = 0

    @property
    def addresses(self) -> list[bytes]:
        """Return the addresses whose answers are there."""
        return [*self._answers]

    def find(self, request: Request) -> Response | None:
        """Return the answer that the same address had before, None if there is none under this snapshot."""
        snapshot = request.app.state.holder.snapshot
        if snapshot is not self._snapshot:
            self._snapshot, self._answers, self._bytes = snapshot, OrderedDict(), 0
        cached = self._answers.get(_address(request))
        if cached is not None:
            self._answers.move_to_end(_address(request))
        return cached

    def add(self, request: Request, snapshot: object, response: Response) -> None:
        """Add the answer that was made under a snapshot, if that is still in use; the oldest give way."""
        if not request.query_params.keys() <= CHECKED:
            return
        address = _address(request)
        if snapshot is not self._snapshot or response.status_code != 200 or address in self._answers:
            return
        self._answers[address] = response
        self._bytes += len(response.body) + len(address)
        while self._bytes > self._limit:
            address, oldest = self._answers.popitem(last=False)
            self._bytes -= len(oldest.body) + len(address)


def _address(request: Request) -> bytes:
    return b"%s?%s" % (request.scope["path"].encode(), request.scope["query_string"])


CACHED: ContextVar[Response | None] = ContextVar("cached", default=None)


class CachedRoute(ContractRoute):
    """A route of the catalogue. Its answer carries a strong entity tag, and is 304 where the caller has it already.

    Each answer is made once under a snapshot: FastAPI resolves and authorises every request, and the endpoint is called
    for the first of an address only.
    """

    is_published = True

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        @wraps(endpoint)
        async def made_once(**values: Any) -> Any:
            cached = CACHED.get()
            return await endpoint(**values) if cached is None else cached

        super().__init__(path, made_once, **options)

    def get_route_handler(self) -> Handler:
        """Return the handler with the tag added to its answer."""
        handle = super().get_route_handler()

        async def handle_tagged(request: Request) -> Response:
            cache: CatalogueCache = request.app.state.catalogue
            snapshot, cached = request.app.state.holder.snapshot, cache.find(request)
            CACHED.set(cached)
            response = await handle(request)
            if response is not cached:
                response = with_tag(request, response)
                cache.add(request, snapshot, response)
            return unless_unchanged(request, response)

        return handle_tagged


def with_tag(request: Request, response: Response) -> Response:
    """Add the entity tag of a response's body; without a Cache-Control of its own the response is revalidated."""
    cache_control = response.headers.get("cache-control", REVALIDATE)
    if request.app.state.settings.require_key:
        # What needs a key is stored by the caller's own cache, not by one that others share.
        cache_control = cache_control.replace("public", "private")
    tag = f'"{hashlib.sha256(bytes(response.body)).hexdigest()[:32]}"'
    response.headers["ETag"], response.headers["Cache-Control"] = tag, cache_control
    return response


def unless_unchanged(request: Request, response: Response) -> Response:
    """Return the response, or 304 where the caller has it already (If-None-Match)."""
    if not _names(request.headers.get("if-none-match", ""), response.headers["ETag"]):
        return response
    unchanged = Response(status_code=304, headers=response.headers)
    del unchanged.headers["content-length"]
    return unchanged


async def immutable(response: Response) -> None:
    """Let the answer be stored for ever: a published version never changes."""
    response.headers["Cache-Control"] = IMMUTABLE


async def not_stored(response: Response) -> None:
    """Let no cache store the answer."""
    response.headers["Cache-Control"] = "no-store"


def _names(header: str, tag: str) -> bool:
    """Return True if an If-None-Match header names the tag (weakly compared)."""
    named = {item.strip().removeprefix("W/") for item in header.split(",")}
    return "*" in named or tag in named


def _declares_query(endpoint: Callable[..., Any]) -> bool:
    return any(isinstance(item, params.Query) for metadata, _ in _parameters(endpoint) for item in metadata)


def _declares_body(endpoint: Callable[..., Any]) -> bool:
    """Return True for `Body()`, and for a model that is marked as nothing else, as FastAPI understands it."""
    return any(
        isinstance(item, params.Body) or (not metadata and issubclass(item, RequestModel))
        for metadata, hint in _parameters(endpoint)
        for item in (*metadata, *models_in(hint))
    )


def _parameters(endpoint: Callable[..., Any]) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """Yield what each parameter of an endpoint is marked with, and its annotation."""
    hints = get_type_hints(endpoint, include_extras=True)
    yield from ((getattr(hint, "__metadata__", ()), hint) for name, hint in hints.items() if name != "return")

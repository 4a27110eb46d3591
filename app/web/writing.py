"""What pages that change something share: who the reader is, what the form says, and threads that wait for a store."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import ParamSpec, TypeVar, cast

from starlette.requests import Request

from app.services.access.permissions import Caller
from app.services.ports import StoreError, WriteContext
from app.services.store_problem import store_problem
from app.web.drafts_form import require_same_origin
from app.web.forms import read_pairs

Params = ParamSpec("Params")
Result = TypeVar("Result")


def caller_of(request: Request) -> Caller:
    """Return who asks for a page, or sends its form."""
    return cast(Caller, request.state.caller)


def context_of(request: Request) -> WriteContext:
    """Return who changes something by a form, and when."""
    return WriteContext(by=caller_of(request).name, at=datetime.now(UTC), request_id=request.state.request_id)


async def posted_fields(request: Request) -> dict[str, str]:
    """Return the fields of a form that changes something. Raises Problem where it was sent from another site."""
    require_same_origin(request)
    return dict(await read_pairs(request))


async def in_database(
    request: Request, work: Callable[Params, Result], *args: Params.args, **kwargs: Params.kwargs
) -> Result:
    """Run what waits for the database in its threads. Raises Problem for an error of the store."""
    limiter = request.app.state.limits.database
    try:
        return cast(Result, await limiter.run(request.scope, request.receive, work, *args, **kwargs))
    except StoreError as error:
        raise store_problem(error) from None

"""What the store refuses or cannot do, as it is told to the caller."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from app.api.rendering import problem
from app.services.ports import (
    AlreadyPublished,
    BadCursor,
    Conflict,
    NotFound,
    StaleRevision,
    StoreError,
    StoreUnavailable,
)
from app.services.problems import Fault, Problem

RETRY_SECONDS = "5"


def as_problem(error: StoreError) -> Problem:
    """The problem that a refusal of the store is."""
    said = str(error)
    sentence = said[:1].upper() + said[1:] + "."
    match error:
        case AlreadyPublished():
            return Problem("conflict", sentence, extra={"key": error.key, "version": error.version})
        case NotFound():
            return Problem("not-found", f"There is no {error.kind} {error.identifier[:100]}.")
        case StaleRevision():
            headers = {} if error.actual is None else {"ETag": f'"{error.actual}"'}
            fault = Fault("If-Match", said, "read it again and decide anew", error.expected)
            return Problem("precondition-failed", sentence, [fault], headers)
        case Conflict():
            return Problem("conflict", sentence)
        case BadCursor():
            fault = Fault("after", "this is no place in the list", "take next of the page before, or leave it out")
            return Problem("invalid-request", "The place to go on from is not one of ours.", [fault])
        case StoreUnavailable():
            return Problem(
                "store-unavailable",
                f"{sentence} Nothing can be written or listed just now; calculations are answered as before.",
                headers={"Retry-After": RETRY_SECONDS},
            )
        case _:
            return Problem("internal-error", "The store refused, and does not say why.")


async def refused(request: Request, error: Exception) -> Response:
    """The handler of every refusal of the store."""
    assert isinstance(error, StoreError)
    return problem(as_problem(error))

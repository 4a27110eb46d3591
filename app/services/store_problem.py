"""Say what an error of the store means to whoever made the request."""

from __future__ import annotations

from app.services.ports import (
    AlreadyPublished,
    BadCursor,
    Conflict,
    NotFound,
    StaleRevision,
    StoreError,
    StoreUnavailable,
)
from app.services.problems import Fault, Problem, no_such_place

RETRY_SECONDS = "5"
LISTED = {
    "draft": "GET /v1/profiles/{key}/drafts lists",
    "key": "deadlines keys list shows",
    "profile version": "GET /v1/profiles/{key} lists",
    "proposal": "GET /v1/proposals/{key} lists",
}
"""Where the records of a kind are listed."""


def store_problem(error: StoreError) -> Problem:
    """Return the problem that an error of the store means to the caller."""
    text = str(error)
    sentence = text[:1].upper() + text[1:] + "."
    match error:
        case AlreadyPublished():
            return Problem("conflict", sentence, extra={"key": error.key, "version": error.version})
        case NotFound():
            name, place = error.identifier[:100], error.kind.rpartition(" ")[2]
            fault = Fault(place, f"unknown {error.kind}", f"use one that {LISTED[error.kind]}", name)
            return Problem("not-found", f"There is no {error.kind} {name}.", [fault])
        case StaleRevision():
            headers = {} if error.actual is None else {"ETag": f'"{error.actual}"'}
            fault = Fault("If-Match", text, "read it again and decide anew", error.expected)
            return Problem("precondition-failed", sentence, [fault], headers)
        case Conflict():
            return Problem("conflict", sentence)
        case BadCursor():
            return no_such_place(error.parameter)
        case StoreUnavailable():
            return Problem(
                "store-unavailable",
                f"{sentence} Nothing can be written or listed just now; calculations are answered as before.",
                headers={"Retry-After": RETRY_SECONDS},
            )
        case _:
            return Problem("internal-error", "The database rejected the change.")

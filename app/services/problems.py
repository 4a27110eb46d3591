"""Problems (RFC 9457) that a caller is answered with: every fault at once, each with a way to fix it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from app.documents import faults as documents
from app.documents.faults import Fault
from app.profiles.vocabulary.search import KINDS, nearest_in_meaning
from app.services.event_loop import require_thread

__all__ = [
    "LINE",
    "LISTS",
    "MAX_FAULTS",
    "MAX_LISTED_NAMES",
    "PROBLEM_BASE",
    "TITLES",
    "Fault",
    "Problem",
    "answer_too_long",
    "nearest_names",
    "no_such_place",
    "nothing_here",
    "overloaded",
    "redact_for_display",
    "summarise",
    "unknown_name",
]

PROBLEM_BASE = "/problems/"
MAX_FAULTS = 200
LINE = "(line)"
"""The path of a fault of one whole line of many."""
RETRY_SECONDS = "5"
# Up to so many names are all listed in a remedy; the facts are too many.
MAX_LISTED_NAMES = 20
LISTS = {
    "calendar": "/v1/calendars",
    "duty": "/v1/duties",
    "event": "/v1/event-types",
    "fact": "/v1/facts",
    "profile": "/v1/profiles",
}
"""Where the names of a kind are listed."""

TITLES: dict[str, tuple[int, str]] = {
    "bad-request": (400, "The server cannot take the request"),
    "invalid-json": (400, "The body is not JSON"),
    "invalid-request": (422, "The request is not valid"),
    "no-version-in-force": (422, "No version of the profile was in force on that day"),
    "event-does-not-start-duty": (422, "The event never starts this duty"),
    "too-many-obligations": (422, "The answer would be too long"),
    "too-much-work": (422, "The request needs too much work"),
    "not-publishable": (422, "The draft cannot be published"),
    "not-found": (404, "Not found"),
    "method-not-allowed": (405, "Method not allowed"),
    "not-acceptable": (406, "None of the accepted media types is available"),
    "conflict": (409, "The request conflicts with what is stored"),
    "precondition-failed": (412, "Somebody else changed it first"),
    "precondition-required": (428, "The request must name the revision that it changes"),
    "request-timeout": (408, "The body did not arrive in time"),
    "body-too-large": (413, "The body is too large"),
    "uri-too-long": (414, "The address is too long"),
    "head-too-large": (431, "The headers of the request are too large"),
    "unsupported-media-type": (415, "The media type of the body is not supported"),
    "unauthenticated": (401, "A valid key or token is needed"),
    "forbidden": (403, "The key or token does not allow this"),
    "too-many-requests": (429, "Too many requests"),
    "not-ready": (503, "The service is not ready"),
    "overloaded": (503, "The service is busy"),
    "store-unavailable": (503, "The database is not available"),
    "list-not-taken": (409, "The list of bank holidays was not taken"),
    "list-unavailable": (503, "The list of bank holidays cannot be read"),
    "issuer-unavailable": (503, "Tokens cannot be checked at the moment"),
    "internal-error": (500, "Something went wrong on our side"),
}


@dataclass(slots=True)
class Problem(Exception):
    """The error response to a request; raised anywhere below the API and serialised there."""

    kind: str
    detail: str
    faults: Sequence[Fault] = ()
    headers: dict[str, str] = field(default_factory=dict)
    extra: dict[str, object] = field(default_factory=dict)

    @property
    def status(self) -> int:
        """Return the HTTP status of the response."""
        return TITLES[self.kind][0]

    def of_line(self, place: str) -> Problem:
        """Return the problem with the faults of a whole line in their place among many, such as `line 3`."""
        faults = [replace(fault, path=place) if fault.path == LINE else fault for fault in self.faults]
        return replace(self, faults=faults)

    def as_json(self) -> dict[str, object]:
        """Return the problem as its JSON body."""
        body: dict[str, object] = {
            "type": PROBLEM_BASE + self.kind,
            "title": TITLES[self.kind][1],
            "status": self.status,
            "detail": self.detail,
        }
        if self.faults:
            body["errors"] = [fault.as_json() for fault in self.faults[:MAX_FAULTS]]
        body.update(self.extra)
        return body


def nearest_names(name: object, names: Iterable[object], what: str = "") -> tuple[str, ...]:
    """Return up to three names near an unknown one, by meaning where `what` is an event, a fact or a duty.

    Takes a millisecond, or ten by meaning: raises NeedsThread on the event loop.
    """
    require_thread()
    if what in KINDS:
        return nearest_in_meaning(what, str(name), [*map(str, names)])
    return documents.nearest_names(name, names)


def unknown_name(path: str, what: str, name: object, existing: Iterable[object], near: Sequence[str]) -> Fault:
    """Return the fault of a name that does not exist: the nearest that do, or all if few, or where they are."""
    names = sorted(map(str, existing))
    if near or len(names) <= MAX_LISTED_NAMES:
        remedy = f"use one of: {', '.join(near or names)}"
    elif what in LISTS:
        remedy = f"use one that GET {LISTS[what]} lists"
    else:
        remedy = f"use one of: {', '.join(names[:MAX_LISTED_NAMES])} and {len(names) - MAX_LISTED_NAMES} others"
    return Fault(path, f"unknown {what}", remedy, redact_for_display(name), tuple(near))


def redact_for_display(value: object) -> object:
    """Return a value as a fault repeats it: short scalars as sent, long text cut, anything else by its type alone."""
    if isinstance(value, str):
        return value if len(value) <= 100 else value[:97] + "..."
    if isinstance(value, bool | int | float):
        return value if abs(value) < 1e15 else "a very large number"
    return "(object)" if isinstance(value, dict) else "(list)"


def answer_too_long(
    detail: str, path: str, message: str, remedy: str, *, budget: str | None = None, limit: int | None = None
) -> Problem:
    """Return the problem of an answer that would be too long: its budget, and the field that makes it so."""
    extra: dict[str, object] = {} if budget is None else {"budget": budget, "limit": limit}
    return Problem("too-many-obligations", detail, [Fault(path, message, remedy)], extra=extra)


def nothing_here() -> Problem:
    """Return the problem of an address that does not exist."""
    fault = Fault("(address)", "there is nothing here", "use one that GET /openapi.json lists")
    return Problem("not-found", "There is nothing at this address.", [fault])


def no_such_place(parameter: str) -> Problem:
    """Return the problem of a page that is to begin where no page of the list does."""
    fault = Fault(parameter, "this is no place in the list", "take next of the page before, or leave it out")
    return Problem("invalid-request", "The place to go on from is not one of ours.", [fault])


def overloaded() -> Problem:
    """Return the problem of a request that too many others are before."""
    return Problem(
        "overloaded",
        "Too much work is waiting to be done; short calculations are answered as before.",
        headers={"Retry-After": RETRY_SECONDS},
    )


def summarise(faults: Sequence[Fault]) -> str:
    """Return how many faults were found, as the detail of a problem, which lists the first 200."""
    number = len(faults)
    if number > MAX_FAULTS:
        return f"More than {MAX_FAULTS} faults found; `errors` lists the first {MAX_FAULTS}."
    return f"{number} fault{'s' if number != 1 else ''} found; `errors` lists {'them all' if number != 1 else 'it'}."

"""Show each kind of problem with an answer of its own: what was wrong, where, and what mends it."""

from __future__ import annotations

from typing import Any

from app.engine.calculate import MAX_OBLIGATIONS
from app.services.problems import TITLES, Fault, Problem

COMPONENT = "#/components/examples/{kind}"
SHOWN: dict[str, tuple[str, Fault | None]] = {
    "bad-request": (
        "The request is not valid HTTP.",
        Fault(
            "Host",
            "a request of HTTP/1.1 has one Host header",
            "send one Host header: a name or an address, and a port where it has one",
        ),
    ),
    "invalid-json": (
        "The body is not JSON.",
        Fault("(body)", "it ends too early, at line 3, column 1", "close what was opened, or send the whole body"),
    ),
    "invalid-request": (
        "1 fault found; `errors` lists it.",
        Fault(
            "event.type",
            "unknown event",
            "use one of: strategy_discussion_held",
            "strategy_discusion",
            ("strategy_discussion_held",),
        ),
    ),
    "event-does-not-start-duty": (
        "1 fault found; `errors` lists it.",
        Fault(
            "duty",
            "icpc_held never starts this duty under swindon",
            "send one of these events: strategy_discussion_held",
            nearest=("strategy_discussion_held",),
        ),
    ),
    "no-version-in-force": (
        "1 fault found; `errors` lists it.",
        Fault(
            "profile_version",
            "no version of york was in force on 2015-01-05",
            "send profile_version to count by one of them all the same: 1",
        ),
    ),
    "too-many-obligations": (
        f"An answer holds at most {MAX_OBLIGATIONS} obligations.",
        Fault("until", "too many obligations fall up to this day", "send an earlier until"),
    ),
    "not-found": (
        "There is no profile swindn.",
        Fault("profile", "unknown profile", "use one of: swindon", "swindn", ("swindon",)),
    ),
    "precondition-failed": (
        "The draft was changed meanwhile.",
        Fault("If-Match", "the draft was changed meanwhile", "read it again and decide anew"),
    ),
    "unauthenticated": (
        "Send a key as X-API-Key, or a token.",
        Fault("X-API-Key", "no valid key or token was sent", "send a key as X-API-Key, or a token as bearer"),
    ),
    "forbidden": (
        "This needs the scope calculate, which the key or token does not have.",
        Fault("X-API-Key", "the scope calculate is missing", "use a key or token that has it"),
    ),
    "too-many-requests": (
        "At most 60 per 1 minute for each caller; wait 12 seconds.",
        Fault("(request)", "too many were sent before this one", "send it again in 12 seconds"),
    ),
    "not-ready": ("No profile and calendar are loaded yet.", None),
}


def example_of(kind: str) -> dict[str, str]:
    """Return the reference to a kind's example, as a response names it."""
    return {"$ref": COMPONENT.format(kind=kind)}


def problem_examples() -> dict[str, Any]:
    """Return the example of every kind of problem, by its name, for the document's components."""
    return {kind: {"summary": title, "value": _shown(kind, title)} for kind, (_, title) in TITLES.items()}


def _shown(kind: str, title: str) -> dict[str, object]:
    detail, fault = SHOWN.get(kind, (f"{title}.", None))
    return Problem(kind, detail, [fault] if fault is not None else []).as_json()

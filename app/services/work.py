"""Bound the work of one request: what it may cost, and that it ends where nobody waits for the answer any more.

A route states a `WorkBudget`. What works for the request counts here (each event calculated is a step, each obligation
and each part of the answer is counted), and a request that would cost more is refused with the name of the budget. The
steps are also where a request is stopped whose caller has gone. Without a request, as on the command line, nothing is
bounded.
"""

from __future__ import annotations

from contextvars import ContextVar
from typing import NamedTuple

from app.services.event_loop import require_thread
from app.services.problems import Fault, Problem, answer_too_long

MIB = 1024 * 1024
MAX_ANSWER_BYTES = 16 * MIB
# An event is calculated in the tenth of a millisecond.
MAX_LOOP_STEPS = 5
# Of a comparison: so many events, and obligations of all events on both sides, or of all profiles.
MAX_COMPARED_EVENTS = 1_000
MAX_COMPARED_OBLIGATIONS = 50_000


class WorkBudget(NamedTuple):
    """What one request to a route may cost at most; None where the route has no such work."""

    answer_bytes: int = MAX_ANSWER_BYTES
    obligations: int | None = None
    steps: int | None = None
    """Events calculated under one version each."""


class CallerGone(Exception):
    """The caller has closed the connection: nobody waits for the answer."""


class Work:
    """Count the work of one request. Raises Problem where it would cost more than its budget."""

    def __init__(self, budget: WorkBudget) -> None:
        self.budget = budget
        self.exceeded: Problem | None = None
        """The problem that the request was refused with, once it was."""
        self._obligations = 0
        self._steps = 0
        self._bytes = 0
        self._stopped = False

    def stop(self) -> None:
        """Let the next step raise CallerGone. May be called from another thread."""
        self._stopped = True

    def check(self) -> None:
        """Raise CallerGone if nobody waits for the answer."""
        if self._stopped:
            raise CallerGone

    def count_step(self) -> None:
        """Count one event calculated under one version."""
        self.check()
        self._steps += 1
        if self._steps > MAX_LOOP_STEPS:
            require_thread()
        if self.budget.steps is not None and self._steps > self.budget.steps:
            self._refuse(too_many_steps(self.budget.steps))

    def count_obligations(self, number: int) -> None:
        """Count obligations of the answer, or of what it compares."""
        self._obligations += number
        if self.budget.obligations is not None and self._obligations > self.budget.obligations:
            self._refuse(too_many_obligations(self.budget.obligations))

    def count_bytes(self, number: int) -> None:
        """Count bytes of the answer as it is put together."""
        self._bytes += number
        if self._bytes > self.budget.answer_bytes:
            self._refuse(too_many_bytes(self.budget.answer_bytes))

    def _refuse(self, problem: Problem) -> None:
        self.exceeded = problem
        raise problem


CURRENT: ContextVar[Work | None] = ContextVar("work", default=None)


def count_step() -> None:
    """Count one event calculated, where a request is being worked for. Raises Problem, CallerGone."""
    work = CURRENT.get()
    if work is not None:
        work.count_step()


def count_bytes(number: int) -> None:
    """Count bytes of the answer, where a request is being worked for. Raises Problem."""
    work = CURRENT.get()
    if work is not None:
        work.count_bytes(number)


def check() -> None:
    """Raise CallerGone if a request is being worked for and its caller has gone. For loops that count nothing."""
    work = CURRENT.get()
    if work is not None:
        work.check()


def too_many_steps(limit: int) -> Problem:
    """Return the problem of a request that would calculate too many events."""
    fault = Fault("(request)", "too many events would be calculated", "send fewer events, profiles or cases")
    detail = f"One request here calculates at most {limit} events, each under one version."
    return Problem("too-much-work", detail, [fault], extra={"budget": "steps", "limit": limit})


def too_many_obligations(limit: int) -> Problem:
    """Return the problem of an answer with too many obligations in all."""
    return answer_too_long(
        f"One answer here holds or compares at most {limit} obligations.",
        "until",
        "too many obligations in all",
        "send an earlier until, or fewer events or items",
        budget="obligations",
        limit=limit,
    )


def too_many_bytes(limit: int) -> Problem:
    """Return the problem of an answer of too many bytes."""
    return answer_too_long(
        f"One answer here has at most {limit / MIB:g} MiB.",
        "until",
        "the answer has too many bytes",
        "send an earlier until, fewer events or items, or leave out explain",
        budget="answer_bytes",
        limit=limit,
    )

"""Find what one event makes of one duty: its due dates, what waits for facts, and what the facts exclude."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from app.engine.duties import duties_started
from app.engine.months import add_months
from app.engine.results import Calculation, NotApplicable, Obligation, Undetermined
from app.services.calculation.request import ResolvedRequest
from app.services.calculation.response import calculate

YEARS_AHEAD = 3


class DutyResult(NamedTuple):
    """What an event makes of a duty and its kinds."""

    request: ResolvedRequest
    """What was calculated: with `until` where the duty comes only later in a series."""
    due: list[Obligation]
    """The due dates, the earliest first."""
    pending: list[Undetermined]
    excluded: list[NotApplicable]
    warnings: tuple[str, ...]


def one_duty(request: ResolvedRequest, kinds: frozenset[str], number: int = 1) -> DutyResult:
    """Return the due dates of a duty: the next of each rule, or three years of them where `number` is more.

    So does a duty that comes only later in a series, such as the second review of a child who just became looked
    after. `kinds` is the duty with those that are kinds of it.
    """
    soonest = _of_duty(request, kinds)
    series = [item for item in request.profile.profile.by_event.get(request.event, ()) if item.rule.recurring]
    if request.until is None and len(soonest.due) < number and any(kinds & duties_started(item) for item in series):
        later = _of_duty(replace(request, until=add_months(request.moment.day, 12 * YEARS_AHEAD)), kinds)
        return later if later.due else later._replace(pending=soonest.pending or later.pending)
    return soonest


def _of_duty(request: ResolvedRequest, kinds: frozenset[str]) -> DutyResult:
    result = calculate(request)
    return DutyResult(
        request,
        sorted((item for item in result.obligations if item.duty in kinds), key=lambda item: item.due_at),
        pending_of(result, kinds),
        [item for item in result.not_applicable if kinds & item.rule.duties],
        result.warnings,
    )


def pending_of(result: Calculation, kinds: frozenset[str]) -> list[Undetermined]:
    """Return what is undetermined of a duty and its kinds."""
    return [item for item in result.undetermined if kinds & item.rule.duties]

"""Check a date that somebody else computed: right, early or late, and what would give it."""

from __future__ import annotations

from app.engine.civil_time import Moment, last_second
from app.engine.compiled_profile import Rule
from app.engine.results import Calculation, Obligation
from app.services.calculation.one_duty import one_duty
from app.services.calculation.request import ResolvedRequest
from app.services.calculation.response import (
    Json,
    calculate,
    calendar_stamp,
    not_applicable,
    obligation,
    profile_stamp,
    request_warnings,
    undetermined,
)
from app.services.date_check.causes import find_causes
from app.services.date_check.request import CheckRequest, resolve_check
from app.services.snapshot.snapshot import Snapshot
from app.services.validation import Faults, read
from app.services.zone import LONDON


def check_date(snapshot: Snapshot, body: object) -> Json:
    """Check a date for one duty that the event starts.

    `verdict` is `right`, `early`, `late`, `undetermined` (facts are missing) or `not_applicable`. `days` is the
    difference from the right date to the one sent. If several due dates belong to the duty, each is compared, and the
    nearest is `expected`. Raises Problem with every fault at once.
    """
    request = read(CheckRequest, body, snapshot)
    faults = Faults()
    resolved = resolve_check(faults, snapshot, request)
    faults.raise_any()
    assert resolved is not None
    if request.duty is not None:
        resolved = one_duty(resolved, frozenset({request.duty})).request
    return _compare(snapshot, resolved, calculate(resolved), request)


def _compare(snapshot: Snapshot, resolved: ResolvedRequest, result: Calculation, sent: CheckRequest) -> Json:
    duty, rule, claimed = sent.duty, sent.rule, sent.date.moment

    kinds = resolved.profile.profile.vocabulary.kinds(duty) if duty is not None else frozenset()

    def meant(item_duty: str, item_rule: str) -> bool:
        return (duty is None or item_duty in kinds) and (rule is None or item_rule == rule)

    def of_rule(item: Rule) -> bool:
        return any(meant(name, item.id) for name in item.duties)

    limits = [item for item in result.obligations if meant(item.duty, item.rule.id)]
    pending = [item for item in result.undetermined if of_rule(item.rule)]
    excluded = [item for item in result.not_applicable if of_rule(item.rule)]
    body: Json = {
        "profile": profile_stamp(resolved.profile),
        "calendar": calendar_stamp(resolved.calendar),
        "event": {"type": resolved.event, "occurred_at": resolved.occurred_at},
        "date": sent.date.text,
        "duty": duty,
        "rule": rule,
        "undetermined": [undetermined(item) for item in pending],
        "not_applicable": [not_applicable(item) for item in excluded],
        "warnings": [*request_warnings(resolved), *result.warnings],
        "reference": resolved.reference,
    }
    if not limits:
        verdict = "undetermined" if pending else "not_applicable"
        empty: Json = {"verdict": verdict, "days": None, "hours": None, "expected": None, "limits": []}
        return {**body, **empty, "explained_by": []}
    compared = [(_distance(item, claimed), item) for item in limits]
    (days, hours), nearest = min(compared, key=lambda pair: (abs(pair[0][0]), abs(pair[0][1] or 0), pair[1].due_at))
    return {
        **body,
        "verdict": _verdict(days, hours),
        "days": days,
        "hours": hours,
        "expected": obligation(nearest),
        "limits": [
            {
                "rule": item.rule.id,
                "occurrence": item.occurrence,
                "due_date": item.due_date.isoformat(),
                "due_at": item.due_at.isoformat(),
                "verdict": _verdict(*distance),
                "days": distance[0],
            }
            for distance, item in compared
        ],
        "explained_by": find_causes(snapshot, resolved, nearest, claimed) if (days, hours or 0) != (0, 0) else [],
    }


def _distance(item: Obligation, claimed: Moment) -> tuple[int, float | None]:
    """Return the days from the right date to the one sent, and the hours if both have a time of day."""
    days = (claimed.day - item.due_date).days
    if claimed.at is None or item.due_at == last_second(item.due_date, LONDON):
        return days, None
    return days, round((claimed.at - item.due_at).total_seconds() / 3600, 2)


def _verdict(days: int, hours: float | None) -> str:
    apart = hours if hours is not None else days
    if apart == 0:
        return "right"
    return "late" if apart > 0 else "early"

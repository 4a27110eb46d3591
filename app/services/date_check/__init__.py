"""Check a date that somebody else computed: right, early or late, and what would have given it."""

from __future__ import annotations

from collections.abc import Mapping

from app.engine.civil_time import Moment, last_second
from app.engine.results import Calculation, Obligation
from app.services.calculation.request import ResolvedRequest, read_request
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
from app.services.member_reading import read_time
from app.services.problems import Problem
from app.services.snapshot.snapshot import Snapshot
from app.services.validation import ABSENT, Faults
from app.services.zone import LONDON

OWN_KEYS = frozenset({"duty", "rule", "date"})


def check_date(snapshot: Snapshot, body: object) -> Json:
    """Check a date for one duty that the event starts.

    `verdict` is `right`, `early`, `late`, `undetermined` (facts are missing) or `not_applicable`. `days` is the
    difference from the right date to the one sent. If several due dates belong to the duty, each is compared, and the
    nearest is `expected`. Raises Problem with every fault at once.
    """
    faults = Faults()
    table: Mapping[str, object] = body if isinstance(body, Mapping) else {}
    plain: object = {k: v for k, v in table.items() if k not in OWN_KEYS} if isinstance(body, Mapping) else body
    request: ResolvedRequest | None = None
    try:
        request = read_request(snapshot, plain)
    except Problem as problem:
        faults.kind = problem.kind
        faults.found += list(problem.faults)
    claimed = read_time(faults, table.get("date"), "date")
    if isinstance(body, Mapping) and table.get("date") in ABSENT:
        faults.add("date", "this field is missing", "add the date to be checked")
    _check_names(faults, request, table)
    faults.raise_any()
    if request is None or claimed is None:
        raise Problem("invalid-request", "The request is incomplete.")
    return _compare(snapshot, request, calculate(request), claimed, table)


def _check_names(faults: Faults, request: ResolvedRequest | None, table: Mapping[str, object]) -> None:
    duty, rule = table.get("duty"), table.get("rule")
    if table and duty in ABSENT and rule in ABSENT:
        faults.add("duty", "this field is missing", "add duty, or rule")
    if request is None:
        return
    profile = request.profile.profile
    if duty not in ABSENT and (not isinstance(duty, str) or duty not in profile.vocabulary.duties):
        faults.unknown("duty", "duty", duty, set(profile.vocabulary.duties))
    if rule not in ABSENT and (not isinstance(rule, str) or profile.rule(rule) is None):
        faults.unknown("rule", "rule", rule, {item.id for item in profile.rules})


def _compare(
    snapshot: Snapshot, request: ResolvedRequest, result: Calculation, claimed: Moment, table: Mapping[str, object]
) -> Json:
    duty, rule = table.get("duty") or None, table.get("rule") or None

    def meant(item_duty: str, item_rule: str) -> bool:
        return (duty is None or item_duty == duty) and (rule is None or item_rule == rule)

    limits = [item for item in result.obligations if meant(item.duty, item.rule.id)]
    pending = [item for item in result.undetermined if rule == item.rule.id or (rule is None and duty == item.duty)]
    excluded = [item for item in result.not_applicable if meant(item.rule.duty, item.rule.id)]
    body: Json = {
        "profile": profile_stamp(request.profile),
        "calendar": calendar_stamp(request.calendar),
        "event": {"type": request.event, "occurred_at": request.occurred_at},
        "date": table["date"],
        "duty": duty,
        "rule": rule,
        "undetermined": [undetermined(item) for item in pending],
        "not_applicable": [not_applicable(item) for item in excluded],
        "warnings": [*request_warnings(request), *result.warnings],
        "reference": request.reference,
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
        "explained_by": find_causes(snapshot, request, nearest, claimed) if (days, hours or 0) != (0, 0) else [],
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

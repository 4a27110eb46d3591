"""Give one event's due dates as flat objects, for callers that can neither build nor read nested JSON."""

from __future__ import annotations

from app.engine.months import add_months
from app.engine.results import Calculation, NotApplicable, Obligation, Undetermined
from app.services.calculation.earliest_possible import EarliestPossible, earliest_possible, pending_of
from app.services.calculation.flat_request import DueDateRequest, FlatRequest, resolve_flat
from app.services.calculation.request import ResolvedRequest
from app.services.calculation.response import Json, calculate, iso
from app.services.catalogue import duties_of_rule
from app.services.problems import Fault, Problem
from app.services.snapshot.snapshot import Snapshot
from app.services.validation import Faults, read

YEARS_AHEAD = 3
NOTHING = EarliestPossible(None, may_be_earlier=False)


def due_date(snapshot: Snapshot, body: object, model: type[FlatRequest] = DueDateRequest) -> Json:
    """Return the first due date of one duty that the event starts, or the one asked for by `occurrence`.

    Without a duty, returns `due_dates`: everything that the event starts, a flat object each. `status` says `due`,
    `due_unless` (a fact in `needs` could make it earlier: `earliest_due_at`), `undetermined` (`needs` lists the facts
    that would settle it) or `not_applicable` (the facts say no: `reason`); the fields are the same in each case. Raises
    Problem with every fault at once.
    """
    request = read(model, body, snapshot)
    faults = Faults()
    resolved = resolve_flat(faults, snapshot, request)
    faults.raise_any()
    assert resolved is not None
    if request.duty is None:
        return {"due_dates": _every_duty(resolved), **_stamp(resolved, calculate(resolved))}
    return _one_duty(resolved, request.duty, request.occurrence or 1)


def _one_duty(request: ResolvedRequest, duty: str, occurrence: int) -> Json:
    kinds = frozenset({duty})
    result = calculate(request)
    due, pending = _of_duty(result, kinds)
    if len(due) < occurrence and _continues(request, kinds):
        unfolded = calculate(request._replace(until=add_months(request.moment.day, 12 * YEARS_AHEAD)))
        due, later = _of_duty(unfolded, kinds)
        pending = pending or later
    stamp = _stamp(request, result)
    if len(due) >= occurrence:
        item = due[occurrence - 1]
        possible = earliest_possible(request, kinds, pending, item.due_at) if occurrence == 1 else NOTHING
        return {**_dated(item, pending, possible, occurrence, len(due) - occurrence), **stamp}
    if due:
        raise _too_far(duty, len(due))
    if pending:
        return {**_undated("undetermined", duty, pending[0].title), "needs": _needs(pending), **stamp}
    excluded = [item for item in result.not_applicable if kinds & duties_of_rule(item.rule)]
    title = excluded[0].rule.title if excluded else ""
    return {**_undated("not_applicable", duty, title), "reason": _reason(excluded), **stamp}


def _every_duty(request: ResolvedRequest) -> list[Json]:
    """Return each due date of an event in the order of time, and then what is undetermined."""
    result = calculate(request)
    due = sorted(result.obligations, key=lambda item: item.due_at)
    rows: list[Json] = []
    stamp = _stamp(request, result)
    places: dict[str, int] = {}
    for item in due:
        kinds = frozenset({item.duty})
        pending = pending_of(result, kinds)
        occurrence = places[item.duty] = places.get(item.duty, 0) + 1
        possible = earliest_possible(request, kinds, pending, item.due_at) if occurrence == 1 else NOTHING
        more = sum(other.duty == item.duty for other in due) - occurrence
        rows.append({**_dated(item, pending, possible, occurrence, more), **stamp})
    waiting: dict[str, list[Undetermined]] = {}
    for other in result.undetermined:
        if other.duty not in places:
            waiting.setdefault(other.duty, []).append(other)
    return rows + [
        {**_undated("undetermined", duty, items[0].title), "needs": _needs(items), **stamp}
        for duty, items in waiting.items()
    ]


def _of_duty(result: Calculation, kinds: frozenset[str]) -> tuple[list[Obligation], list[Undetermined]]:
    """Return the due dates of a duty and its kinds, the earliest first, and what is undetermined of it."""
    due = sorted((item for item in result.obligations if item.duty in kinds), key=lambda item: item.due_at)
    return due, pending_of(result, kinds)


def _continues(request: ResolvedRequest, kinds: frozenset[str]) -> bool:
    """Return True if the event starts a series that has due dates of the duty later on."""
    series = [started.rule for started in request.profile.profile.by_event.get(request.event, ())]
    return any(rule.recurring and kinds & duties_of_rule(rule) for rule in series)


def _too_far(duty: str, number: int) -> Problem:
    message = f"the event gives {number} of {duty} in the {YEARS_AHEAD} years after it"
    fault = Fault("occurrence", message, f"send a number from 1 to {number}")
    return Problem("invalid-request", "There are fewer due dates of this duty.", [fault])


def _stamp(request: ResolvedRequest, result: Calculation) -> Json:
    return {
        "profile": request.profile.record.key,
        "profile_version": request.profile.version,
        "calendar": request.calendar.record.key,
        "calendar_version": request.calendar.version,
        "warnings": "; ".join(result.warnings),
    }


def _needs(pending: list[Undetermined]) -> str:
    return ", ".join(sorted({name for item in pending for name in item.needs}))


def _reason(excluded: list[NotApplicable]) -> str:
    return "; ".join(dict.fromkeys(item.because for item in excluded))


def _dated(
    item: Obligation, pending: list[Undetermined], possible: EarliestPossible, occurrence: int, more: int
) -> Json:
    return {
        "status": "due_unless" if possible.may_be_earlier else "due",
        "duty": item.duty,
        "title": item.template.title,
        "due_date": item.due_date.isoformat(),
        "due_at": item.due_at.isoformat(),
        "earliest_due_at": iso(possible.due_at),
        "last_working_day": iso(item.last_working_day),
        "occurrence": occurrence,
        "timing": item.template.timing,
        "section": ", ".join(source.section for source in item.template.sources),
        "document": ", ".join(dict.fromkeys(source.document for source in item.template.sources)),
        "responsible": ", ".join(item.template.responsible),
        "strength": item.template.strength,
        "rule": item.rule.id,
        "reading": item.template.reading or "",
        "alternative_due_dates": ", ".join(
            other.due_date.isoformat() for other in item.alternatives if other.due_date is not None
        ),
        "assumptions": "; ".join(item.assumptions),
        "reason": "",
        "projected": item.projected,
        "provisional": item.provisional,
        "needs": _needs(pending),
        "more": more,
    }


def _undated(status: str, duty: str, title: str) -> Json:
    texts = (
        "timing",
        "section",
        "document",
        "responsible",
        "strength",
        "rule",
        "reading",
        "alternative_due_dates",
        "assumptions",
        "reason",
        "needs",
    )
    return {
        "status": status,
        "duty": duty,
        "title": title,
        **dict.fromkeys(("due_date", "due_at", "earliest_due_at", "last_working_day", "occurrence")),
        **dict.fromkeys(texts, ""),
        "projected": False,
        "provisional": False,
        "more": 0,
    }

"""Give one event's due dates as flat objects, for callers that can neither build nor read nested JSON."""

from __future__ import annotations

from app.engine.results import NotApplicable, Obligation, Undetermined
from app.services.calculation.earliest_possible import EarliestPossible, earliest_possible
from app.services.calculation.flat_request import DueDateRequest, FlatRequest, resolve_flat
from app.services.calculation.one_duty import YEARS_AHEAD, one_duty, pending_of
from app.services.calculation.request import ResolvedRequest
from app.services.calculation.response import Json, calculate, iso, request_warnings
from app.services.problems import Fault, Problem
from app.services.snapshot.snapshot import Snapshot
from app.services.validation import Faults, read

NOTHING = EarliestPossible(None, may_be_earlier=False)


def due_date(snapshot: Snapshot, body: object, model: type[FlatRequest] = DueDateRequest) -> Json:
    """Return the first due date of one duty, or of its kinds, that an event starts, or the one that `occurrence` names.

    Without a duty, returns `due_dates`: everything that the event starts, a flat object each. `status` says `due`,
    `due_unless` (a fact in `needs` could make it earlier: `earliest_due_at`), `earliest` (no deadline: `not_before` is
    the first day on which it may be done), `undetermined` (`needs` lists the facts that would settle it) or
    `not_applicable` (the facts say no: `reason`); the fields are the same in each case. Raises Problem with every
    fault at once.
    """
    request = read(model, body, snapshot)
    faults = Faults()
    resolved = resolve_flat(faults, snapshot, request)
    faults.raise_any()
    assert resolved is not None
    if request.duty is None:
        return {
            "due_dates": _every_duty(resolved),
            **_stamp(resolved, _warnings(resolved, calculate(resolved).warnings)),
        }
    return _one_duty(resolved, request.duty, request.occurrence or 1)


def _one_duty(request: ResolvedRequest, duty: str, occurrence: int) -> Json:
    kinds = request.profile.profile.vocabulary.kinds(duty)
    result = one_duty(request, kinds, occurrence)
    stamp = _stamp(request, _warnings(request, result.warnings))
    if len(result.due) >= occurrence:
        item = result.due[occurrence - 1]
        possible = earliest_possible(result.request, kinds, result.pending, item.due_at) if occurrence == 1 else NOTHING
        return {**_dated(item, result.pending, possible, occurrence, len(result.due) - occurrence), **stamp}
    if result.due:
        raise _too_far(duty, len(result.due))
    if result.pending:
        return {**_undated("undetermined", duty, result.pending[0].title), "needs": _needs(result.pending), **stamp}
    title = result.excluded[0].rule.title if result.excluded else ""
    return {**_undated("not_applicable", duty, title), "reason": _reason(result.excluded), **stamp}


def _every_duty(request: ResolvedRequest) -> list[Json]:
    """Return each due date of an event in the order of time, and then what is undetermined."""
    result = calculate(request)
    due = sorted(result.obligations, key=lambda item: item.due_at)
    rows: list[Json] = []
    stamp = _stamp(request, _warnings(request, result.warnings))
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


def _warnings(request: ResolvedRequest, warnings: tuple[str, ...]) -> tuple[str, ...]:
    return (*request_warnings(request), *warnings)


def _too_far(duty: str, number: int) -> Problem:
    message = f"the event gives {number} of {duty} in the {YEARS_AHEAD} years after it"
    fault = Fault("occurrence", message, f"send a number from 1 to {number}")
    return Problem("invalid-request", "There are fewer due dates of this duty.", [fault])


def _stamp(request: ResolvedRequest, warnings: tuple[str, ...]) -> Json:
    return {
        "profile": request.profile.record.key,
        "profile_version": request.profile.version,
        "calendar": request.calendar.record.key,
        "calendar_version": request.calendar.version,
        "warnings": "; ".join(warnings),
    }


def _needs(pending: list[Undetermined]) -> str:
    return ", ".join(sorted({name for item in pending for name in item.needs}))


def _reason(excluded: list[NotApplicable]) -> str:
    """Return why the facts say no: what would have to be true, for each rule of the duty."""
    return "; ".join(dict.fromkeys(item.reason or f"only where {item.because}" for item in excluded))


def _dated(
    item: Obligation, pending: list[Undetermined], possible: EarliestPossible, occurrence: int, more: int
) -> Json:
    # An earliest day is no deadline: whoever makes a task of each due date finds none here.
    dated = item.template.kind != "earliest"
    status = "due_unless" if possible.may_be_earlier else "due"
    return {
        "status": status if dated else "earliest",
        "duty": item.duty,
        "title": item.template.title,
        "kind": item.template.kind,
        "due_date": item.due_date.isoformat() if dated else None,
        "due_at": item.due_at.isoformat() if dated else None,
        "earliest_due_at": iso(possible.due_at) if dated else None,
        "last_working_day": iso(item.last_working_day) if dated else None,
        "not_before": iso(item.not_before),
        "occurrence": occurrence,
        "timing": item.template.timing,
        "section": ", ".join(source.section for source in item.template.sources),
        "document": ", ".join(dict.fromkeys(source.document for source in item.template.sources)),
        "responsible": ", ".join(item.template.responsible),
        "strength": item.template.strength,
        "certainty": item.rule.certainty,
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
        "certainty",
        "kind",
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
        **dict.fromkeys(("due_date", "due_at", "earliest_due_at", "last_working_day", "not_before", "occurrence")),
        **dict.fromkeys(texts, ""),
        "projected": False,
        "provisional": False,
        "more": 0,
    }

"""Give one due date as one flat object, for callers that can neither build nor read nested JSON."""

from __future__ import annotations

from app.engine.months import add_months
from app.engine.results import Calculation, Obligation, Undetermined
from app.services.calculation.flat_request import DueDateRequest, FlatRequest, resolve_flat
from app.services.calculation.request import ResolvedRequest
from app.services.calculation.response import Json, calculate, iso, request_warnings
from app.services.silence import silent_pair
from app.services.snapshot.snapshot import Snapshot
from app.services.validation import Faults, read

YEARS_AHEAD = 3


def due_date(snapshot: Snapshot, body: object, model: type[FlatRequest] = DueDateRequest) -> Json:
    """Return the first obligation of one duty, or of its kinds where it is a general one, that the event starts.

    `status` says `due`, `earliest` (no deadline: `not_before` is the first day on which it may be done), `undetermined`
    (`needs` lists the facts that would settle it) or `not_applicable`; the fields are the same in each case. Raises
    Problem with every fault at once.
    """
    request = read(model, body, snapshot)
    faults = Faults()
    resolved, duty = resolve_flat(faults, snapshot, request), request.duty
    faults.raise_any()
    assert resolved is not None
    result = calculate(resolved)
    kinds = resolved.profile.profile.vocabulary.kinds(duty)
    due = [item for item in result.obligations if item.duty in kinds]
    pending = [item for item in result.undetermined if kinds & item.rule.duties]
    if not due:
        due, later = _later(resolved, kinds)
        pending = pending or later
    stamp: Json = {
        "profile": resolved.profile.record.key,
        "profile_version": resolved.profile.version,
        "calendar": resolved.calendar.record.key,
        "calendar_version": resolved.calendar.version,
        "warnings": "; ".join(_warnings(resolved, result, duty)),
    }
    if due:
        # An earliest day is no deadline: whoever makes a task of each due date finds none here.
        status = "earliest" if due[0].kind == "earliest" else "due"
        return {"status": status, **_due(due[0]), "needs": _needs(pending), "more": len(due) - 1, **stamp}
    status = "undetermined" if pending else "not_applicable"
    title = pending[0].title if pending else ""
    return {"status": status, **_nothing(duty, title), "needs": _needs(pending), "more": 0, **stamp}


def _warnings(request: ResolvedRequest, result: Calculation, duty: str) -> list[str]:
    """Return the warnings of an answer about one duty; one names the events that date it, where this one does not."""
    elsewhere = silent_pair(request.profile.profile, request.event, duty) if request.silence is None else None
    return [*request_warnings(request), *([elsewhere] if elsewhere is not None else []), *result.warnings]


def _later(request: ResolvedRequest, kinds: frozenset[str]) -> tuple[list[Obligation], list[Undetermined]]:
    """Return the first obligation of a duty that comes later in a series which the event starts, or what stops it."""
    series = [started.rule for started in request.profile.profile.by_event.get(request.event, ())]
    if not any(rule.recurring and kinds & rule.duties for rule in series):
        return [], []
    until = add_months(request.moment.day, 12 * YEARS_AHEAD)
    unfolded = calculate(request._replace(until=until))
    later = [item for item in unfolded.obligations if item.duty in kinds][:1]
    return later, [item for item in unfolded.undetermined if kinds & item.rule.duties]


def _needs(pending: list[Undetermined]) -> str:
    return ", ".join(sorted({name for item in pending for name in item.needs}))


def _due(item: Obligation) -> Json:
    dated = item.template.kind != "earliest"
    return {
        "duty": item.duty,
        "title": item.template.title,
        "kind": item.template.kind,
        "due_date": item.due_date.isoformat() if dated else None,
        "due_at": item.due_at.isoformat() if dated else None,
        "last_working_day": iso(item.last_working_day) if dated else None,
        "not_before": iso(item.not_before),
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
        "projected": item.projected,
        "provisional": item.provisional,
    }


def _nothing(duty: str, title: str) -> Json:
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
    )
    return {
        "duty": duty,
        "title": title,
        "due_date": None,
        "due_at": None,
        "last_working_day": None,
        "not_before": None,
        **dict.fromkeys(texts, ""),
        "projected": False,
        "provisional": False,
    }

"""Return one due date as a flat object, for callers that can neither build nor read nested JSON."""

from __future__ import annotations

from collections.abc import Mapping

from app.engine.facts import DATE_OF_BIRTH, EXPECTED_DELIVERY, FactSpec
from app.engine.months import add_months
from app.engine.results import Obligation, Undetermined
from app.services.calculation.fact_parsing import fact_from_text, fact_specs, integer_from_text
from app.services.calculation.request import ResolvedRequest, read_request
from app.services.calculation.response import Json, calculate, iso
from app.services.catalogue import duties_of_rule
from app.services.problems import Fault, Problem
from app.services.snapshot.snapshot import Snapshot
from app.services.validation import ABSENT, Faults

FIELDS = ("profile", "profile_version", "calendar", "calendar_version", "event", "at", "duty")
PERSONAL = (DATE_OF_BIRTH, EXPECTED_DELIVERY)
NUMBERS = ("profile_version", "calendar_version")
YEARS_AHEAD = 3


def from_query(snapshot: Snapshot, query: Mapping[str, str]) -> Json:
    """Return the fields of a query string, each by its own type.

    Raises Problem if a date about a child is in the URL, because URLs are written to logs.
    """
    refused = [name for name in PERSONAL if name in query]
    if refused:
        raise Problem(
            "invalid-request",
            "Dates of birth and delivery are not taken in a URL, because URLs are written to logs everywhere.",
            [
                Fault(name, "this fact is not taken in a URL", "send the same fields as JSON with POST /v1/due-dates")
                for name in refused
            ],
        )
    specs = fact_specs(snapshot, query.get("profile"))
    return {key: _from_text(specs, key, text) for key, text in query.items()}


def _from_text(specs: Mapping[str, FactSpec], key: str, text: str) -> object:
    if key in NUMBERS:
        return integer_from_text(text)
    return text if key in FIELDS else fact_from_text(specs.get(key), text)


def due_date(snapshot: Snapshot, given: Mapping[str, object]) -> Json:
    """Return the first obligation of one duty that the event starts.

    `status` says `due`, `undetermined` (`needs` lists the missing facts) or `not_applicable`; the fields
    are the same in each case. Raises Problem with every fault at once.
    """
    faults = Faults()
    facts = {key: value for key, value in given.items() if key not in FIELDS}
    duty = given.get("duty")
    for name in ("profile", "event", "at", "duty"):
        if given.get(name) in ABSENT:
            faults.add(name, "this field is missing", f"add {name}")
    body: Json = {
        "profile": given.get("profile"),
        "profile_version": given.get("profile_version"),
        "calendar": given.get("calendar"),
        "calendar_version": given.get("calendar_version"),
        "event": {"type": given.get("event"), "occurred_at": given.get("at")},
        "facts": facts,
    }
    try:
        request = read_request(snapshot, body)
    except Problem as problem:
        known = {fault.path for fault in faults.found}
        renamed = [_flat(fault) for fault in problem.faults]
        faults.kind = problem.kind
        faults.found += [fault for fault in renamed if fault.path not in known]
        faults.raise_any()
        raise
    offered = {name for rule in request.profile.profile.rules for name in duties_of_rule(rule)}
    if duty not in ABSENT and (not isinstance(duty, str) or duty not in offered):
        faults.unknown("duty", "duty", duty, offered)
    faults.raise_any()
    result = calculate(request)
    due = [item for item in result.obligations if item.duty == duty] or _later(request, str(duty))
    pending = [item for item in result.undetermined if duty in duties_of_rule(item.rule)]
    stamp: Json = {
        "profile": request.profile.record.key,
        "profile_version": request.profile.version,
        "calendar": request.calendar.record.key,
        "calendar_version": request.calendar.version,
        "warnings": "; ".join(result.warnings),
    }
    if due:
        return {"status": "due", **_due(due[0]), "needs": _needs(pending), "more": len(due) - 1, **stamp}
    status = "undetermined" if pending else "not_applicable"
    title = pending[0].title if pending else ""
    return {"status": status, **_nothing(str(duty), title), "needs": _needs(pending), "more": 0, **stamp}


def _later(request: ResolvedRequest, duty: str) -> list[Obligation]:
    """Return the first obligation of a duty that comes later in a series which the event starts."""
    series = [started.rule for started in request.profile.profile.by_event.get(request.event, ())]
    if not any(rule.recurring and duty in duties_of_rule(rule) for rule in series):
        return []
    until = add_months(request.moment.day, 12 * YEARS_AHEAD)
    unfolded = calculate(request._replace(until=until)).obligations
    return [item for item in unfolded if item.duty == duty][:1]


def _needs(pending: list[Undetermined]) -> str:
    return ", ".join(sorted({name for item in pending for name in item.needs}))


def _due(item: Obligation) -> Json:
    return {
        "duty": item.duty,
        "title": item.title,
        "due_date": item.due_date.isoformat(),
        "due_at": item.due_at.isoformat(),
        "last_working_day": iso(item.last_working_day),
        "timing": item.timing,
        "section": ", ".join(source.section for source in item.sources),
        "document": ", ".join(dict.fromkeys(source.document for source in item.sources)),
        "responsible": ", ".join(item.responsible),
        "strength": item.strength,
        "rule": item.rule.id,
        "reading": item.reading or "",
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
        **dict.fromkeys(texts, ""),
        "projected": False,
        "provisional": False,
    }


def _flat(fault: Fault) -> Fault:
    """Return a fault with its path as the flat call names it."""
    path = {"event.type": "event", "event.occurred_at": "at"}.get(fault.path, fault.path.removeprefix("facts."))
    return Fault(path, fault.message, fault.remedy, fault.value, fault.nearest)

"""Calculate a resolved request, and put the result into the contract's form: its names, JSON values, nothing else.

The fields of each shape are defined here once. `app.services.calculation.calculator` serialises the same definitions to
bytes, with what is constant written only once.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from hashlib import sha256

import orjson

from app import __version__
from app.engine.calculate import MAX_OBLIGATIONS, TooManyObligations
from app.engine.calculate import calculate as apply_rules
from app.engine.citations import NotComputable, Source
from app.engine.compiled_profile import ObligationTemplate
from app.engine.conditions import Checked
from app.engine.facts import DATE_OF_BIRTH
from app.engine.result_cache import DayResultCache
from app.engine.results import Alternative, Calculation, Explanation, NotApplicable, Obligation, Undetermined
from app.services.calculation.request import ResolvedRequest
from app.services.observability import metrics
from app.services.problems import answer_too_long
from app.services.silence import undated_at
from app.services.snapshot.snapshot import CalendarVersion, ProfileVersion
from app.services.work import CURRENT
from app.services.zone import LONDON, ZONE_DATA_VERSION

ENGINE_VERSION = __version__
ENGINE = {"version": ENGINE_VERSION}
UNBORN = "child_date_of_birth lies after the event: on that day the child had no age, and no rule for an age applies"

Json = dict[str, object]


def calculate_response(request: ResolvedRequest) -> Json:
    """Calculate a request, and return the response body. Raises Problem where it would be too long."""
    return to_response(request, calculate(request))


def calculate(request: ResolvedRequest, cache: DayResultCache | None = None) -> Calculation:
    """Return the engine's own result for a request, and count it. Raises Problem where it would be too long."""
    metrics.count_calculations(request.profile.record.key, request.profile.record.version)
    return calculate_uncounted(request, cache)


def calculate_uncounted(request: ResolvedRequest, cache: DayResultCache | None = None) -> Calculation:
    """Return the engine's own result for a request that the metrics count elsewhere. Raises Problem likewise.

    It is a step of the work for an HTTP request, which may end here.
    """
    work = CURRENT.get()
    if work is not None:
        work.count_step()
    try:
        result = apply_rules(
            request.profile.profile,
            request.event,
            request.moment,
            request.facts,
            request.calendar.calendar,
            LONDON,
            until=request.until,
            explained=request.explain,
            cache=cache,
        )
    except TooManyObligations:
        detail = f"An answer holds at most {MAX_OBLIGATIONS} obligations."
        raise answer_too_long(
            detail,
            "until",
            "too many obligations fall up to this day",
            "send an earlier until",
            budget="obligations",
            limit=MAX_OBLIGATIONS,
        ) from None
    if work is not None:
        work.count_obligations(len(result.obligations))
    return result


def to_response(request: ResolvedRequest, result: Calculation) -> Json:
    """Return the response body of a result."""
    return response_body(
        request,
        result,
        profile_stamp(request.profile),
        calendar_stamp(request.calendar),
        [obligation(item) for item in result.obligations],
        [undetermined(item) for item in result.undetermined],
    )


def response_body(
    request: ResolvedRequest,
    result: Calculation,
    profile: object,
    calendar: object,
    obligations: Iterable[object],
    waiting: Iterable[object],
) -> Json:
    """Put a response body together from its parts, each as JSON values or serialised already."""
    body: Json = {
        "calculation_id": calculation_id(request),
        "engine": ENGINE,
        "profile": profile,
        "calendar": calendar,
        "event": {"type": request.event, "occurred_at": request.occurred_at},
        "obligations": obligations,
        "undetermined": waiting,
        "warnings": [*request_warnings(request), *result.warnings],
        "reference": request.reference,
    }
    if request.explain:
        body["not_applicable"] = [not_applicable(item) for item in result.not_applicable]
    if request.explain or not (result.obligations or result.undetermined):
        body["not_computable"] = [not_computable(item) for item in undated_at(request.profile.profile, request.event)]
    return body


def calculation_id(request: ResolvedRequest) -> str:
    """Return the digest of the canonical request, without reference and explain, and of every version behind it."""
    moment, profile, calendar = request.moment, request.profile.record, request.calendar.record
    facts = request.facts
    # In the order of their names: to have them sorted takes longer.
    canonical = {
        "calendar": (calendar.key, calendar.version, calendar.checksum),
        "engine": ENGINE_VERSION,
        "event": (request.event, moment.at or moment.day),
        "facts": facts if len(facts) < 2 else dict(sorted(facts.items())),
        "profile": (profile.key, profile.version, profile.checksum),
        "until": request.until,
        "zone": ZONE_DATA_VERSION,
    }
    return "sha256:" + sha256(orjson.dumps(canonical)).hexdigest()


def profile_stamp(version: ProfileVersion) -> Json:
    """Return the profile version that answers."""
    record = version.record
    return {"key": record.key, "version": record.version, "checksum": record.checksum, "title": record.title}


def calendar_stamp(version: CalendarVersion) -> Json:
    """Return the calendar version that answers."""
    return {
        "key": version.record.key,
        "version": version.version,
        "checksum": version.record.checksum,
        "published_until": version.calendar.published_until.isoformat(),
    }


def request_warnings(request: ResolvedRequest) -> list[str]:
    """Return warnings about the request itself.

    A version pinned that is not in force, an `until` before the event, an event from which the profile starts nothing,
    a calendar that does not follow the one that it extends, a birth after the event. An unborn child has no age, so
    that is no fault; but a year of birth that was mistyped would otherwise pass without a word. The date is not
    repeated.
    """
    warnings = force_warnings(request) if request.pinned else []
    if request.silence is not None:
        warnings.append(request.silence)
    if request.behind is not None:
        warnings.append(request.behind)
    if request.until is not None and request.until < request.moment.day:
        warnings.append("until lies before the event: no recurring rule was unfolded")
    born = request.facts.get(DATE_OF_BIRTH)
    if isinstance(born, date) and born > request.moment.day:
        warnings.append(UNBORN)
    return warnings


def force_warnings(request: ResolvedRequest) -> list[str]:
    """Return a warning where the pinned version is not the one in force on the event's day."""
    version = request.profile
    if version.withdrawn_at is not None:
        return [f"version {version.version} of {version.record.key}, pinned by the request, was withdrawn"]
    if version.in_force_from is not None and request.moment.day < version.in_force_from:
        start = version.in_force_from.isoformat()
        return [
            f"version {version.version} of {version.record.key}, pinned by the request, is in force only from {start}"
        ]
    last = version.record.in_force_to
    if not version.record.has_force or (last is not None and request.moment.day > last):
        return [f"version {version.version} of {version.record.key}, pinned by the request, was no longer in force"]
    return []


def iso(day: date | None) -> str | None:
    """Return a date as JSON has it."""
    return day.isoformat() if day is not None else None


def sources(items: tuple[Source, ...]) -> list[Json]:
    """Return the paragraphs cited."""
    return [{"document": item.document, "section": item.section} for item in items]


def obligation(item: Obligation) -> Json:
    """Return one obligation in the contract's form."""
    body = fill_obligation(obligation_template(item.template), item)
    for name in DATES:
        value = body[name]
        if isinstance(value, date):
            body[name] = value.isoformat()
    return body


def obligation_template(parts: ObligationTemplate) -> Json:
    """Return every field of an obligation: those that a rule and its phase fix, and the others empty."""
    return {
        "rule": parts.rule.id,
        "phase": parts.phase,
        "duty": parts.duty,
        "title": parts.title,
        "responsible": list(parts.responsible),
        "kind": parts.kind,
        "occurrence": 1,
        "due_date": None,
        "due_at": None,
        "last_working_day": None,
        "not_before": None,
        "timing": parts.timing,
        "strength": parts.strength,
        "basis": parts.basis,
        "certainty": parts.rule.certainty,
        "source": sources(parts.sources),
        "reading": parts.reading,
        "alternatives": [],
        "assumptions": [],
        "warnings": [],
        "projected": False,
        "provisional": False,
        "explanation": None,
    }


DATES = ("due_date", "due_at", "last_working_day", "not_before")
OBLIGATION_VALUES = frozenset(
    {
        *DATES,
        "occurrence",
        "alternatives",
        "assumptions",
        "warnings",
        "projected",
        "provisional",
        "explanation",
    }
)
"""The fields that are each obligation's own; the others are fixed by its rule and phase."""


def fill_obligation(template: Json, item: Obligation) -> Json:
    """Return a copy of the template with what is this obligation's own."""
    _, occurrence, day, at, last, opens, alternatives, assumptions, projected, provisional, counting, warned = item
    body = template.copy()
    body["occurrence"] = occurrence
    body["due_date"] = day
    body["due_at"] = at
    body["last_working_day"] = last
    body["not_before"] = opens
    body["projected"] = projected
    body["provisional"] = provisional
    if alternatives:
        body["alternatives"] = [alternative(each) for each in alternatives]
    if assumptions:
        body["assumptions"] = list(assumptions)
    if warned:
        body["warnings"] = list(warned)
    if counting is not None:
        body["explanation"] = explanation(counting)
    return body


def alternative(item: Alternative) -> Json:
    """Return another reading's date."""
    return {
        "reading": item.reading,
        "due_date": iso(item.due_date),
        "due_at": item.due_at.isoformat() if item.due_at is not None else None,
        "section": item.section,
        "document": item.document,
        "needs": list(item.needs),
    }


def explanation(item: Explanation) -> Json:
    """Return the counting, to be followed with a wall calendar."""
    return {
        "day_zero": item.day_zero.isoformat(),
        "counted_in": item.counted_in,
        "steps": [{"date": step.date.isoformat(), "counted": step.counted, "note": step.note} for step in item.steps],
        "landed_on": item.landed_on.isoformat(),
        "conditions": checked(item.conditions),
    }


def checked(items: tuple[Checked, ...]) -> list[Json]:
    """Return each condition and whether it holds."""
    return [{"condition": item.text, "fact": item.fact, "held": item.holds} for item in items]


def undetermined(item: Undetermined) -> Json:
    """Return a rule that cannot be applied without further facts."""
    return {
        "rule": item.rule.id,
        "duty": item.duty,
        "title": item.title,
        "timing": item.timing,
        "reason": item.reason,
        "needs": list(item.needs),
        "from_date": iso(item.from_date),
        "source": sources(item.sources),
    }


def not_computable(item: NotComputable) -> Json:
    """Return a standard for which no date can be worked out, and why."""
    return {
        "id": item.id,
        "title": item.title,
        "reason": item.reason,
        "events": list(item.events),
        "duty": item.duty,
        "source": sources(item.sources),
        "note": item.note,
    }


def not_applicable(item: NotApplicable) -> Json:
    """Return a rule of this event that does not apply, and why."""
    return {
        "rule": item.rule.id,
        "duty": item.rule.duty,
        "title": item.rule.title,
        "because": item.because,
        "conditions": checked(item.checked),
        "source": sources(item.rule.sources),
    }

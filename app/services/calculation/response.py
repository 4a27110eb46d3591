"""A calculation as it is answered: the contract's names, plain JSON values, nothing that changes from run to run."""

from __future__ import annotations

from datetime import date
from hashlib import sha256

import orjson

from app import __version__
from app.engine.calculate import MOST_OBLIGATIONS, TooManyObligations, calculate
from app.engine.compiled_profile import Source
from app.engine.conditions import Checked
from app.engine.result_cache import Almanac
from app.engine.results import Alternative, Calculation, Explanation, NotApplicable, Obligation, Undetermined
from app.services.calculation.request import Request, canonical_moment
from app.services.observability import metrics
from app.services.ports import StoredCalendarVersion, StoredProfileVersion
from app.services.problems import answer_too_long
from app.services.snapshot.snapshot import CalendarVersion, ProfileVersion
from app.services.zone import LONDON, ZONE_DATA_VERSION

ENGINE_VERSION = __version__
# About 25 MB when full.
ALMANAC = Almanac(16_384)

Json = dict[str, object]


def answer(request: Request) -> Json:
    """Calculate and put into the contract's form. Raises Problem where the answer would be too long."""
    return present(request, perform(request))


def perform(request: Request) -> Calculation:
    """The engine's own result for a request. Raises Problem where the answer would be too long."""
    try:
        found = calculate(
            request.profile.profile,
            request.event,
            request.moment,
            request.facts,
            request.calendar.calendar,
            LONDON,
            until=request.until,
            explained=request.explain,
            almanac=ALMANAC,
        )
    except TooManyObligations:
        detail = f"An answer holds at most {MOST_OBLIGATIONS} obligations."
        raise answer_too_long(
            detail, "until", "too many obligations fall up to this day", "send an earlier until"
        ) from None
    metrics.count_calculation(request.profile.record.key, request.profile.version)
    return found


def present(request: Request, result: Calculation) -> Json:
    """A result in the contract's form."""
    body: Json = {
        "calculation_id": calculation_id(request),
        "engine": {"version": ENGINE_VERSION},
        "profile": profile_stamp(request.profile),
        "calendar": calendar_stamp(request.calendar),
        "event": {"type": request.event, "occurred_at": request.occurred_at},
        "obligations": [obligation(item) for item in result.obligations],
        "undetermined": [undetermined(item) for item in result.undetermined],
        "warnings": [*request_warnings(request), *result.warnings],
        "reference": request.reference,
    }
    if request.explain:
        body["not_applicable"] = [not_applicable(item) for item in result.not_applicable]
    return body


def calculation_id(request: Request) -> str:
    """The digest of the canonical request, without its reference and explain, and of every version that answered it."""
    facts = orjson.dumps(request.facts, option=orjson.OPT_SORT_KEYS).decode() if request.facts else "{}"
    until = f'"{request.until.isoformat()}"' if request.until is not None else "null"
    # The canonical form, put together here: its names are in order, and no key or moment holds what would be escaped.
    canonical = (
        f'{{"calendar":{_named(request.calendar.record)},"engine":"{ENGINE_VERSION}",'
        f'"event":["{request.event}","{canonical_moment(request.moment)}"],"facts":{facts},'
        f'"profile":{_named(request.profile.record)},"until":{until},"zone":"{ZONE_DATA_VERSION}"}}'
    )
    return "sha256:" + sha256(canonical.encode()).hexdigest()


def _named(record: StoredProfileVersion | StoredCalendarVersion) -> str:
    """A version as it goes into the digest."""
    return f'["{record.key}",{record.version},"{record.checksum}"]'


def profile_stamp(version: ProfileVersion) -> Json:
    """Which profile version answered."""
    record = version.record
    return {"key": record.key, "version": record.version, "checksum": record.checksum, "title": record.title}


def calendar_stamp(version: CalendarVersion) -> Json:
    """Which calendar version answered."""
    return {
        "key": version.record.key,
        "version": version.version,
        "checksum": version.record.checksum,
        "published_until": version.calendar.published_until.isoformat(),
    }


def request_warnings(request: Request) -> list[str]:
    """What has to be said of the request itself: a version pinned out of its force, a day asked for too early."""
    warnings = _force_warnings(request)
    if request.until is not None and request.until < request.moment.day:
        warnings.append("until lies before the event: no recurring rule was unfolded")
    return warnings


def _force_warnings(request: Request) -> list[str]:
    """What has to be said where a pinned version was not the one in force."""
    version = request.profile
    if not request.pinned:
        return []
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
    """A date as it is sent."""
    return day.isoformat() if day is not None else None


def sources(items: tuple[Source, ...]) -> list[Json]:
    """The paragraphs cited."""
    return [{"document": item.document, "section": item.section} for item in items]


def obligation(item: Obligation) -> Json:
    """One obligation in the contract's form."""
    return {
        "rule": item.rule.id,
        "phase": item.phase,
        "duty": item.duty,
        "title": item.title,
        "responsible": list(item.responsible),
        "kind": item.kind,
        "occurrence": item.occurrence,
        "due_date": item.due_date.isoformat(),
        "due_at": item.due_at.isoformat(),
        "last_working_day": iso(item.last_working_day),
        "not_before": iso(item.not_before),
        "timing": item.timing,
        "strength": item.strength,
        "basis": item.basis,
        "source": sources(item.sources),
        "reading": item.reading,
        "alternatives": [alternative(each) for each in item.alternatives],
        "assumptions": list(item.assumptions),
        "projected": item.projected,
        "provisional": item.provisional,
        "explanation": explanation(item.explanation) if item.explanation is not None else None,
    }


def alternative(item: Alternative) -> Json:
    """Another reading's date."""
    return {
        "reading": item.reading,
        "due_date": iso(item.due_date),
        "due_at": item.due_at.isoformat() if item.due_at is not None else None,
        "section": item.section,
    }


def explanation(item: Explanation) -> Json:
    """The counting, to be followed with a wall calendar."""
    return {
        "day_zero": item.day_zero.isoformat(),
        "counted_in": item.counted_in,
        "steps": [{"date": step.date.isoformat(), "counted": step.counted, "note": step.note} for step in item.steps],
        "landed_on": item.landed_on.isoformat(),
        "conditions": checked(item.conditions),
    }


def checked(items: tuple[Checked, ...]) -> list[Json]:
    """Each condition as it was found."""
    return [{"condition": item.text, "fact": item.fact, "held": item.held} for item in items]


def undetermined(item: Undetermined) -> Json:
    """A rule that waits for facts."""
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


def not_applicable(item: NotApplicable) -> Json:
    """A rule of this event that does not apply, and why."""
    return {
        "rule": item.rule.id,
        "duty": item.rule.duty,
        "title": item.rule.title,
        "because": item.because,
        "conditions": checked(item.checked),
        "source": sources(item.rule.sources),
    }

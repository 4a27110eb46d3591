"""An answer as bytes, the same to the byte as the JSON of `answers.present`, without building that first.

What is the same in every answer (an obligation's terms, the stamp of a version, the text of a day) is written once and
kept with the version it belongs to; only what is this answer's own is written anew.
"""

from __future__ import annotations

from datetime import date, datetime
from functools import lru_cache

import orjson

from app.engine.civil_time import last_second
from app.engine.compiled_profile import Terms
from app.engine.result_cache import Kept
from app.engine.results import Alternative, Calculation, Explanation, Obligation, Step, Undetermined
from app.services.calculation.request import Request
from app.services.calculation.response import (
    ENGINE_VERSION,
    calculation_id,
    calendar_stamp,
    checked,
    not_applicable,
    perform,
    profile_stamp,
    request_warnings,
    sources,
    undetermined,
)
from app.services.snapshot.snapshot import CalendarVersion, ProfileVersion
from app.services.zone import LONDON

ENGINE = f'"engine":{{"version":"{ENGINE_VERSION}"}}'
NOTHING_MORE = '[],"assumptions":[],"projected":false,"provisional":false,"explanation":null}'
TRUTH = {True: "true", False: "false"}
# Several for each rule; what facts it lacks differs from case to case, and only so many times.
MOST_WAITS = 2_000

Notes = dict[int, str]


def rendered_answer(request: Request) -> bytes:
    """Calculate and write the answer. Raises Problem where it would be too long."""
    return rendered(request, perform(request))


def rendered(request: Request, result: Calculation) -> bytes:
    """A result as it is sent."""
    profile, calendar = request.profile, request.calendar
    told = profile.told
    days: Notes = {}
    pieces: list[str] = []
    for item in result.obligations:
        pieces += (type(item) is Kept and item.written) or _obligation(item, told, days)
    if pieces:
        pieces[0] = pieces[0][1:]
    waiting = ",".join([_waiting(item, profile) for item in result.undetermined]) if result.undetermined else ""
    warnings: list[str] = []
    if request.pinned or request.until is not None or result.warnings:
        warnings = [*request_warnings(request), *result.warnings]
    tail = ""
    if request.explain:
        tail = f',"not_applicable":{_json([not_applicable(item) for item in result.not_applicable])}'
    # An event's key and a moment that was read hold nothing that JSON escapes.
    before = (
        f'{{"calculation_id":"{calculation_id(request)}",{ENGINE},"profile":{_profile(profile)},'
        f'"calendar":{_calendar(calendar)},"event":{{"type":"{request.event}",'
        f'"occurred_at":"{request.occurred_at}"}},"obligations":['
    )
    after = (
        f'],"undetermined":[{waiting}],"warnings":{_json(warnings) if warnings else "[]"},'
        f'"reference":{"null" if request.reference is None else _json(request.reference)}{tail}}}'
    )
    return "".join([before, *pieces, after]).encode()


def _json(value: object) -> str:
    return orjson.dumps(value).decode()


def _profile(version: ProfileVersion) -> str:
    found = version.told.get(0)
    if found is None:
        found = version.told[0] = (_json(profile_stamp(version)), "")
    return found[0]


def _waiting(item: Undetermined, version: ProfileVersion) -> str:
    if item.from_date is not None:
        return _json(undetermined(item))
    key = (id(item.rule), item.timing, item.reason, item.needs)
    text = version.waits.get(key)
    if text is None:
        if len(version.waits) >= MOST_WAITS:
            version.waits.clear()
        text = version.waits[key] = _json(undetermined(item))
    return text


def _calendar(version: CalendarVersion) -> str:
    if not version.told:
        version.told.append(_json(calendar_stamp(version)))
    return version.told[0]


def _terms(terms: Terms) -> tuple[str, str]:
    """What comes before an obligation's occurrence and dates, and what comes between them and its alternatives."""
    head = {
        "rule": terms.rule.id,
        "phase": terms.phase,
        "duty": terms.duty,
        "title": terms.title,
        "responsible": list(terms.responsible),
        "kind": terms.kind,
    }
    middle = {
        "timing": terms.timing,
        "strength": terms.strength,
        "basis": terms.basis,
        "source": sources(terms.sources),
        "reading": terms.reading,
    }
    return f',{_json(head)[:-1]},"occurrence":', f',{_json(middle)[1:-1]},"alternatives":'


def _obligation(item: Obligation, told: dict[int, tuple[str, str]], days: Notes) -> tuple[str, str, str, str]:
    """One obligation after a comma, in pieces: two that hold for every day alternate with two of this day's own."""
    terms, occurrence, day, at, last, opens, others, assumptions, projected, provisional, explanation = item
    known = told.get(id(terms))
    if known is None:
        known = told[id(terms)] = _terms(terms)
    dates = _whole_day(day, last) if at is last_second(day, LONDON) else _dates(day, at.isoformat(), last)
    if others or assumptions or explanation is not None or projected or provisional:
        rest = (
            f"[{','.join([_alternative(each) for each in others]) if others else ''}]"
            f',"assumptions":[{",".join([_text(each) for each in assumptions]) if assumptions else ""}],'
            f'"projected":{TRUTH[projected]},'
            f'"provisional":{TRUTH[provisional]},"explanation":'
            f"{'null' if explanation is None else _explanation(explanation, days)}}}"
        )
    else:
        rest = NOTHING_MORE
    pieces = (known[0], f'{occurrence}{dates}"not_before":{_day(opens)}', known[1], rest)
    if type(item) is Kept:
        # What an almanac holds was never explained, and so says nothing that belongs to one answer only.
        item.written = pieces
    return pieces


@lru_cache(maxsize=1 << 14)
def _whole_day(day: date, last: date | None) -> str:
    return _dates(day, _last_second(day), last)


def _dates(day: date, at: str, last: date | None) -> str:
    return f',"due_date":"{day.isoformat()}","due_at":"{at}","last_working_day":{_day(last)},'


def _alternative(item: Alternative) -> str:
    reading, day, at, section = item
    where = "null" if section is None else _text(section)
    if day is None or at is None:
        return f'{{"reading":{_text(reading)},"due_date":{_day(day)},"due_at":null,"section":{where}}}'
    ends = _last_second(day) if _is_last_second(at) else at.isoformat()
    return f'{{"reading":{_text(reading)},"due_date":"{day.isoformat()}","due_at":"{ends}","section":{where}}}'


def _is_last_second(at: datetime) -> bool:
    return at.hour == 23 and at.minute == 59 and at.second == 59 and not at.microsecond


@lru_cache(maxsize=1 << 14)
def _last_second(day: date) -> str:
    return last_second(day, LONDON).isoformat()


@lru_cache(maxsize=1 << 12)
def _text(text: str) -> str:
    return _json(text)


def _day(day: date | None) -> str:
    return "null" if day is None else f'"{day.isoformat()}"'


def _explanation(item: Explanation, days: Notes) -> str:
    steps = ",".join([days.get(id(step)) or _step(step, days) for step in item.steps])
    return (
        f'{{"day_zero":"{item.day_zero.isoformat()}","counted_in":{_json(item.counted_in)},"steps":[{steps}],'
        f'"landed_on":"{item.landed_on.isoformat()}","conditions":{_json(checked(item.conditions))}}}'
    )


def _step(step: Step, days: Notes) -> str:
    """One line of the counting: limits counted from one day share their lines, which are written once in an answer."""
    counted = "null" if step.counted is None else step.counted
    text = days[id(step)] = f'{{"date":"{step.date.isoformat()}","counted":{counted},"note":{_json(step.note)}}}'
    return text

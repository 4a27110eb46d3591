"""Find what gives a wrong date: another reading, another version, or a mistake, each by counting again."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from app.engine.calculate import ContradictedFact, TooManyObligations, calculate
from app.engine.civil_time import Moment
from app.engine.compile_profile import compile_profile
from app.engine.results import Obligation
from app.services.calculation.request import ResolvedRequest
from app.services.calculation.response import Json
from app.services.date_check.mistakes import Mistake, Recount, possible_mistakes
from app.services.snapshot.snapshot import Snapshot
from app.services.zone import LONDON


def find_causes(snapshot: Snapshot, request: ResolvedRequest, expected: Obligation, claimed: Moment) -> list[Json]:
    """Return every single cause that gives exactly the day sent; if there is none, every pair of mistakes that does."""
    causes = [*_readings(expected, claimed), *_versions(snapshot, request, expected, claimed)]
    recount = Recount(expected.rule, request.moment, dict(request.facts), request.calendar.calendar)
    applicable: list[Mistake] = []
    for mistake in possible_mistakes(snapshot, request):
        made = mistake.make(recount)
        if made is None:
            continue
        applicable.append(mistake)
        if _gives(request, expected, made, claimed):
            causes.append({"kind": "mistake", "codes": [mistake.code], "text": mistake.text})
    if causes or claimed.day == expected.due_date:
        return causes
    for first, second in combinations(applicable, 2):
        made = _make_both(recount, first, second)
        if made is not None and _gives(request, expected, made, claimed):
            text = f"{first.text}; and {second.text}"
            causes.append({"kind": "mistake", "codes": [first.code, second.code], "text": text})
    return causes


def _make_both(recount: Recount, first: Mistake, second: Mistake) -> Recount | None:
    made = first.make(recount)
    return second.make(made) if made is not None else None


def _readings(expected: Obligation, claimed: Moment) -> Iterator[Json]:
    for other in expected.alternatives:
        if other.due_date == claimed.day and other.due_date != expected.due_date:
            yield {"kind": "reading", "codes": [], "text": other.reading, "section": other.section}


def _versions(snapshot: Snapshot, request: ResolvedRequest, expected: Obligation, claimed: Moment) -> Iterator[Json]:
    """Yield the other versions of the profile that give the day, though not in force at the event."""
    key = request.profile.record.key
    for version in snapshot.profiles.get(key, ()):
        if version.version == request.profile.version or request.event not in version.vocabulary.events:
            continue
        facts = {name: value for name, value in request.facts.items() if name in version.profile.vocabulary.facts}
        try:
            result = calculate(
                version.profile,
                request.event,
                request.moment,
                facts,
                request.calendar.calendar,
                LONDON,
                until=request.until,
            )
        except (TooManyObligations, ContradictedFact):
            continue
        days = {item.due_date for item in result.obligations if item.duty == expected.duty}
        if claimed.day in days and expected.due_date != claimed.day:
            text = f"version {version.version} of {key} gives this date, but was not in force on the day of the event"
            yield {"kind": "version", "codes": [], "text": text, "profile_version": version.version}


def _gives(request: ResolvedRequest, expected: Obligation, recount: Recount, claimed: Moment) -> bool:
    profile = request.profile.profile
    alone = compile_profile(
        key=profile.key,
        title=profile.title,
        calendar=profile.calendar,
        rules=(recount.rule,),
        vocabulary=profile.vocabulary,
    )
    facts = dict(recount.facts)
    if recount.moment.day != request.moment.day:
        for fact in profile.vocabulary.events[request.event].sets:
            facts.pop(fact, None)
    try:
        result = calculate(alone, request.event, recount.moment, facts, recount.calendar, LONDON, until=request.until)
    except (TooManyObligations, ContradictedFact, OverflowError):
        return False
    for item in result.obligations:
        if item.occurrence == expected.occurrence:
            day = recount.adjust_result(item.due_date) if recount.adjust_result is not None else item.due_date
            return day == claimed.day and (day != expected.due_date or item.due_at == claimed.at)
    return False

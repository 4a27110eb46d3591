"""One limit made into an obligation: what the rule and its phase say, and how the date stands to the calendar."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from app.engine.conditions import Verdict
from app.engine.counting import Limit
from app.engine.explain import explain
from app.engine.facts import Situation, WorkingCalendar
from app.engine.limits import Found
from app.engine.model import Rule, Source, Started
from app.engine.outcome import Alternative, Obligation
from app.engine.phases import AS_THE_RULE, First, Phase
from app.engine.readings import Dated
from app.engine.series import Series


def obligation(
    started: Started,
    main: Dated[Found],
    others: Sequence[Dated[Found]],
    verdict: Verdict,
    occurrence: int,
    situation: Situation,
    noun: str,
    *,
    explained: bool,
) -> Obligation:
    """The main reading's limit as an obligation, the other readings' beside it."""
    found = main.found
    assert found is not None
    rule, limit, phase = started.rule, found.limit, found.phase
    says = phase.says if phase is not None else AS_THE_RULE
    last, provisional = standing(limit, situation.calendar)
    alternatives = [_alternative(started, item) for item in others]
    if found.other is not None:
        alternatives.append(_across(*found.other))
    reading = says.reading or rule.reading
    if main.reading.text:
        reading = f"{main.reading.text}; {reading}" if reading else main.reading.text
    notes = situation.moment.assumptions + verdict.assumptions + limit.assumptions
    return Obligation(
        rule=rule,
        phase=says.id or None,
        duty=says.duty or rule.duty,
        title=says.title or rule.title,
        responsible=says.responsible or rule.responsible,
        kind=main.reading.timing.kind,
        occurrence=occurrence,
        due_date=limit.day,
        due_at=limit.at,
        last_working_day=last,
        not_before=limit.opens,
        timing=_words(started, main),
        strength=says.strength or rule.strength,
        basis=rule.basis,
        sources=_sources(rule, says.sections) if says.sections else rule.sources,
        reading=reading or None,
        alternatives=tuple(alternatives),
        assumptions=tuple(dict.fromkeys(notes)) if notes else (),
        projected=found.projected,
        provisional=provisional,
        explanation=(
            explain(main.reading.timing, phase, found.base, limit, situation.calendar, noun, verdict.checked)
            if explained
            else None
        ),
    )


def standing(limit: Limit, calendar: WorkingCalendar) -> tuple[date | None, bool]:
    """The last working day on or before the limit, and whether anything rests on projected bank holidays."""
    looked = limit.counted_to
    if not calendar.first <= limit.day <= calendar.last:
        return None, looked is not None and looked > calendar.published_until
    try:
        last: date | None = calendar.last_working_day(limit.day)
    except ValueError:
        last = None
    farthest = limit.day if looked is None else max(looked, limit.day)
    return last, farthest > calendar.published_until


def tells_more(item: Dated[Found], main: Dated[Found]) -> bool:
    """Whether another reading of a series says anything at this limit: not where its chain has ended or is the same."""
    if item.found is None:
        return not isinstance(item.reading.timing, Series)
    assert main.found is not None
    return item.found.phase != main.found.phase or item.found.limit.day != main.found.limit.day


def _across(phase_id: str, limit: Limit) -> Alternative:
    reading = f"the interval of the phase {phase_id}, on the other side of a boundary that is only projected"
    return Alternative(reading, limit.day, limit.at, None)


def _alternative(started: Started, item: Dated[Found]) -> Alternative:
    text = item.reading.text or _words(started, item)
    section = item.reading.section or started.rule.sources[0].section
    if item.found is None:
        return Alternative(text, None, None, section)
    return Alternative(text, item.found.limit.day, item.found.limit.at, section)


def _sources(rule: Rule, sections: tuple[str, ...]) -> tuple[Source, ...]:
    return tuple(Source(rule.sources[0].document, section) for section in sections)


def _words(started: Started, item: Dated[Found]) -> str:
    phase = item.found.phase if item.found is not None else None
    if isinstance(phase, Phase):
        return phase.words()
    return (started.opening if isinstance(phase, First) else started.words)[item.place]

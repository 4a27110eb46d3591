"""Make a due date into an obligation: what the rule and its phase say, and how the date stands to the calendar."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from app.engine.citations import CitedReading
from app.engine.compiled_profile import ApplicableRule, ObligationTemplate
from app.engine.conditions import Verdict
from app.engine.counting import DueDate
from app.engine.facts import Situation
from app.engine.new_tuple import new_tuple
from app.engine.results import Alternative, Obligation
from app.engine.series import Series, SeriesDueDate
from app.engine.timing import Missing, Timing


def obligation(
    template: ObligationTemplate,
    due: DueDate,
    verdict: Verdict,
    situation: Situation,
    alternatives: tuple[Alternative, ...] = (),
    occurrence: int = 1,
    projected: bool = False,
) -> Obligation:
    """Return the main reading's due date as an obligation, with those of the other readings as alternatives."""
    day, at, assumptions, consulted, earliest = due
    calendar = situation.calendar
    published = calendar.published_until
    provisional = day > published or (consulted is not None and consulted > published)
    last: date | None
    try:
        last = calendar.last_working_day(day)
    except ValueError:
        last = None  # before the calendar's first working day, or outside it, where only the count is provisional
        if not calendar.first <= day <= calendar.last:
            provisional = consulted is not None and consulted > published
    if situation.moment.assumptions or verdict.assumptions:
        assumptions = situation.moment.assumptions + verdict.assumptions + assumptions
    if len(assumptions) > 1:
        assumptions = tuple(dict.fromkeys(assumptions))
    event = situation.moment.day
    # Few documents are superseded, and most rules cite none of them.
    warned = tuple([item.text for item in template.warnings if item.concerns(event, day)]) if template.warnings else ()
    return new_tuple(
        Obligation,
        (
            template,
            occurrence,
            day,
            at,
            last,
            earliest,
            alternatives,
            assumptions,
            projected,
            provisional,
            None,
            warned,
        ),
    )


def alternatives_for_series(
    prepared: ApplicableRule, main: int, steps: Sequence[SeriesDueDate | None]
) -> tuple[Alternative, ...]:
    """Return the other readings of a series, and the due date on the other side of a boundary only projected."""
    alternatives = []
    chosen = steps[main]
    assert chosen is not None
    for place, step in enumerate(steps):
        if place != main and differs_from_main(prepared.rule.readings[place].timing, step, chosen):
            cited = prepared.cited_readings[place]
            if place == 0 and step is not None:
                # The declared series is cited by the paragraph of its phase.
                source = prepared.template_of(0, step.phase).sources[0]
                cited = CitedReading(cited.text, source.section, source.document)
            alternatives.append(_alternative(cited, step.due if step is not None else None))
    if chosen.other is not None:
        alternatives.append(alternative_across_boundary(*chosen.other, prepared.cited_readings[main]))
    return tuple(alternatives)


def differs_from_main(timing: Timing | Series, step: SeriesDueDate | None, main: SeriesDueDate) -> bool:
    """Return True if an alternative reading gives a different date or phase at this occurrence.

    False once its series has ended.
    """
    if step is None:
        return not isinstance(timing, Series)
    return step.due.day != main.due.day or step.phase != main.phase


def alternative_across_boundary(phase_id: str, due: DueDate, cited: CitedReading) -> Alternative:
    """Return the due date on the other side of a boundary that is only projected, of the reading that is main."""
    text = f"the interval of the phase {phase_id}, on the other side of a boundary that is only projected"
    return _alternative(cited._replace(text=text), due)


def alternatives_for_single(
    prepared: ApplicableRule, main: int, dues: Sequence[DueDate | Missing]
) -> tuple[Alternative, ...]:
    """Return the other readings of a rule with one due date, or the facts that would date them."""
    alternatives = []
    for place, due in enumerate(dues):
        if place != main:
            cited = prepared.cited_readings[place]
            if isinstance(due, Missing):
                alternatives.append(_alternative(cited, None, tuple(sorted(due.needs)) if due.needs else ()))
            else:
                alternatives.append(_alternative(cited, due))
    return tuple(alternatives)


def _alternative(cited: CitedReading, due: DueDate | None, needs: tuple[str, ...] = ()) -> Alternative:
    day, at = (None, None) if due is None else due[:2]
    return new_tuple(Alternative, (cited.text, day, at, cited.section, cited.document, needs))

"""Rules, an event, facts and a calendar in; obligations out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, tzinfo

from app.engine.civil import Moment
from app.engine.conditions import HOLDS, Checked, Verdict
from app.engine.counting import Limit
from app.engine.explain import explain
from app.engine.facts import FactValue, Situation, WorkingCalendar
from app.engine.model import Profile, Reading, Rule, Source, Started
from app.engine.outcome import Alternative, Calculation, NotApplicable, Obligation, Undetermined
from app.engine.readings import Dated, rank
from app.engine.series import ChainLimit, ChainStop, First, Phase, Series
from app.engine.timing import Missing, Timing

MOST_OBLIGATIONS = 5_000


class TooManyObligations(ValueError):
    """The answer would hold more obligations than the limit of one answer."""


class ContradictedFact(ValueError):
    """A fact given says other than what the event's happening says by itself."""

    def __init__(self, fact: str, event: str, implied: FactValue) -> None:
        super().__init__(f"{event} means that {fact} is {implied}")
        self.fact = fact
        self.event = event
        self.implied = implied


def known_facts(profile: Profile, event: str, moment: Moment, given: Mapping[str, FactValue]) -> dict[str, FactValue]:
    """The facts given, with what the event says by itself: placement_started sets placement_started_on.

    Raises ContradictedFact where a fact given says otherwise.
    """
    facts = dict(given)
    spec = profile.vocabulary.events[event]
    implied: dict[str, FactValue] = {**spec.implies, **dict.fromkeys(spec.sets, moment.day)}
    for fact, value in implied.items():
        if facts.setdefault(fact, value) != value:
            raise ContradictedFact(fact, event, value)
    return facts


def calculate(
    profile: Profile,
    event: str,
    moment: Moment,
    facts: Mapping[str, FactValue],
    calendar: WorkingCalendar,
    zone: tzinfo,
    *,
    until: date | None = None,
    explained: bool = False,
) -> Calculation:
    """Every obligation that the event starts, what cannot be said yet, and the warnings that the event's date calls for.

    `until` (inclusive) unfolds every recurring rule to that day; without it each yields its next limit. Obligations are
    sorted by their exact end, then by rule. A deciding fact that is absent never drops a rule: it comes back under
    `undetermined`. Raises TooManyObligations, ContradictedFact.
    """
    situation = Situation(moment, known_facts(profile, event, moment, facts), calendar, zone)
    noun = profile.vocabulary.events[event].noun
    work = _Work(situation, noun, until, explained)
    tested = [(started, _applies(started, situation)) for started in profile.by_event.get(event, ())]
    verdicts = {started.rule.id: verdict for started, verdict in tested}
    for started, verdict in tested:
        rule = started.rule
        if not _in_force(rule, moment.day):
            work.not_applicable.append(NotApplicable(rule, "the rule was not in force on the day of the event"))
        elif verdict.holds is False:
            work.not_applicable.append(NotApplicable(rule, _because(verdict), verdict.checked))
        elif verdict.holds is None:
            work.undecided(rule, started, verdict)
        elif winner := _exception(profile, rule, verdicts):
            work.not_applicable.append(NotApplicable(rule, f"it gives way to its exception {winner}", verdict.checked))
        else:
            work.apply(rule, started, verdict)
    obligations = sorted(work.obligations, key=_order)
    cited = {document for done in work.obligations for document in done.rule.documents}
    cited |= {document for open_ in work.undetermined for document in open_.rule.documents}
    warnings = [
        warning.text
        for warning in profile.warnings
        if moment.day >= warning.starts and (warning.document is None or warning.document in cited)
    ]
    return Calculation(tuple(obligations), tuple(work.undetermined), tuple(work.not_applicable), tuple(warnings))


def _order(obligation: Obligation) -> tuple[float, str, int]:
    # Two times of one zone compare by the clock on the wall; in the hour that comes twice only instants tell them apart.
    return obligation.due_at.timestamp(), obligation.rule.id, obligation.occurrence


def _in_force(rule: Rule, day: date) -> bool:
    return (rule.in_force_from is None or rule.in_force_from <= day) and (
        rule.in_force_to is None or day <= rule.in_force_to
    )


def _applies(started: Started, situation: Situation) -> Verdict:
    rule = started.rule
    conditions = [rule.when] + ([rule.restart_when] if started.restarted else [])
    verdicts = [part.test(situation, situation.moment.day) for part in conditions if part is not None]
    if not verdicts:
        return HOLDS
    for verdict in verdicts:
        if verdict.holds is False:
            return verdict
    holds = None if any(verdict.holds is None for verdict in verdicts) else True
    return Verdict(
        holds,
        frozenset().union(*(verdict.needs for verdict in verdicts)),
        tuple(note for verdict in verdicts for note in verdict.assumptions),
        tuple(item for verdict in verdicts for item in verdict.checked),
    )


def _because(verdict: Verdict) -> str:
    return "; ".join(item.text for item in verdict.checked if not item.held) or "its condition does not hold"


def _exception(profile: Profile, rule: Rule, verdicts: Mapping[str, Verdict]) -> str | None:
    for other in profile.exceptions.get(rule.id, ()):
        verdict = verdicts.get(other)
        if verdict is not None and verdict.holds:
            return other
    return None


@dataclass(slots=True)
class _Found:
    """One computed limit of one reading, whichever kind of timing it came from."""

    limit: Limit
    phase: Phase | First | None
    projected: bool
    base: Moment
    other: tuple[str, Limit] | None = None


class _Work:
    """The answer being built for one event."""

    def __init__(self, situation: Situation, noun: str, until: date | None, explained: bool) -> None:
        self.situation = situation
        self.noun = noun
        self.until = until
        self.explained = explained
        self.obligations: list[Obligation] = []
        self.undetermined: list[Undetermined] = []
        self.not_applicable: list[NotApplicable] = []

    def undecided(self, rule: Rule, started: Started, verdict: Verdict) -> None:
        """A condition that cannot be said: ask for its facts and for those that the date itself would need."""
        needs = set(verdict.needs)
        timing = rule.readings[0].timing
        if isinstance(timing, Series):
            step = next(timing.unfold(self.situation, restarted=started.restarted), None)
            missing = step.missing if isinstance(step, ChainStop) else None
        else:
            found = timing.limit(self.situation, self.situation.moment)
            missing = found if isinstance(found, Missing) else None
        if missing is not None:
            needs |= missing.needs
        self._undetermined(rule, "facts_missing", needs, None, None)

    def apply(self, rule: Rule, started: Started, verdict: Verdict) -> None:
        if rule.recurring:
            self._recurring(rule, started, verdict)
        else:
            self._once(rule, verdict)

    def _once(self, rule: Rule, verdict: Verdict) -> None:
        dated: list[Dated[_Found]] = []
        for reading in rule.readings:
            assert not isinstance(reading.timing, Series)
            limit = reading.timing.limit(self.situation, self.situation.moment)
            found = limit if isinstance(limit, Missing) else _Found(limit, None, False, self.situation.moment)
            dated.append(Dated(reading, found if isinstance(found, _Found) else None, _end(found)))
        main = rank(dated, settled=rule.settled)
        if main is None:
            limit = rule.readings[0].timing.limit(self.situation, self.situation.moment)  # type: ignore[union-attr]
            assert isinstance(limit, Missing)
            self._undetermined(rule, limit.reason, limit.needs, None, None)
            return
        self._obligation(rule, main, [item for item in dated if item is not main], verdict, 1)

    def _recurring(self, rule: Rule, started: Started, verdict: Verdict) -> None:
        gate = rule.when if rule.when is not None and rule.when.moves else None
        chains = [self._chain(reading, started, gate) for reading in rule.readings]
        occurrence = 0
        while True:
            row = [next(chain) for chain in chains]
            found = [item if isinstance(item, _Found) else None for item in row]
            dated = [Dated(reading, item, _end(item)) for reading, item in zip(rule.readings, found, strict=True)]
            main = rank(dated, settled=rule.settled)
            if main is None or main.found is None:
                stop = next((item for item in row if isinstance(item, ChainStop)), None)
                if stop is not None and (occurrence == 0 or self.until is not None):
                    self._undetermined(rule, stop.missing.reason, stop.missing.needs, stop.from_date, main)
                return
            if occurrence and (self.until is None or main.found.limit.day > self.until):
                return
            if self.until is not None and main.found.limit.day > self.until:
                return
            occurrence += 1
            others = [item for item in dated if item is not main and _tells_more(item, main)]
            self._obligation(rule, main, others, verdict, occurrence)

    def _chain(self, reading: Reading, started: Started, gate: object) -> Iterator[_Found | ChainStop | None]:
        """One reading's own chain, then None for ever."""
        timing = reading.timing
        base = self.situation.moment
        if isinstance(timing, Series):
            for step in timing.unfold(self.situation, restarted=started.restarted, gate=gate):  # type: ignore[arg-type]
                if isinstance(step, ChainStop):
                    yield step
                    break
                assert isinstance(step, ChainLimit)
                yield _Found(step.limit, step.phase, step.projected, base, step.other)
                base = Moment(step.limit.day)
        else:
            limit = timing.limit(self.situation, base)
            if isinstance(limit, Limit):
                yield _Found(limit, None, False, base)
        while True:
            yield None

    def _obligation(
        self, rule: Rule, main: Dated[_Found], others: list[Dated[_Found]], verdict: Verdict, occurrence: int
    ) -> None:
        found = main.found
        assert found is not None
        if len(self.obligations) >= MOST_OBLIGATIONS:
            raise TooManyObligations
        limit, phase, calendar = found.limit, found.phase, self.situation.calendar
        last, provisional = self._standing(limit)
        alternatives = [self._alternative(rule, item) for item in others]
        if found.other is not None:
            phase_id, other = found.other
            reading = f"the interval of the phase {phase_id}, on the other side of a boundary that is only projected"
            alternatives.append(Alternative(reading, other.day, other.at, None))
        sources = _sources(rule, phase)
        words = _phase_words(main.reading, phase, self.noun)
        reading = "; ".join(filter(None, (main.reading.text, (phase.reading if phase else "") or rule.reading)))
        self.obligations.append(
            Obligation(
                rule=rule,
                phase=(phase.id or None) if phase else None,
                duty=(phase.duty if phase else "") or rule.duty,
                title=(phase.title if phase else "") or rule.title,
                responsible=(phase.responsible if phase else ()) or rule.responsible,
                kind=main.reading.timing.kind,
                occurrence=occurrence,
                due_date=limit.day,
                due_at=limit.at,
                last_working_day=last,
                not_before=limit.opens,
                timing=words,
                strength=((phase.strength if phase else "") or rule.strength),  # type: ignore[arg-type]
                basis=rule.basis,
                sources=sources,
                reading=reading or None,
                alternatives=tuple(alternatives),
                assumptions=_unique((*self.situation.moment.assumptions, *verdict.assumptions, *limit.assumptions)),
                projected=found.projected,
                provisional=provisional,
                explanation=(
                    explain(main.reading.timing, phase, found.base, limit, calendar, self.noun, verdict.checked)
                    if self.explained
                    else None
                ),
            )
        )

    def _standing(self, limit: Limit) -> tuple[date | None, bool]:
        """The last working day on or before the limit, and whether anything rests on projected bank holidays."""
        calendar = self.situation.calendar
        looked = limit.counted_to
        if not calendar.first <= limit.day <= calendar.last:
            return None, looked is not None and looked > calendar.published_until
        try:
            last: date | None = calendar.last_working_day(limit.day)
        except ValueError:
            last = None
        farthest = limit.day if looked is None else max(looked, limit.day)
        return last, farthest > calendar.published_until

    def _alternative(self, rule: Rule, item: Dated[_Found]) -> Alternative:
        phase = item.found.phase if item.found is not None else None
        text = item.reading.text or _phase_words(item.reading, phase, self.noun)
        section = item.reading.section or (rule.sources[0].section if rule.sources else None)
        if item.found is None:
            return Alternative(text, None, None, section)
        return Alternative(text, item.found.limit.day, item.found.limit.at, section)

    def _undetermined(
        self, rule: Rule, reason: str, needs: frozenset[str] | set[str], from_date: date | None, _: object
    ) -> None:
        self.undetermined.append(
            Undetermined(
                rule,
                rule.duty,
                rule.title,
                rule.words(self.noun),
                reason,
                tuple(sorted(needs)),
                from_date,
                rule.sources,
            )
        )


def _tells_more(item: Dated[_Found], main: Dated[_Found]) -> bool:
    """Whether another reading of a series says anything at this limit: not where its chain has ended or is the same."""
    if item.found is None:
        return not isinstance(item.reading.timing, Series)
    assert main.found is not None
    return item.found.phase != main.found.phase or item.found.limit.day != main.found.limit.day


def _end(found: _Found | Missing | None) -> datetime | None:
    return found.limit.at if isinstance(found, _Found) else None


def _sources(rule: Rule, phase: Phase | First | None) -> tuple[Source, ...]:
    if phase is None or not phase.sections:
        return rule.sources
    return tuple(Source(rule.sources[0].document, section) for section in phase.sections)


def _phase_words(reading: Reading, phase: Phase | First | None, noun: str) -> str:
    if isinstance(phase, Phase):
        return phase.words()
    timing: Timing | Series = phase.timing if isinstance(phase, First) else reading.timing
    return timing.words(noun)


def _unique(notes: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(notes))


__all__ = ["MOST_OBLIGATIONS", "Checked", "ContradictedFact", "TooManyObligations", "calculate", "known_facts"]

"""Rules, an event, facts and a calendar in; obligations out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, tzinfo

from app.engine.building import obligation, tells_more
from app.engine.civil import Moment
from app.engine.conditions import HOLDS, Verdict
from app.engine.facts import FactValue, Situation, WorkingCalendar
from app.engine.limits import first_missing, in_turn, once
from app.engine.model import Profile, Rule, Started
from app.engine.outcome import Calculation, NotApplicable, Obligation, Undetermined
from app.engine.readings import rank
from app.engine.series import ChainStop
from app.engine.timing import Missing

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
    """Every obligation that the event starts, what cannot be said yet, and what the event's date calls to be warned of.

    `until` (inclusive) unfolds every recurring rule to that day; without it each yields its next limit. Obligations are
    sorted by their exact end, then by rule. A deciding fact that is absent never drops a rule: it comes back under
    `undetermined`. Raises TooManyObligations, ContradictedFact.
    """
    situation = Situation(moment, known_facts(profile, event, moment, facts), calendar, zone)
    noun = profile.vocabulary.events[event].noun
    work = _Work(situation, noun, until, explained)
    tested = [
        (started, started.test.test(situation, moment.day) if started.test is not None else HOLDS)
        for started in profile.by_event.get(event, ())
    ]
    verdicts = {started.rule.id: verdict for started, verdict in tested}
    for started, verdict in tested:
        rule = started.rule
        if rule.dated and not _in_force(rule, moment.day):
            work.not_applicable.append(NotApplicable(rule, "the rule was not in force on the day of the event"))
        elif verdict.holds is False:
            work.not_applicable.append(NotApplicable(rule, _because(verdict), verdict.checked))
        elif verdict.holds is None:
            work.undecided(rule, started, verdict)
        elif rule.id in profile.exceptions and (winner := _exception(profile, rule, verdicts)):
            work.not_applicable.append(NotApplicable(rule, f"it gives way to its exception {winner}", verdict.checked))
        else:
            work.apply(rule, started, _assuming(profile, rule, verdict, verdicts))
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
    # Times of one zone compare by the clock on the wall; in the hour that comes twice only instants tell them apart.
    return obligation.due_at.timestamp(), obligation.rule.id, obligation.occurrence


def _in_force(rule: Rule, day: date) -> bool:
    return (rule.in_force_from is None or rule.in_force_from <= day) and (
        rule.in_force_to is None or day <= rule.in_force_to
    )


def _because(verdict: Verdict) -> str:
    return "; ".join(item.text for item in verdict.checked if not item.held) or "its condition does not hold"


def _assuming(profile: Profile, rule: Rule, verdict: Verdict, verdicts: Mapping[str, Verdict]) -> Verdict:
    """The verdict of a general rule, with what had to be taken for granted of its exceptions."""
    if rule.id not in profile.exceptions:
        return verdict
    notes = tuple(
        note
        for other in profile.exceptions[rule.id]
        if other in verdicts and verdicts[other].holds is False
        for note in verdicts[other].assumptions
    )
    return verdict._replace(assumptions=verdict.assumptions + notes) if notes else verdict


def _exception(profile: Profile, rule: Rule, verdicts: Mapping[str, Verdict]) -> str | None:
    for other in profile.exceptions.get(rule.id, ()):
        verdict = verdicts.get(other)
        if verdict is not None and verdict.holds:
            return other
    return None


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
        missing = first_missing(rule, started, self.situation)
        needs = verdict.needs | missing.needs if missing is not None else verdict.needs
        self._undetermined(started, Missing("facts_missing", needs), None)

    def apply(self, rule: Rule, started: Started, verdict: Verdict) -> None:
        """A condition that holds: the rule's limits become obligations."""
        if rule.recurring:
            self._recurring(rule, started, verdict)
            return
        dated = once(rule, self.situation)
        main = rank(dated, settled=rule.settled)
        if main is None:
            missing = first_missing(rule, started, self.situation)
            self._undetermined(started, missing or Missing("facts_missing"), None)
            return
        self._keep(
            obligation(
                started,
                main,
                [item for item in dated if item is not main],
                verdict,
                1,
                self.situation,
                self.noun,
                explained=self.explained,
            )
        )

    def _recurring(self, rule: Rule, started: Started, verdict: Verdict) -> None:
        for occurrence, (dated, stop) in enumerate(in_turn(rule, started, self.situation, self.until), 1):
            main = rank(dated, settled=rule.settled)
            if main is None or main.found is None:
                if stop is not None and self._wanted(stop, occurrence):
                    self._undetermined(started, stop.missing, stop.from_date)
                elif stop is None and occurrence == 1 and started.gate is not None:
                    self._gated(rule, started)
                return
            if self.until is not None and main.found.limit.day > self.until:
                return
            others = [item for item in dated if item is not main and tells_more(item, main)]
            self._keep(
                obligation(
                    started, main, others, verdict, occurrence, self.situation, self.noun, explained=self.explained
                )
            )
            if self.until is None:
                return

    def _gated(self, rule: Rule, started: Started) -> None:
        """A series of which no interval up to the day asked for starts at the right age."""
        assert started.gate is not None
        verdict = started.gate.test(self.situation, self.situation.moment.day)
        if verdict.holds is False:
            self.not_applicable.append(NotApplicable(rule, _because(verdict), verdict.checked))

    def _wanted(self, stop: ChainStop, occurrence: int) -> bool:
        """Whether a series that could not be followed could have said anything up to the day asked for."""
        return occurrence == 1 or (self.until is not None and (stop.from_date is None or stop.from_date < self.until))

    def _keep(self, item: Obligation) -> None:
        if len(self.obligations) >= MOST_OBLIGATIONS:
            raise TooManyObligations
        self.obligations.append(item)

    def _undetermined(self, started: Started, missing: Missing, from_date: date | None) -> None:
        rule = started.rule
        needs = tuple(sorted(missing.needs))
        self.undetermined.append(
            Undetermined(rule, rule.duty, rule.title, started.words[0], missing.reason, needs, from_date, rule.sources)
        )

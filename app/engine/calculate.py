"""Calculate the obligations of one event: rules, facts and a calendar in, due dates out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, tzinfo
from operator import attrgetter, itemgetter

from app.engine.civil_time import Moment
from app.engine.compiled_profile import NO_RULES, ApplicableRule, Profile, Rule
from app.engine.conditions import HOLDS, Verdict
from app.engine.counting import DueDate
from app.engine.due_dates import (
    Row,
    missing_for_declared,
    next_readings,
    single_readings,
    successive_readings,
)
from app.engine.explain import ExplanationBuilder
from app.engine.facts import FactValue, Situation, WorkingCalendar
from app.engine.force import in_force, warnings_of_force
from app.engine.general_rules import exception_that_holds, exception_verdicts, with_exceptions_assumed
from app.engine.lasting_conditions import is_permanently_false
from app.engine.new_tuple import new_tuple
from app.engine.obligation_builder import (
    alternative_across_boundary,
    alternatives_for_series,
    alternatives_for_single,
    obligation,
)
from app.engine.phases import First, Phase
from app.engine.reading_selection import select_main_reading
from app.engine.result_cache import NOTHING_CACHED, CachedDay, DayResultCache
from app.engine.results import Calculation, NotApplicable, Obligation, Undetermined
from app.engine.series import Series, SeriesStop
from app.engine.timing import Missing, Timing

MAX_OBLIGATIONS = 5_000
MAX_CACHED_PER_RULE = 60
NOT_IN_FORCE = "the rule was not in force on the day of the event"
PLACE = itemgetter(0)
DUE_AT = attrgetter("due_at")


class TooManyObligations(ValueError):
    """The answer would hold more than MAX_OBLIGATIONS obligations."""


class ContradictedFact(ValueError):
    """A fact that was sent contradicts what the event implies."""

    def __init__(self, fact: str, event: str, implied: FactValue) -> None:
        super().__init__(f"{event} means that {fact} is {implied}")
        self.fact = fact
        self.event = event
        self.implied = implied


def with_implied_facts(
    profile: Profile, event: str, moment: Moment, facts: Mapping[str, FactValue]
) -> Mapping[str, FactValue]:
    """Return the facts sent, with those that the event implies: placement_started sets placement_started_on.

    Raises ContradictedFact where a fact sent differs from an implied one.
    """
    spec = profile.vocabulary.events[event]
    if not spec.implies and not spec.sets:
        return facts
    merged = dict(facts)
    for fact, value in spec.implies.items():
        if fact not in spec.sets and merged.setdefault(fact, value) != value:
            raise ContradictedFact(fact, event, value)
    for fact in spec.sets:
        if merged.setdefault(fact, moment.day) != moment.day:
            raise ContradictedFact(fact, event, moment.day)
    return merged


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
    cache: DayResultCache | None = None,
) -> Calculation:
    """Return every obligation that the event starts, what is undetermined, what does not apply, and the warnings.

    `until` (inclusive) unfolds every recurring rule to that day; without it each yields its next due date.
    Obligations are sorted by their exact end, then by rule. A deciding fact that is absent never drops a rule: it is
    returned as undetermined. A `cache` spares counting again what depends on the day alone, and changes no answer.
    Raises TooManyObligations, ContradictedFact.
    """
    facts = with_implied_facts(profile, event, moment, facts)
    situation = new_tuple(Situation, (moment, facts, calendar, zone))
    day = moment.day
    cached_day = None
    if cache is not None and not explained and not moment.assumptions:
        cached_day = cache.day(profile, event, day, until, calendar, zone)
    explanations = ExplanationBuilder(profile.vocabulary.events[event].noun) if explained else None
    work = _Work(situation, until, explanations, cached_day)
    event_rules = profile.event_rules.get(event, NO_RULES)
    unclosed = situation.without_closures() if event_rules.closures_count else situation
    verdicts = exception_verdicts(event_rules.exceptions, situation) if event_rules.exceptions else {}
    certain = cached_day.certain if cached_day is not None else NOTHING_CACHED
    for place, prepared in event_rules.in_order:
        work.place = place
        if unclosed is not situation:
            work.situation = unclosed if prepared.rule.closures_count else situation
        if prepared.always_applies:
            if (cached := certain.get(place)) is None:
                work.add(prepared, HOLDS)
            else:
                work.obligations += cached
            continue
        rule = prepared.rule
        verdict = HOLDS if prepared.condition is None else prepared.condition.test(situation, day)
        if rule.dated and not in_force(rule, day):
            work.not_in_force(rule, verdict)
        elif verdict.holds is False:
            work.drop(new_tuple(NotApplicable, (rule, "", verdict.checked)))
        elif verdict.holds is None:
            work.undecided(rule, prepared, verdict)
        elif prepared.exceptions:
            if winner := exception_that_holds(prepared, verdicts):
                work.drop(NotApplicable(rule, f"it gives way to its exception {winner}", verdict.checked))
            else:
                work.add(prepared, with_exceptions_assumed(prepared, verdict, verdicts))
        else:
            work.add(prepared, verdict)
    warnings = _warnings(profile, day, work) if profile.warnings else ()
    if work.out_of_force:
        warnings += warnings_of_force(work.out_of_force, event_rules, day)
    return work.result(warnings)


def _by_instant(item: Obligation) -> float:
    return item.due_at.timestamp()


def _warnings(profile: Profile, day: date, work: _Work) -> tuple[str, ...]:
    """Return the warnings of the event's day; those about a document only where the answer cites it.

    A document that is superseded between the event and a due date is warned of as well.
    """
    concerning = {text for item in work.obligations if item.warnings for text in item.warnings}
    waiting = {document for rule in work.undetermined_rules() for document in rule.documents}
    warnings = profile.warnings if concerning or waiting else profile.general_warnings
    return tuple(
        [
            item.text
            for item in warnings
            if item.text in concerning
            or ((item.document is None or item.document in waiting) and item.concerns(day, day))
        ]
    )


class _Work:
    """The answer being built for one event."""

    __slots__ = (
        *("_not_applicable", "_undetermined", "cached_day", "explanations", "folded", "obligations", "out_of_force"),
        *("place", "situation", "until"),
    )

    def __init__(
        self,
        situation: Situation,
        until: date | None,
        explanations: ExplanationBuilder | None,
        cached_day: CachedDay | None,
    ) -> None:
        self.situation = situation
        self.until = until
        self.explanations = explanations
        self.cached_day = cached_day
        self.place = 0
        self.folded = 0
        self.obligations: list[Obligation] = []
        self.out_of_force: list[tuple[Rule, Verdict]] = []
        self._undetermined: list[tuple[int, Undetermined]] = []
        self._not_applicable: list[tuple[int, NotApplicable]] = []

    def result(self, warnings: tuple[str, ...]) -> Calculation:
        """Return the answer: obligations by their exact end, then by rule; the rest in the order of the document.

        Raises TooManyObligations.
        """
        obligations, waiting, dropped = self.obligations, self._undetermined, self._not_applicable
        if len(obligations) > MAX_OBLIGATIONS:
            raise TooManyObligations
        # Times of one zone compare by the clock on the wall; in the hour that comes twice only instants tell them
        # apart. Rules are in the order of their ids already.
        if len(obligations) > 1:
            obligations.sort(key=_by_instant if self.folded else DUE_AT)
        undetermined = tuple([item for _, item in sorted(waiting, key=PLACE)]) if waiting else ()
        not_applicable = tuple([item for _, item in sorted(dropped, key=PLACE)]) if dropped else ()
        return new_tuple(Calculation, (tuple(obligations), undetermined, not_applicable, warnings))

    def undetermined_rules(self) -> list[Rule]:
        """Return the rules that are undetermined."""
        return [item.rule for _, item in self._undetermined]

    def drop(self, item: NotApplicable) -> None:
        """Record that the current rule does not apply."""
        self._not_applicable.append((self.place, item))

    def not_in_force(self, rule: Rule, verdict: Verdict) -> None:
        """Record that the current rule was not in force, and whether it would have applied otherwise."""
        self.drop(NotApplicable(rule, NOT_IN_FORCE, verdict.checked))
        if verdict.holds is not False:
            self.out_of_force.append((rule, verdict))

    def undecided(self, rule: Rule, prepared: ApplicableRule, verdict: Verdict) -> None:
        """Record a condition that cannot be decided, with its facts and those that the date itself would need."""
        needs = verdict.needs
        condition = prepared.interval_condition
        if condition is not None:
            day = self.situation.moment.day
            interval_verdict = condition.test(self.situation, day)
            if interval_verdict.holds is False and (
                self.until is None or is_permanently_false(condition, self.situation, day)
            ):
                self.drop(NotApplicable(rule, "", interval_verdict.checked))
                return
            needs |= interval_verdict.needs
        missing = missing_for_declared(prepared, self.situation)
        if missing is not None:
            needs |= missing.needs
        self._wait(prepared, Missing("facts_missing", needs), None)

    def add(self, prepared: ApplicableRule, verdict: Verdict) -> None:
        """Add the obligations of a rule whose condition holds, from the cache where it has them."""
        cached_day = self.cached_day
        if cached_day is None or not (
            prepared.depends_only_on_day or (prepared.next_depends_only_on_day and self.until is None)
        ):
            self._apply(prepared, verdict)
            return
        cached = cached_day.find(self.place, verdict.assumptions)
        if cached is not None:
            self.obligations += cached
            return
        before, waiting = len(self.obligations), len(self._undetermined)
        self._apply(prepared, verdict)
        new = self.obligations[before:]
        # What is undetermined is worked out anew each time, and a day's two times that look alike need their instants.
        if len(new) <= MAX_CACHED_PER_RULE and len(self._undetermined) == waiting and not self.folded:
            self.obligations[before:] = cached_day.store(self.place, verdict.assumptions, new)

    def _apply(self, prepared: ApplicableRule, verdict: Verdict) -> None:
        """Calculate the obligations of a rule, and add them."""
        timing = prepared.only_timing
        if timing is not None:
            self._single(prepared, timing, verdict)
        elif prepared.only_series is not None and self.until is None:
            self._next(prepared, prepared.only_series, verdict)
        elif prepared.rule.recurring:
            self._recurring(prepared, verdict)
        else:
            self._single_of_several(prepared, verdict)

    def _single(self, prepared: ApplicableRule, timing: Timing, verdict: Verdict) -> None:
        """Add the obligation of a one-off rule with one reading."""
        situation = self.situation
        due = timing.due_date(situation, situation.moment)
        if not isinstance(due, DueDate):
            self._wait(prepared, due, None)
            return
        item = obligation(prepared.templates[0], due, verdict, situation)
        # Here and below: a method that adds would take all that an explanation needs, for each due date.
        if self.explanations is not None:
            item = self._explained(item, timing, None, situation.moment, due, verdict)
        self.folded |= item.due_at.fold
        self.obligations.append(item)

    def _single_of_several(self, prepared: ApplicableRule, verdict: Verdict) -> None:
        """Add the obligation of a one-off rule with several readings."""
        situation = self.situation
        dues = single_readings(prepared.rule, situation)
        main = select_main_reading(prepared.rule, dues) or 0
        due = dues[main]
        if isinstance(due, Missing):
            self._wait(prepared, due, None)
            return
        alternatives = alternatives_for_single(prepared, main, dues)
        item = obligation(prepared.templates[main], due, verdict, situation, alternatives)
        if self.explanations is not None:
            timing = prepared.rule.readings[main].timing
            item = self._explained(item, timing, None, situation.moment, due, verdict)
        self.folded |= item.due_at.fold
        self.obligations.append(item)

    def _next(self, prepared: ApplicableRule, series: Series, verdict: Verdict) -> None:
        """Add the next obligation of a series with one reading, where no `until` was sent."""
        situation = self.situation
        step = series.next_due(situation, restarted=prepared.restarted, interval_condition=prepared.interval_condition)
        if step is None:
            self._drop_if_interval_condition_fails(prepared)
        elif isinstance(step, SeriesStop):
            self._wait(prepared, step.missing, step.from_date)
        else:
            due, phase, projected, base, other = step
            cited = prepared.cited_readings[0]
            alternatives = (alternative_across_boundary(*other, cited),) if other is not None else ()
            template = prepared.template_of(0, phase)
            item = obligation(template, due, verdict, situation, alternatives, 1, projected)
            if self.explanations is not None:
                item = self._explained(item, series, phase, base, due, verdict)
            self.folded |= item.due_at.fold
            self.obligations.append(item)

    def _recurring(self, prepared: ApplicableRule, verdict: Verdict) -> None:
        """Add the obligations of a series with several readings or up to a day, each reading a series of its own."""
        rule = prepared.rule
        for occurrence, (steps, stop) in enumerate(self._rows(prepared), 1):
            main = select_main_reading(rule, [None if step is None else step.due for step in steps])
            step = None if main is None else steps[main]
            if main is None or step is None:
                if stop is not None and self._reaches(stop, occurrence):
                    self._wait(prepared, stop.missing, stop.from_date)
                elif stop is None and occurrence == 1:
                    self._drop_if_interval_condition_fails(prepared)
                return
            due, phase, projected, base, _ = step
            if self.until is not None and due.day > self.until:
                return
            alternatives = alternatives_for_series(prepared, main, steps)
            template = prepared.template_of(main, phase)
            item = obligation(template, due, verdict, self.situation, alternatives, occurrence, projected)
            if len(self.obligations) >= MAX_OBLIGATIONS:
                raise TooManyObligations
            if self.explanations is not None:
                item = self._explained(item, rule.readings[main].timing, phase, base, due, verdict)
            self.folded |= item.due_at.fold
            self.obligations.append(item)

    def _rows(self, prepared: ApplicableRule) -> Iterator[Row] | tuple[Row]:
        if self.until is None:
            return (next_readings(prepared, self.situation),)
        return successive_readings(prepared, self.situation, self.until)

    def _drop_if_interval_condition_fails(self, prepared: ApplicableRule) -> None:
        """Record that a series does not apply, of which no interval up to `until` starts at the right age."""
        condition = prepared.interval_condition
        if condition is not None:
            verdict = condition.test(self.situation, self.situation.moment.day)
            if verdict.holds is False:
                self.drop(NotApplicable(prepared.rule, "", verdict.checked))

    def _reaches(self, stop: SeriesStop, occurrence: int) -> bool:
        """Return True if a series that could not be followed might have yielded a date up to `until`."""
        return occurrence == 1 or (self.until is not None and (stop.from_date is None or stop.from_date < self.until))

    def _explained(
        self,
        item: Obligation,
        timing: Timing | Series,
        phase: Phase | First | None,
        base: Moment,
        due: DueDate,
        verdict: Verdict,
    ) -> Obligation:
        """Return an obligation with its explanation."""
        assert self.explanations is not None
        explanation = self.explanations.explain(timing, phase, base, due, verdict.checked, self.situation.calendar)
        return item._replace(explanation=explanation)

    def _wait(self, prepared: ApplicableRule, missing: Missing, from_date: date | None) -> None:
        """Record that the current rule is undetermined."""
        rule = prepared.rule
        needs = tuple(sorted(missing.needs))
        timing = prepared.descriptions[0]
        parts = (rule, rule.duty, rule.title, timing, missing.reason, needs, from_date, rule.sources)
        self._undetermined.append((self.place, new_tuple(Undetermined, parts)))

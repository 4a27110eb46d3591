"""Rules, an event, facts and a calendar in; obligations out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, tzinfo
from operator import attrgetter, itemgetter

from app.engine.civil_time import Moment
from app.engine.compiled_profile import NOTHING, Profile, Rule, Started
from app.engine.conditions import HOLDS, Verdict, fails_for_good
from app.engine.due_dates import Found, at_first, first_missing, in_turn, once
from app.engine.explain import Walks
from app.engine.facts import FactValue, Situation, WorkingCalendar
from app.engine.obligation_builder import across, aside, beside, obligation, tells_more
from app.engine.reading_selection import Dated, rank
from app.engine.result_cache import Almanac, Page
from app.engine.results import Calculation, NotApplicable, Obligation, Undetermined
from app.engine.series import ChainStop, Series
from app.engine.timing import Missing, Timing

MOST_OBLIGATIONS = 5_000
MOST_KEPT = 60
PLACE = itemgetter(0)
DUE_AT = attrgetter("due_at")


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
    for fact, value in spec.implies.items():
        if fact not in spec.sets and facts.setdefault(fact, value) != value:
            raise ContradictedFact(fact, event, value)
    for fact in spec.sets:
        if facts.setdefault(fact, moment.day) != moment.day:
            raise ContradictedFact(fact, event, moment.day)
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
    almanac: Almanac | None = None,
) -> Calculation:
    """Every obligation that the event starts, what cannot be said yet, and what the event's date calls to be warned of.

    `until` (inclusive) unfolds every recurring rule to that day; without it each yields its next limit. Obligations are
    sorted by their exact end, then by rule. A deciding fact that is absent never drops a rule: it comes back under
    `undetermined`. An `almanac` spares counting again what hangs on the day alone, and changes no answer.
    Raises TooManyObligations, ContradictedFact.
    """
    situation = Situation(moment, known_facts(profile, event, moment, facts), calendar, zone)
    noun = profile.vocabulary.events[event].noun
    day = moment.day
    page = None
    if almanac is not None and not explained and not moment.assumptions:
        page = almanac.page(profile, event, day, until, calendar, zone)
    work = _Work(situation, until, Walks(calendar, noun) if explained else None, page)
    plan = profile.plans.get(event, NOTHING)
    verdicts: dict[str, Verdict] = {}
    if plan.contested:
        verdicts = {
            each.rule.id: HOLDS if each.test is None else each.test.test(situation, day) for each in plan.started
        }
    for place in plan.order:
        started = plan.started[place]
        work.place = place
        if started.always:
            work.apply(started, HOLDS)
            continue
        rule = started.rule
        verdict = HOLDS if started.test is None else started.test.test(situation, day)
        if rule.dated and not _in_force(rule, day):
            work.drop(NotApplicable(rule, "the rule was not in force on the day of the event"))
        elif verdict.holds is False:
            work.drop(NotApplicable(rule, "", verdict.checked))
        elif verdict.holds is None:
            work.undecided(rule, started, verdict)
        elif started.exceptions:
            if winner := _exception(started, verdicts):
                work.drop(NotApplicable(rule, f"it gives way to its exception {winner}", verdict.checked))
            else:
                work.apply(started, _assuming(started, verdict, verdicts))
        else:
            work.apply(started, verdict)
    obligations = work.obligations
    if work.folded:
        # In the hour that comes twice only instants tell times apart.
        obligations.sort(key=_by_instant)
    else:
        # Times of one zone compare by the clock on the wall, and rules stand in the order of their ids already.
        obligations.sort(key=DUE_AT)
    return Calculation(
        tuple(obligations), work.waiting(), work.dropped(), _warnings(profile, day, work) if profile.warnings else ()
    )


def _by_instant(obligation: Obligation) -> float:
    return obligation.due_at.timestamp()


def _warnings(profile: Profile, day: date, work: _Work) -> tuple[str, ...]:
    """What the event's day calls to be warned of, where a document is meant only if the answer cites it."""
    due = [warning for warning in profile.warnings if day >= warning.starts]
    if not due:
        return ()
    cited = {document for done in work.obligations for document in done.terms.rule.documents}
    cited |= {document for open_ in work.waiting() for document in open_.rule.documents}
    return tuple(warning.text for warning in due if warning.document is None or warning.document in cited)


def _in_force(rule: Rule, day: date) -> bool:
    return (rule.in_force_from is None or rule.in_force_from <= day) and (
        rule.in_force_to is None or day <= rule.in_force_to
    )


def _assuming(started: Started, verdict: Verdict, verdicts: Mapping[str, Verdict]) -> Verdict:
    """The verdict of a general rule, with what had to be taken for granted of its exceptions."""
    notes = tuple(
        note
        for other in started.exceptions
        if other in verdicts and verdicts[other].holds is False
        for note in verdicts[other].assumptions
    )
    return verdict._replace(assumptions=verdict.assumptions + notes) if notes else verdict


def _exception(started: Started, verdicts: Mapping[str, Verdict]) -> str | None:
    for other in started.exceptions:
        verdict = verdicts.get(other)
        if verdict is not None and verdict.holds:
            return other
    return None


class _Work:
    """The answer being built for one event."""

    __slots__ = ("_dropped", "_waiting", "folded", "obligations", "page", "place", "situation", "until", "walks")

    def __init__(self, situation: Situation, until: date | None, walks: Walks | None, page: Page | None) -> None:
        self.situation = situation
        self.until = until
        self.walks = walks
        self.page = page
        self.place = 0
        self.folded = False
        self.obligations: list[Obligation] = []
        self._waiting: list[tuple[int, Undetermined]] = []
        self._dropped: list[tuple[int, NotApplicable]] = []

    def drop(self, item: NotApplicable) -> None:
        """The rule in hand does not apply."""
        self._dropped.append((self.place, item))

    def waiting(self) -> tuple[Undetermined, ...]:
        """What cannot be said yet, in the order of the document."""
        return tuple([item for _, item in sorted(self._waiting, key=PLACE)]) if self._waiting else ()

    def dropped(self) -> tuple[NotApplicable, ...]:
        """What does not apply, in the order of the document."""
        return tuple([item for _, item in sorted(self._dropped, key=PLACE)]) if self._dropped else ()

    def undecided(self, rule: Rule, started: Started, verdict: Verdict) -> None:
        """A condition that cannot be said: ask for its facts and for those that the date itself would need."""
        needs = verdict.needs
        if started.gate is not None:
            day = self.situation.moment.day
            gate = started.gate.test(self.situation, day)
            if gate.holds is False and (self.until is None or fails_for_good(started.gate, self.situation, day)):
                self.drop(NotApplicable(rule, "", gate.checked))
                return
            needs |= gate.needs
        missing = first_missing(rule, started, self.situation)
        if missing is not None:
            needs |= missing.needs
        self._undetermined(started, Missing("facts_missing", needs), None)

    def apply(self, started: Started, verdict: Verdict) -> None:
        """A condition that holds: the rule's limits become obligations, looked up where its page has them."""
        page = self.page
        if page is None or not (started.by_day or (started.opens_by_day and self.until is None)):
            self._apply(started, verdict)
            return
        kept = page.found.get((self.place, verdict.assumptions))
        if kept is not None and len(self.obligations) + len(kept) <= MOST_OBLIGATIONS:
            self.obligations += kept
            return
        before, waiting = len(self.obligations), len(self._waiting)
        self._apply(started, verdict)
        found = self.obligations[before:]
        # What is merely waited for says so anew each time, and a day's two times that look alike are told apart.
        if len(found) <= MOST_KEPT and len(self._waiting) == waiting and not self.folded:
            self.obligations[before:] = page.keep(self.place, verdict.assumptions, found)

    def _apply(self, started: Started, verdict: Verdict) -> None:
        rule = started.rule
        if started.single is not None:
            self._single(started, started.single, verdict)
        elif started.chain is not None and self.until is None:
            self._next(rule, started, started.chain, verdict)
        elif rule.recurring:
            self._recurring(rule, started, verdict)
        else:
            self._once(rule, started, verdict)

    def _single(self, started: Started, timing: Timing, verdict: Verdict) -> None:
        """A rule with one limit and one reading."""
        situation = self.situation
        limit = timing.limit(situation, situation.moment)
        if isinstance(limit, Missing):
            self._undetermined(started, limit, None)
            return
        item = obligation(started.terms[0], limit, verdict, situation)
        if self.walks is not None:
            told = self.walks.explain(timing, None, situation.moment, limit, verdict.checked)
            item = item._replace(explanation=told)
        self._keep(item)

    def _once(self, rule: Rule, started: Started, verdict: Verdict) -> None:
        """A rule with one limit and several readings of it."""
        situation = self.situation
        dated = once(rule, situation)
        main = rank(dated, settled=rule.settled)
        if main is None or main.found is None:
            missing = first_missing(rule, started, situation)
            self._undetermined(started, missing or Missing("facts_missing"), None)
            return
        alternatives = tuple([aside(started, item) for item in dated if item is not main])
        found = obligation(started.terms[main.place], main.found, verdict, situation, alternatives)
        if self.walks is not None:
            timing = main.reading.timing
            told = self.walks.explain(timing, None, situation.moment, main.found, verdict.checked)
            found = found._replace(explanation=told)
        self._keep(found)

    def _next(self, rule: Rule, started: Started, series: Series, verdict: Verdict) -> None:
        """The next limit of a series with one reading, where nobody asked for more."""
        situation = self.situation
        step = series.following(situation, restarted=started.restarted, gate=started.gate)
        if step is None:
            if started.gate is not None:
                self._gated(rule, started)
        elif isinstance(step, ChainStop):
            self._undetermined(started, step.missing, step.from_date)
        else:
            limit, phase, projected, other = step
            alternatives = (across(*other, started.asides[0][1]),) if other is not None else ()
            item = obligation(started.terms_of(0, phase), limit, verdict, situation, alternatives, 1, projected)
            if self.walks is not None:
                told = self.walks.explain(series, phase, situation.moment, limit, verdict.checked)
                item = item._replace(explanation=told)
            self._keep(item)

    def _recurring(self, rule: Rule, started: Started, verdict: Verdict) -> None:
        """A series unfolded, each reading in a chain of its own."""
        rows = (
            (at_first(rule, started, self.situation),)
            if self.until is None
            else in_turn(rule, started, self.situation, self.until)
        )
        for occurrence, (dated, stop) in enumerate(rows, 1):
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
            self._found(started, main, main.found, others, verdict, occurrence)

    def _gated(self, rule: Rule, started: Started) -> None:
        """A series of which no interval up to the day asked for starts at the right age."""
        assert started.gate is not None
        verdict = started.gate.test(self.situation, self.situation.moment.day)
        if verdict.holds is False:
            self.drop(NotApplicable(rule, "", verdict.checked))

    def _wanted(self, stop: ChainStop, occurrence: int) -> bool:
        """Whether a series that could not be followed could have said anything up to the day asked for."""
        return occurrence == 1 or (self.until is not None and (stop.from_date is None or stop.from_date < self.until))

    def _found(
        self,
        started: Started,
        main: Dated[Found],
        found: Found,
        others: list[Dated[Found]],
        verdict: Verdict,
        occurrence: int,
    ) -> None:
        """One limit, the other readings beside it."""
        limit, base, phase, projected, _ = found
        terms = started.terms_of(main.place, phase)
        alternatives = beside(started, main, others)
        item = obligation(terms, limit, verdict, self.situation, alternatives, occurrence, projected)
        if self.walks is not None:
            told = self.walks.explain(main.reading.timing, phase, base, limit, verdict.checked)
            item = item._replace(explanation=told)
        self._keep(item)

    def _keep(self, item: Obligation) -> None:
        if len(self.obligations) >= MOST_OBLIGATIONS:
            raise TooManyObligations
        if item.due_at.fold:
            self.folded = True
        self.obligations.append(item)

    def _undetermined(self, started: Started, missing: Missing, from_date: date | None) -> None:
        rule = started.rule
        needs = tuple(sorted(missing.needs))
        item = Undetermined(
            rule, rule.duty, rule.title, started.words[0], missing.reason, needs, from_date, rule.sources
        )
        self._waiting.append((self.place, item))

"""One child under one profile: its events in time, what each of them starts, and what is known at each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import zip_longest
from typing import NamedTuple

from app.engine.calculate import TooManyObligations, calculate
from app.engine.compiled_profile import Rule
from app.engine.facts import THIS_EVENT, FactValue
from app.engine.lasting_conditions import becomes_true_on
from app.engine.months import add_months
from app.engine.results import Calculation, Obligation, Undetermined
from app.engine.series import Series
from app.engine.timing import Within
from app.services.observability import metrics
from app.services.snapshot.snapshot import CalendarVersion, ProfileVersion
from app.services.timelines.acts_taken import ActsTaken
from app.services.timelines.case import Case, CaseEvent, Child, Event, ProfileSelection, situation
from app.services.timelines.episode import Episode
from app.services.timelines.episodes import Episodes
from app.services.timelines.event_index import EventIndex
from app.services.timelines.event_names import named_in_time
from app.services.timelines.event_results import EventResult, result_at
from app.services.timelines.fact_history import FactHistory
from app.services.timelines.size_limits import MAX_HISTORY_LINES, too_many, too_much_history
from app.services.timelines.tracked_obligation import TrackedObligation, discharging_types
from app.services.work import count_step
from app.services.zone import LONDON


class Unfolded(NamedTuple):
    """The limits of a series up to a day, and what stopped it there."""

    limits: list[Obligation]
    stopped: list[Undetermined]


@dataclass(slots=True)
class ChildTimeline:
    """Everything about one child under one profile."""

    case: Case
    selection: ProfileSelection
    child: Child
    events: list[Event]
    results: list[EventResult] = field(default_factory=list)
    undated: list[CaseEvent] = field(default_factory=list)
    taken: ActsTaken = field(default_factory=ActsTaken)
    left_open: list[tuple[Undetermined, Event]] = field(default_factory=list)
    _history_lines: int = 0
    _episodes: dict[int, Episodes] = field(default_factory=dict)
    _histories: dict[int, FactHistory] = field(default_factory=dict)
    _assumed: list[Event] = field(default_factory=list)
    _facts: dict[tuple[int, str], dict[str, FactValue]] = field(default_factory=dict)
    index: EventIndex = field(init=False)
    _named: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        """Index the events."""
        self.index = EventIndex(self.events)
        self._named = frozenset(duty for event in self.events for duty in event.discharges)

    def episodes(self, version: ProfileVersion) -> Episodes:
        """Return the episodes of the case, in the words of a version."""
        episodes = self._episodes.get(version.version)
        if episodes is None:
            calendar = self.case.calendar_of(version)
            assert calendar is not None
            events = [*self.events, *self._assumed]
            episodes = self._episodes[version.version] = Episodes(version.profile.vocabulary, events, calendar)
        return episodes

    def shown_episodes(self) -> list[Episode]:
        """Return the episodes that the events sent show, in the words of the latest version that answered."""
        if not self.results:
            return []
        version = max((result.version for result in self.results), key=lambda each: each.version)
        return list(self.episodes(version).listed)

    def home(self, version: ProfileVersion, rule: Rule, event: Event) -> Episode:
        """Return the episode that an obligation lies in: of the kind its rule names, or its start speaks of."""
        episodes, vocabulary = self.episodes(version), version.profile.vocabulary
        kinds = rule.episodes or (vocabulary.episode_of(event.type),)
        if not rule.episodes and event.type in rule.restarts:
            # What carries a series on lies in what the series would have started in.
            started_in = episodes.instance(vocabulary.episode_of(rule.events[0]), event)
            if started_in is not None:
                return started_in
        running = [each for kind in kinds if (each := episodes.instance(kind, event)) is not None]
        if running:
            return max(running, key=lambda each: (each.closed_place > episodes.place(event), each.place))
        root = episodes.root(event)
        speaks_of = vocabulary.episode_of(event.type)
        ahead = (episodes.following(kind, event) for kind in rule.episodes if kind != speaks_of)
        coming = [each for each in ahead if each is not None]
        first = min(coming, key=lambda each: each.place, default=None)
        return first if first is not None and root in first.chain() else root

    def identify(self, rule: str, start: Event, number: int) -> str:
        """Return an obligation's name, the same whenever the case is sent again with other dates."""
        parts = [self.selection.key, rule, start.key, str(number)]
        return "/".join([self.child.reference, *parts] if self.child.reference is not None else parts)

    def obligation(
        self,
        result: EventResult,
        item: Obligation,
        start: Event,
        number: int,
        identity: str | None = None,
        rests_on: tuple[str, ...] = (),
    ) -> TrackedObligation:
        """Return an obligation of this child, which is named by its start unless it goes on from another."""
        vocabulary = result.version.profile.vocabulary
        families = {item.duty, item.rule.duty, vocabulary.family(item.duty), vocabulary.family(item.rule.duty)}
        return TrackedObligation(
            identity or self.identify(item.rule.id, start, number),
            self.child.reference,
            result.version,
            result.calendar,
            item,
            start,
            number,
            self.home(result.version, item.rule, result.event),
            rests_on=rests_on,
            trackable=bool(discharging_types(item.rule) or families & self._named),
            latest_limits=self._latest_limits(result, item),
        )

    def _latest_limits(self, result: EventResult, item: Obligation) -> tuple[datetime, ...]:
        """Return the latest end of the undated readings that count from what cannot lie after this event."""
        facts = result.version.profile.vocabulary.facts
        bounded: dict[str, FactValue] = {}
        for reading in item.rule.readings if any(other.due_at is None for other in item.alternatives) else ():
            since = reading.timing.since if isinstance(reading.timing, Within) else None
            not_after = facts[since.key].not_after if since is not None else ()
            if since is not None and since.key not in result.facts and result.event.type in not_after:
                bounded[since.key] = result.event.moment.day
        dated = self.again(result, item.rule.id, bounded) if bounded else None
        return tuple(other.due_at for other in dated.alternatives if other.due_at is not None) if dated else ()

    def history(self, version: ProfileVersion, calendar: CalendarVersion) -> FactHistory:
        """Return the facts of the case, in the words of a version."""
        history = self._histories.get(version.version)
        if history is None:
            events = [*self.events, *self._assumed]
            history = FactHistory(version.profile, self.episodes(version), events, self.child.facts, calendar)
            self._histories[version.version] = history
        return history

    def facts(self, version: ProfileVersion, calendar: CalendarVersion, event: Event) -> dict[str, FactValue]:
        """Return what is known at an event, in the words of a version."""
        cached = self._facts.get((version.version, event.key))
        if cached is None:
            cached = self._facts[version.version, event.key] = self.history(version, calendar).at(event)
        return cached

    def assume(self, event: Event) -> None:
        """Add an event that is only assumed: what it says is known at those assumed after it."""
        self._assumed.append(event)
        for episodes in self._episodes.values():
            episodes.add(event)
        for history in self._histories.values():
            history.add(event)

    def ask(self, event: Event) -> EventResult | None:
        """Return what an event starts under the version in force on its day; None where none has such an event."""
        version = self.case.version(self.selection, event.moment.day)
        if version is None or event.type not in version.profile.vocabulary.events:
            return None
        calendar = self.case.calendar_of(version)
        if calendar is None or not calendar.calendar.covers(event.moment.day):
            return None
        at_event = self.history(version, calendar).facts_at(event)
        result = result_at(
            event, version, calendar, at_event, lambda facts: self._calculate(event, version, calendar, facts, None)
        )
        result.result = self._without_second_openings(result)
        return result

    def _without_second_openings(self, result: EventResult) -> Calculation:
        """Return what an event starts, without what hangs on the opening of an episode that ran already when it came.

        A strategy discussion that reviews a running enquiry begins none, and starts no second limit. A status that
        opens an episode, as that of a care leaver does, goes on in it and opens nothing a second time.
        """
        vocabulary = result.version.profile.vocabulary
        joined = self.episodes(result.version).joined
        if result.event.key not in joined:
            return result.result
        opening: set[str] = set()
        for kind, spec in vocabulary.episodes.items():
            if kind in joined[result.event.key] and (condition := spec.opened_when.get(result.event.type)) is not None:
                opening |= {fact for fact in condition.facts() if vocabulary.facts[fact].scope == THIS_EVENT}
        unbroken = {kind for kind in joined[result.event.key] if vocabulary.episodes[kind].unbroken}
        if not opening and not unbroken:
            return result.result

        def stands(item: Obligation | Undetermined) -> bool:
            condition = item.rule.when
            second = condition is not None and bool(condition.facts() & opening)
            return not second and not unbroken & set(item.rule.episodes)

        return result.result._replace(
            obligations=tuple(filter(stands, result.result.obligations)),
            undetermined=tuple(filter(stands, result.result.undetermined)),
        )

    def _calculate(
        self,
        event: Event,
        version: ProfileVersion,
        calendar: CalendarVersion,
        facts: Mapping[str, FactValue],
        until: date | None,
    ) -> Calculation:
        count_step()
        metrics.count_calculations(version.record.key, version.version)
        try:
            return calculate(
                version.profile,
                event.type,
                event.moment,
                facts,
                calendar.calendar,
                LONDON,
                until=until,
                explained=self.case.explain,
            )
        except TooManyObligations:
            raise too_many() from None

    def count_history(self, record: TrackedObligation) -> None:
        """Count the history of an obligation. Raises Problem where all of it together is too long."""
        self._history_lines += len(record.history)
        if self._history_lines > MAX_HISTORY_LINES:
            raise too_much_history()

    def again(self, result: EventResult, rule_id: str, said: Mapping[str, FactValue]) -> Obligation | None:
        """Return what a rule asks for at an event once more is known."""
        return self.with_facts(result, rule_id, {**result.facts, **said})

    def with_facts(self, result: EventResult, rule_id: str, facts: Mapping[str, FactValue]) -> Obligation | None:
        """Return what a rule asks for at an event by other facts."""
        calculation = self._calculate(result.event, result.version, result.calendar, facts, None)
        return next((item for item in calculation.obligations if item.rule.id == rule_id), None)

    def unfold(self, result: EventResult, rule_id: str, until: date) -> Unfolded:
        """Return every limit of a series from one event up to a day, and why it stops before that where it does."""
        calculation = result.unfolded.get(until)
        if calculation is None:
            calculation = self._calculate(result.event, result.version, result.calendar, result.facts, until)
            result.unfolded[until] = calculation
        return Unfolded(
            [item for item in calculation.obligations if item.rule.id == rule_id],
            [item for item in calculation.undetermined if item.rule.id == rule_id],
        )

    def end_of(self, result: EventResult, rule_id: str) -> date | None:
        """Return the day on which the episode ended that a rule's limit at an event would lie in."""
        rule = result.version.profile.rule(rule_id)
        if rule is None:
            return None
        home = self.home(result.version, rule, result.event)
        closed = self.episodes(result.version).end_of(home, result.event)
        return closed.moment.day if closed is not None else None

    def has_begun(self, result: EventResult, rule_id: str, day: date) -> bool:
        """Say whether an age that a series waits for at its start has been reached by a day."""
        at_event = situation(result.event, result.facts, result.calendar)
        for started in result.version.profile.by_event.get(result.event.type, ()):
            condition = started.interval_condition
            if started.rule.id == rule_id and condition is not None:
                opens = becomes_true_on(condition, at_event)
                return opens is not None and result.event.moment.day < opens <= day
        return False

    def one_more(self, result: EventResult, rule_id: str, after: date) -> list[Obligation]:
        """Return every limit of a series up to a day, and the first one beyond it."""
        limits: list[Obligation] = []
        for years in (1, 5, 25):
            day = add_months(max(after, result.event.moment.day), 12 * years) if after.year < 9900 else after
            limits = self.unfold(result, rule_id, day).limits
            beyond = [item for item in limits if item.due_date > after]
            if beyond:
                return [item for item in limits if item.due_date <= after] + beyond[:1]
        return limits


def build(case: Case, selection: ProfileSelection, child: Child) -> ChildTimeline:
    """Return a child's events under one profile, as far as they are known by then, and what each starts."""
    mine = [event for event in case.events if child.reference in event.children]
    dated: list[CaseEvent] = []
    undated: list[CaseEvent] = []
    for event in mine:
        scheduled = event.type.endswith("_scheduled")
        learnt = event.recorded is None or case.as_of.reached(event.recorded)
        (dated if learnt and (scheduled or case.as_of.reached(event.moment)) else undated).append(event)
    line = ChildTimeline(case, selection, child, named_in_time(dated), undated=undated)
    for each in line.events:
        result = line.ask(each)
        if result is not None:
            line.results.append(result)
    _not_yet(line)
    return line


def _not_yet(line: ChildTimeline) -> None:
    """Add the first limits of series that an age lets begin only after their start, by now or before the horizon.

    Each act before the age counts up to the next one: what was done since met the limit that began on the birthday.
    """
    as_of = line.case.as_of.day
    acts: dict[str, list[EventResult]] = {}
    for result in line.results:
        if result.event.corrected:
            continue
        for started in result.version.profile.by_event.get(result.event.type, ()):
            if started.rule.recurring and started.rule.when is not None and started.rule.when.depends_on_date:
                acts.setdefault(started.rule.id, []).append(result)
    for rule, results in acts.items():
        for result, following in zip_longest(results, results[1:]):
            if result.of(rule) is not None:
                continue
            ended = line.end_of(result, rule)
            until = line.case.until if following is None and ended is None else None
            begun_by = as_of if following is None else following.event.moment.day - timedelta(days=1)
            begun_by = begun_by if ended is None else min(begun_by, ended)
            later = line.unfold(result, rule, until).limits if until is not None else []
            if line.has_begun(result, rule, begun_by):
                # The birthday is past: nothing is assumed any more.
                later = [item._replace(projected=False) for item in later or line.one_more(result, rule, begun_by)]
            if later:
                result.result = result.result._replace(obligations=(*result.result.obligations, later[0]))


def is_series(obligation: Obligation) -> bool:
    """Return whether an obligation is one limit of a series."""
    return isinstance(obligation.rule.readings[0].timing, Series)

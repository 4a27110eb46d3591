"""Series: each real occurrence discharges the limit before it and yields the next, until something ends them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from app.engine.civil_time import last_second
from app.engine.compiled_profile import Rule
from app.engine.conditions import Condition
from app.engine.facts import CASE, CHILD, THIS_EVENT
from app.engine.results import Obligation
from app.services.timelines.case import Event, order, situation, surely_after
from app.services.timelines.child_timeline import ChildTimeline
from app.services.timelines.episode_ends import named_end
from app.services.timelines.episodes import Episode
from app.services.timelines.event_results import EventResult
from app.services.timelines.one_off_matching import facts_of
from app.services.timelines.tracked_obligation import TrackedObligation, discharges, excuses, rank
from app.services.zone import LONDON

FIRST, START, OCCURRENCE, END = range(4)


@dataclass(slots=True)
class Run:
    """One run of a series in one episode, from what started it.

    `last` is its newest limit, `chain` those that follow by themselves, not reached yet. `base` is what the newest
    limit is counted from; `resting` are the episodes during which the series rests.
    """

    episode: Episode
    start: Event
    base: EventResult
    last: TrackedObligation
    number: int
    chain: list[Obligation] = field(default_factory=list)
    closed: bool = False
    resting: list[Episode] = field(default_factory=list)


class RecurringMatch:
    """The series of one rule for one child, event by event, a run for each episode."""

    def __init__(self, line: ChildTimeline, rule_id: str, records: list[TrackedObligation]) -> None:
        self.line = line
        self.rule_id = rule_id
        self.records = records
        self.runs: dict[str, Run] = {}
        self.ran: list[Run] = []
        self._results = {result.event.key: result for result in line.results}
        rules = [item.rule for result in line.results for item in result.result.obligations if item.rule.id == rule_id]
        self._ends = {kind for rule in rules for kind in rule.ends_on}
        self._kinds: set[str] = set()
        self._starts = [
            result.event
            for result in line.results
            if (found := result.of(rule_id)) is not None and result.event.type in found.rule.events
        ]
        self._exceptions = {
            other for result in line.results for other in result.version.profile.exceptions.get(rule_id, ())
        }

    def follow(self) -> None:
        """Go through every event in time."""
        starts = {e.moment.day for e in self.line.events if self._rank(e) == START}

        def place(event: Event) -> tuple[date, datetime, int, int]:
            kind = self._rank(event)
            found = self._found(event)
            day, at = order(event.moment)
            if kind == END and event.moment.day in starts:
                kind = FIRST
            elif kind == END and event.moment.at is None:
                # Of an end without a time it is not known that anything of its day came after it.
                at = last_second(day, LONDON)
            return day, at, kind, rank(found.rule, event) if found is not None else 0

        for event in sorted(self.line.events, key=place):
            self._take(event)

    def _found(self, event: Event) -> Obligation | None:
        result = self._results.get(event.key)
        return result.of(self.rule_id) if result is not None else None

    def _rank(self, event: Event) -> int:
        """What comes first of what falls together: an end before a new start, otherwise after the rest."""
        found = self._found(event)
        if found is not None:
            return START if event.type in found.rule.events else OCCURRENCE
        return END if event.type in self._ends or self._closes_a_run(event) else OCCURRENCE

    def _closes_a_run(self, event: Event) -> bool:
        result = self._results.get(event.key)
        return result is not None and bool(self.line.episodes(result.version).closed(event))

    def _take(self, event: Event) -> None:
        result, found = self._results.get(event.key), self._found(event)
        if event.replaced_by is not None:
            if result is not None and found is not None:
                record = self._record(result, found, event, 1)
                by = self.line.index.keyed(event.replaced_by)
                record.supersede(by, None, f"{event.key} was replaced by {by.key}")
            return
        home = self._home(event, result, found)
        for run in self._bearing(event, home):
            self._discharge(run, event)
        ended = [run for run in list(self.runs.values()) if self._ended_by(run, event)]
        self._rest(event, result)
        if found is None or result is None or home is None:
            self._started_without(event, result)
            self._count_from(event, result)
        elif event.type in found.rule.restarts:
            self._restart(result, found, event, home)
        else:
            self._start(result, found, event, home, ended)
        for run in list(self.runs.values()):
            self._resume(run, event)

    def _home(self, event: Event, result: EventResult | None, found: Obligation | None) -> Episode | None:
        """The episode whose run an event starts or carries on."""
        if result is None or found is None:
            return None
        rule = found.rule
        episodes = self.line.episodes(result.version)
        kinds = rule.episodes or tuple(self._kinds)
        if event.type in rule.restarts and kinds:
            acting = [each for kind in kinds if kind in episodes.kinds for each in episodes.acting(kind, event)]
            running = [each for each in acting if each.id in self.runs]
            if running:
                return running[0]
        return self._own_home(result, rule, event)

    def _own_home(self, result: EventResult, rule: Rule, event: Event) -> Episode:
        """The episode of a start; of a restart that began nothing, the one in which the series would have started."""
        if event.type in rule.events or rule.episodes:
            return self.line.home(result.version, rule, event)
        episodes = self.line.episodes(result.version)
        kind = result.version.profile.vocabulary.episode_of(rule.events[0])
        return episodes.instance(kind, event) or self.line.home(result.version, rule, event)

    def _bearing(self, event: Event, home: Episode | None) -> Iterator[Run]:
        """The open runs for whose episode an event may be an act."""
        for run in list(self.runs.values()):
            if run.closed or run.resting:
                continue
            if home is run.episode or self.line.episodes(run.last.version).belongs(event, run.episode):
                yield run

    def _ended_by(self, run: Run, event: Event) -> bool:
        """End a run whose episode an event closes, or that its rule says it ends."""
        last = run.last
        episodes = self.line.episodes(last.version)
        closes = last.rule.after_end == "ends" and any(
            each in run.episode.chain() for each in episodes.closed(event) if each.opened_by is not event
        )
        if closes and len(last.rule.episodes) > 1 and self._goes_on_in_another(run, event):
            return False
        named = named_end(self.line, last, event)
        if not closes and not named:
            return False
        if not run.closed and not run.resting:
            last.end(event)
        run.closed = True
        del self.runs[run.episode.id]
        return True

    def _goes_on_in_another(self, run: Run, event: Event) -> bool:
        """Whether another of the kinds that the series lies in runs on: then it goes on in that."""
        other = self.line.episodes(run.last.version).running_instead(run.last.rule.episodes, event)
        if other is None:
            return False
        del self.runs[run.episode.id]
        run.episode = run.last.episode = other
        self._open(run)
        return True

    def _started_without(self, event: Event, result: EventResult | None) -> None:
        """A start for which the series does not apply takes the place of the one before it."""
        if result is None:
            return
        for run in list(self.runs.values()):
            if run.closed or run.resting or event.type != run.start.type or event.type not in run.last.rule.events:
                continue
            if self.line.home(result.version, run.last.rule, event) is run.episode:
                run.last.supersede(event, None, f"{event.key} started the clock again")
                del self.runs[run.episode.id]

    def _count_from(self, event: Event, result: EventResult | None) -> None:
        """An act while the series rests is what it will be counted from."""
        for run in self.runs.values():
            if result is None or not run.resting or event.type not in run.last.rule.restarts:
                continue
            if self.line.episodes(result.version).belongs(event, run.episode):
                run.base = result

    def _discharge(self, run: Run, event: Event) -> None:
        last = run.last
        if self.line.taken.for_another_episode(last, event):
            return
        if excuses(last, event, facts_of(self.line, last)):
            last.excuse(event)
            if event.type not in last.rule.restarts:
                self._go_on(run)
            return
        met = discharges(last, event, facts_of(self.line, last))
        if met is None:
            last.say("may_discharge", event, "a fact about this event would settle whether it counts")
        if not met or not last.discharge(event):
            return
        self.line.taken.take(last, event)
        if event.type in (*last.rule.restarts, *last.rule.events):
            run.closed = True
        else:
            self._go_on(run)

    def _go_on(self, run: Run) -> None:
        """A series that nothing restarts goes on from its own limits."""
        if not run.chain:
            run.chain = self.line.one_more(run.base, self.rule_id, self.line.case.as_of.day)
        following = [item for item in run.chain if item.occurrence > run.last.obligation.occurrence]
        if not following:
            following = [
                item
                for item in self.line.one_more(run.base, self.rule_id, run.last.obligation.due_date)
                if item.occurrence > run.last.obligation.occurrence
            ]
        if not following:
            run.closed = True
            return
        before = run.last
        run.number += 1
        run.last = self._record(run.base, following[0]._replace(projected=False), run.start, run.number)
        if before.fate == "open" and not before.trackable:
            before.supersede(None, run.last.id, "the next limit has come, and no event shows this one done")

    def _start(self, result: EventResult, found: Obligation, event: Event, home: Episode, ended: Sequence[Run]) -> None:
        run = self.runs.get(home.id)
        if run is not None and run.last.closed_by is event and run.last.fate == "done":
            self._restart(result, found, event, home)
            return
        if run is not None and not run.closed and not run.resting:
            if event.type != run.start.type and event.moment.day <= run.last.obligation.due_date:
                run.last.also_started_by.append(event.key)
                run.last.say("also_started", event)
                if found.due_at >= run.last.obligation.due_at or run.number > 1:
                    return
                self.records.remove(run.last)
                earlier = [run.start.key, *run.last.also_started_by[:-1]]
                record = self._record(result, found, event, 1)
                record.also_started_by += earlier
                self._open(Run(home, event, result, record, 1))
                return
            by = self.line.identify(self.rule_id, event, 1)
            run.last.supersede(event, by, f"{event.key} started the clock again")
        for other in ended:
            # The next of its kind closed the episode: what stands in its place is named.
            if other.last.closed_by is event and other.last.fate == "ended":
                other.last.reopen()
                by = self.line.identify(self.rule_id, event, 1)
                other.last.supersede(event, by, f"{event.key} started the clock again")
        self._open(Run(home, event, result, self._record(result, found, event, 1), 1))

    def _open(self, run: Run) -> None:
        self.runs[run.episode.id] = run
        self._kinds.add(run.episode.kind)
        self.ran.append(run)

    def _restart(self, result: EventResult, found: Obligation, event: Event, home: Episode) -> None:
        run = self.runs.get(home.id)
        if run is None:
            if not self._too_early(event, home, result) and not self._too_late(event, home, result):
                self._open(Run(home, event, result, self._record(result, found, event, 1), 1))
            return
        if run.resting:
            run.base = result
            return
        number = run.number + 1
        if run.last.fate == "open":
            by = self.line.identify(self.rule_id, run.start, number)
            run.last.supersede(event, by, f"{event.key} started the interval again")
        record = self._record(result, found, event, number, run.start)
        self._open(Run(run.episode, run.start, result, record, number))

    def _too_early(self, event: Event, home: Episode, result: EventResult) -> bool:
        """Whether a restart lies before the series' own start in its episode: it does not start it."""
        episodes = self.line.episodes(result.version)
        return any(
            surely_after(start.moment, event.moment)
            and self.line.home(result.version, _rule(result, self.rule_id), start) is home
            for start in self._starts
            if episodes.place(start) > episodes.place(event)
        )

    def _too_late(self, event: Event, home: Episode, result: EventResult) -> bool:
        """Whether a restart lies after the end of its episode: it starts nothing anew."""
        return home.kind != CASE and home.closed_place < self.line.episodes(result.version).place(event)

    def _rest(self, event: Event, result: EventResult | None) -> None:
        """Let the series rest where an exception to it begins, or an episode during which it rests."""
        if result is None:
            return
        episodes = self.line.episodes(result.version)
        for run in list(self.runs.values()):
            rule = run.last.rule
            carriers = [each for each in episodes.opened(event) if each.kind in rule.rests_during]
            by = None
            for name in self._exceptions:
                other = result.of(name)
                if other is not None and event.type in other.rule.events and other.rule.recurring:
                    found = self._carriers(result, other.rule, other.rule.when, event, run.episode)
                    carriers += found or [self.line.home(result.version, other.rule, event)]
                    by = self.line.identify(name, event, 1)
            if (fact := self._not_owed(run, event, result)) is not None:
                found = self._carriers(result, rule, rule.not_owed_when, event, run.episode)
                if not found and not run.resting and not run.closed:
                    run.last.take_back(event, fact)
                    run.closed = True
                carriers += found
            carriers = [each for each in carriers if each is not run.episode and each.closed_by is not event]
            if not carriers:
                continue
            if not run.resting and not run.closed:
                if by is not None:
                    run.last.supersede(event, by, f"{by.split('/')[1]} stands in its place while its episode runs")
                else:
                    run.last.end(event)
            run.resting += carriers

    def _not_owed(self, run: Run, event: Event, result: EventResult) -> str | None:
        """The fact by which an event says that the series is not owed for a time."""
        condition = run.last.rule.not_owed_when
        if condition is None:
            return None
        spec = result.version.profile.vocabulary.events[event.type]
        said = sorted(condition.facts() & {*event.own, *spec.implies, *spec.sets})
        if not said or not self.line.episodes(result.version).belongs(event, run.episode):
            return None
        holds = condition.test(situation(event, result.facts, result.calendar), event.moment.day).holds
        return said[0] if holds is True else None

    def _carriers(
        self, result: EventResult, rule: Rule, condition: Condition | None, event: Event, home: Episode
    ) -> list[Episode]:
        """The episodes, narrower than the series' own, for which what a condition asks holds."""
        episodes, facts = self.line.episodes(result.version), result.version.profile.vocabulary.facts
        asked = condition.facts() if condition is not None else frozenset()
        scopes = {scope for name in asked for scope in facts[name].scopes} - {CHILD, THIS_EVENT, CASE}
        found = [episodes.instance(scope, event) for scope in sorted(scopes)]
        return [each for each in found if each is not None and each not in tuple(home.chain())]

    def _resume(self, run: Run, event: Event) -> None:
        """Go on from the last act once all that the series rested for is over."""
        if not run.resting or any(each.closed_by is None for each in run.resting):
            return
        last_end = max(run.resting, key=lambda each: each.closed_place)
        episodes = self.line.episodes(run.base.version)
        if episodes.place(event) < last_end.closed_place:
            return
        result = run.base
        facts = result.version.profile.vocabulary.facts
        over = {each.kind for each in run.resting}
        known = {name: value for name, value in result.facts.items() if not over & set(facts[name].scopes)}
        if last_end.closed_by is not None:
            later = self.line.facts(result.version, result.calendar, event)
            known.update(
                {name: value for name, value in later.items() if name not in known and over & set(facts[name].scopes)}
            )
        run.resting = []
        found = self.line.with_facts(result, self.rule_id, known)
        if found is None:
            return
        run.number += 1
        run.closed = False
        run.chain = []
        run.last = self._record(result, found, run.start, run.number)
        run.last.say("resumed", event)

    def _record(
        self, result: EventResult, found: Obligation, event: Event, number: int, start: Event | None = None
    ) -> TrackedObligation:
        identity = self.line.identify(self.rule_id, start or event, number)
        record = self.line.obligation(result, found, event, number, identity)
        run = self.runs.get(record.episode.id)
        if start is not None and run is None:
            run = next((each for each in self.runs.values() if each.start is start), None)
        if start is not None and run is not None:
            record.episode = run.episode
        record.say("started", result.event)
        if (change := result.changes.get(self.rule_id)) is not None and not change.taken_back:
            record.say("became_known", change.event, change.fact)
        self.records.append(record)
        return record

    def finish(self) -> None:
        """A series that nothing restarts and that nobody has kept falls due again and again."""
        as_of = self.line.case.as_of
        for run in self.runs.values():
            if run.closed or run.resting or run.last.rule.restarts:
                continue
            while run.last.obligation.due_date < as_of.day and not run.closed:
                before = run.last
                self._go_on(run)
                if run.last is before:
                    break


def _rule(result: EventResult, rule_id: str) -> Rule:
    found = result.version.profile.rule(rule_id)
    assert found is not None
    return found

"""Series: each real occurrence discharges the limit before it and yields the next, until something ends them."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from datetime import date

from app.engine.facts import CASE
from app.engine.results import Obligation
from app.services.timelines.case import Event, surely_after
from app.services.timelines.child_timeline import ChildTimeline
from app.services.timelines.completion_window import window
from app.services.timelines.episode import Episode
from app.services.timelines.episode_ends import named_end
from app.services.timelines.event_results import Change, EventResult
from app.services.timelines.one_off_matching import facts_of
from app.services.timelines.resting_series import Resting, RestingSeries
from app.services.timelines.series_order import in_turn
from app.services.timelines.series_run import Run
from app.services.timelines.tracked_obligation import TrackedObligation, discharges, discharging_types, excuses


class RecurringMatch:
    """The series of one rule for one child, event by event, a run for each episode."""

    def __init__(self, line: ChildTimeline, rule_id: str, records: list[TrackedObligation]) -> None:
        self.line = line
        self.rule_id = rule_id
        self.records = records
        self.runs: dict[str, Run] = {}
        self.resting = RestingSeries(line, rule_id)
        self._results = {result.event.key: result for result in line.results}
        self._rules = {
            result.version.version: rule
            for result in line.results
            if (rule := result.version.profile.rule(rule_id)) is not None
        }
        self._ends = {kind for rule in self._rules.values() for kind in rule.ends_on}
        self._kinds: list[str] = []
        applying = [
            (result.event, obligation.rule)
            for result in line.results
            if (obligation := result.of(rule_id)) is not None and not result.event.corrected
        ]
        self._acts = [event for event, _ in applying]
        self._starts = [event for event, rule in applying if event.type in rule.events]

    def follow(self) -> None:
        """Go through every event in time."""
        for event in in_turn(self.line, self._obligation_at, self._ends):
            self._take(event)

    def _obligation_at(self, event: Event) -> Obligation | None:
        result = self._results.get(event.key)
        obligation = result.of(self.rule_id) if result is not None else None
        if result is None or obligation is None:
            return None
        change = result.changes.get(self.rule_id)
        return None if change is not None and change.anew and self._acted_on(result, obligation, change) else obligation

    def _acted_on(self, result: EventResult, obligation: Obligation, change: Change) -> bool:
        """Say whether the next act came before the word that made the rule apply: that one alone is counted from.

        What was done while the rule did not apply, for another team's interval, met none of its limits.
        """
        episodes, rule, event = self.line.episodes(result.version), obligation.rule, result.event
        home = self.line.home(result.version, rule, event)
        since = bisect_left(self._acts, event.moment.day, key=_day)
        until = bisect_right(self._acts, change.event.moment.day, key=_day)
        return any(
            episodes.place(act) > episodes.place(event)
            and not surely_after(act.moment, change.event.moment)
            and self.line.home(result.version, rule, act) is home
            for act in self._acts[since:until]
        )

    def _take(self, event: Event) -> None:
        result, obligation = self._results.get(event.key), self._obligation_at(event)
        if event.replaced_by is not None:
            if result is not None and obligation is not None:
                record = self._record(result, obligation, event, 1)
                by = self.line.index.keyed(event.replaced_by)
                instead = self.line.identify(self.rule_id, by, 1)
                record.supersede(by, instead, f"{event.key} was replaced by {by.key}")
            return
        home = self._home(event, result, obligation)
        for run in self._bearing(event, home):
            self._discharge(run, event)
        ended = [run for run in list(self.runs.values()) if self._ended_by(run, event)]
        if result is not None:
            self._hear(event, result)
            self._rest(event, result)
        if obligation is None or result is None or home is None:
            self._started_without(event, result)
        elif home.id in self.resting:
            self.resting.count_from(home, result)
        elif event.type in obligation.rule.restarts:
            self._restart(result, obligation, event, home)
        else:
            self._start(result, obligation, event, home, ended)
        for rested in self.resting.over(event):
            self._resume(rested, event)

    def _home(self, event: Event, result: EventResult | None, obligation: Obligation | None) -> Episode | None:
        """Find the episode whose run an event starts or carries on: of several, the narrowest.

        A visit met the limits of both where one was counted from before the placement; the next is the placement's.
        """
        if result is None or obligation is None:
            return None
        rule = obligation.rule
        episodes = self.line.episodes(result.version)
        if event.type in rule.restarts:
            kinds = rule.episodes or self._kinds
            acting = [each for kind in kinds if kind in episodes.kinds for each in episodes.acting(kind, event)]
            running = [each for each in acting if each.id in self.runs or each.id in self.resting]
            if running:
                return running[0] if rule.episodes else max(running, key=lambda each: len([*each.chain()]))
        return self.line.home(result.version, rule, event)

    def _bearing(self, event: Event, home: Episode | None) -> Iterator[Run]:
        """Yield the open runs for whose episode an event may be an act."""
        for run in list(self.runs.values()):
            if run.open() and (home is run.episode or self.line.episodes(run.last.version).belongs(event, run.episode)):
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
        if not closes and not named_end(self.line, last, event):
            return False
        for record in run.open():
            record.end(event)
        run.closed = True
        del self.runs[run.episode.id]
        return True

    def _goes_on_in_another(self, run: Run, event: Event) -> bool:
        """Go on in another of the kinds that the series lies in, where one runs on."""
        other = self.line.episodes(run.last.version).running_instead(run.last.rule.episodes, event)
        if other is None:
            return False
        del self.runs[run.episode.id]
        run.episode = run.last.episode = other
        self._open(run)
        return True

    def _hear(self, event: Event, result: EventResult) -> None:
        """Let a later word change, or end, what is open: a longer interval agreed, another team."""
        for run in list(self.runs.values()):
            if run.closed:
                continue
            later = run.base.later.get(self.rule_id)
            if later is not None and later[1].event is event:
                run.last.obligation = later[0]._replace(occurrence=run.last.obligation.occurrence)
                run.last.add_history("became_known", event, later[1].fact)
            fact = self.resting.no_longer_applies(run.last, event, result)
            if fact is not None and event is not run.base.event:
                run.last.add_history("no_longer_applies", event, fact)
                for record in run.open():
                    record.end(event)
                del self.runs[run.episode.id]

    def _rest(self, event: Event, result: EventResult) -> None:
        """Let the series rest where an exception to it begins, or an episode during which it rests."""
        rule = self._rules.get(result.version.version)
        if rule is None:
            return
        for run in list(self.runs.values()):
            carriers, by = self.resting.carriers(run.last.rule, run.episode, event, result)
            taken_back = self.resting.not_owed(run.last, event, result)
            if not carriers and taken_back is not None and not run.closed:
                for record in run.open():
                    record.take_back(event, taken_back)
                del self.runs[run.episode.id]
            if not carriers:
                continue
            for record in run.open():
                if by is not None:
                    record.supersede(event, by, f"{by} stands in its place while its episode runs")
                else:
                    record.end(event)
            del self.runs[run.episode.id]
            self.resting.add(Resting(run.episode, run.start, run.base, run.number, carriers))
        self.resting.let_rest_from_the_start(rule, event, result, self.runs)

    def _resume(self, rested: Resting, event: Event) -> None:
        """Go on from the last act once all that the series rested for is over."""
        counted = self.resting.counted_again(rested, event)
        if counted is None:
            return
        number = rested.number + 1
        identity = self.line.identify(self.rule_id, rested.start, number)
        record = self.line.obligation(rested.base, counted, rested.start, number, identity)
        record.episode = rested.episode
        record.add_history("started", rested.base.event)
        record.add_history("resumed", event)
        self.records.append(record)
        self._open(Run(rested.episode, rested.start, rested.base, record, number))

    def _started_without(self, event: Event, result: EventResult | None) -> None:
        """Let a start for which the series does not apply take the place of the one before it."""
        if result is None:
            return
        self.resting.act(event, result)
        for run in list(self.runs.values()):
            if run.closed or event.type != run.start.type or event.type not in run.last.rule.events:
                continue
            if self.line.home(result.version, run.last.rule, event) is run.episode:
                run.last.supersede(event, None, f"{event.key} started the clock again")
                del self.runs[run.episode.id]

    def _discharge(self, run: Run, event: Event) -> None:
        for record in list(run.left_open):
            if discharges(record, event, facts_of(self.line, record)) and record.discharge(event):
                self.line.taken.take(record, event)
                run.left_open.remove(record)
        if not run.closed:
            self._discharge_the_last(run, event)

    def _discharge_the_last(self, run: Run, event: Event) -> None:
        last = run.last
        if self.line.taken.for_another_episode(last, event):
            return
        if excuses(last, event, facts_of(self.line, last)):
            last.excuse(event)
            if event.type in last.rule.restarts:
                run.closed = True
            else:
                self._go_on(run)
            return
        met = discharges(last, event, facts_of(self.line, last))
        if met is None:
            last.add_history("may_discharge", event, "a fact about this event would settle whether it counts")
        if not met or not last.discharge(event):
            return
        self.line.taken.take(last, event)
        if event.type in (*last.rule.restarts, *last.rule.events):
            run.closed = True
        else:
            self._go_on(run)

    def _go_on(self, run: Run) -> None:
        """Go on from the series' own limits, where nothing restarts it."""
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
        run.last.episode = run.episode
        if before.fate == "open" and not before.trackable:
            before.supersede(None, run.last.id, "the next limit has come, and no event shows this one done")

    def _start(
        self, result: EventResult, obligation: Obligation, event: Event, home: Episode, ended: Sequence[Run]
    ) -> None:
        run = self.runs.get(home.id)
        if run is not None and run.last.closed_by is event and run.last.fate == "done":
            self._restart(result, obligation, event, home)
            return
        if run is not None and not run.closed:
            if event.type != run.start.type and event.moment.day <= run.last.obligation.due_date:
                run.last.also_started_by.append(event.key)
                run.last.add_history("also_started", event)
                if obligation.due_at >= run.last.obligation.due_at or run.number > 1:
                    return
                self.records.remove(run.last)
                earlier = [run.start.key, *run.last.also_started_by[:-1]]
                record = self._record(result, obligation, event, 1)
                record.also_started_by += earlier
                self._open(Run(home, event, result, record, 1))
                return
            by = self.line.identify(self.rule_id, event, 1)
            run.last.supersede(event, by, f"{event.key} started the clock again")
        for other in ended:
            # The next of its kind closed the episode: what stands in place of what was still ahead is named.
            ahead = event.moment.day <= other.last.obligation.due_date
            if ahead and other.last.closed_by is event and other.last.fate == "ended":
                other.last.reopen()
                by = self.line.identify(self.rule_id, event, 1)
                other.last.supersede(event, by, f"{event.key} started the clock again")
        self._open(Run(home, event, result, self._record(result, obligation, event, 1), 1))
        if obligation.rule.done_before is not None:
            self._count_what_was_done_before(self.runs[home.id])

    def _count_what_was_done_before(self, run: Run) -> None:
        """Take the last act that lies before the start, where the paper lets it be done before."""
        within = window(self.line, run.last, None)
        kinds = run.last.version.profile.vocabulary.including(discharging_types(run.last.rule))
        acts = [
            event
            for event in self.line.index.of(*kinds)
            if surely_after(run.start.moment, event.moment) and within.holds(event.moment)
        ]
        for event in acts[-1:]:
            self._discharge(run, event)
            result, obligation = self._results.get(event.key), self._obligation_at(event)
            if run.closed and result is not None and obligation is not None and event.type in obligation.rule.restarts:
                self._restart(result, obligation, event, run.episode)

    def _open(self, run: Run) -> None:
        self.runs[run.episode.id] = run
        if run.episode.kind not in self._kinds:
            self._kinds.append(run.episode.kind)

    def _restart(self, result: EventResult, obligation: Obligation, event: Event, home: Episode) -> None:
        run = self.runs.get(home.id)
        if run is None:
            if not self._too_early(event, home, result) and not self._too_late(event, home, result):
                self._open(Run(home, event, result, self._record(result, obligation, event, 1), 1))
            return
        number = run.number + 1
        left_open = list(run.left_open)
        if run.last.fate == "open" and run.last.rule.discharged_when is not None:
            left_open.append(run.last)
        elif run.last.fate == "open":
            by = self.line.identify(self.rule_id, run.start, number)
            run.last.supersede(event, by, f"{event.key} started the interval again")
        record = self._record(result, obligation, event, number, run.start)
        record.episode = run.episode
        self._open(Run(run.episode, run.start, result, record, number, left_open=left_open))

    def _too_early(self, event: Event, home: Episode, result: EventResult) -> bool:
        """Say whether a restart lies before the series' own start in its episode: it does not start it.

        So it does where the start is the end of what still runs: a home visit in the course of the assessment.
        """
        episodes, rule = self.line.episodes(result.version), self._rules[result.version.version]
        if rule.when is None:
            ends = [kind for kind, each in episodes.kinds.items() if set(rule.events) <= set(each.closed_by)]
            running = [each for kind in ends if (each := episodes.instance(kind, event)) is not None]
            if any(each.closed_place > episodes.place(event) for each in running):
                return True
        return any(
            surely_after(start.moment, event.moment) and self.line.home(result.version, rule, start) is home
            for start in self._starts
            if episodes.place(start) > episodes.place(event)
        )

    def _too_late(self, event: Event, home: Episode, result: EventResult) -> bool:
        """Say whether a restart lies after the end of its episode: it starts nothing anew."""
        return home.kind != CASE and home.closed_place < self.line.episodes(result.version).place(event)

    def _record(
        self, result: EventResult, obligation: Obligation, event: Event, number: int, start: Event | None = None
    ) -> TrackedObligation:
        identity = self.line.identify(self.rule_id, start or event, number)
        record = self.line.obligation(result, obligation, event, number, identity)
        record.add_history("started", result.event)
        if (change := result.changes.get(self.rule_id)) is not None and not change.taken_back:
            record.add_history("became_known", change.event, change.fact)
        self.records.append(record)
        return record

    def finish(self) -> None:
        """Let a series that nothing restarts and that nobody has met fall due again and again."""
        as_of = self.line.case.as_of
        for run in self.runs.values():
            if run.closed or run.last.rule.restarts:
                continue
            while run.last.obligation.due_date < as_of.day and not run.closed:
                before = run.last
                self._go_on(run)
                if run.last is before:
                    break


def _day(event: Event) -> date:
    return event.moment.day

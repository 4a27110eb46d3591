"""What is yet to happen: each step that is due whatever is found, assumed done on its last day, and what it starts."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from itertools import count

from app.engine.civil_time import Moment, last_second
from app.engine.compiled_profile import Rule
from app.engine.facts import FactValue
from app.engine.results import Obligation, Undetermined
from app.engine.series import Series
from app.services.calculation.response import iso
from app.services.snapshot.snapshot import ProfileVersion
from app.services.timelines.case import SCHEDULED, Event, scheduling
from app.services.timelines.child_timeline import ChildTimeline, is_series
from app.services.timelines.event_results import EventResult
from app.services.timelines.findings import Conditional, finding_facts, hangs_on
from app.services.timelines.pending_rule import PendingRule
from app.services.timelines.size_limits import MAX_OBLIGATIONS, too_many
from app.services.timelines.tracked_obligation import (
    TrackedObligation,
    discharges,
    discharging_types,
    required_event_facts,
    written,
)
from app.services.zone import LONDON


@dataclass(frozen=True, slots=True)
class Assumed:
    """An event that has not happened, with the obligations that it rests on."""

    event: Event
    rests_on: tuple[str, ...]
    profile: str
    child: str | None


class Projection:
    """The chain from what is open, down to a horizon.

    Every open obligation is assumed done on its last day (if that is past, on the day the case is looked at; if a
    meeting is arranged, at that meeting) by the first event that its rule names. That event starts what it starts. An
    event that only happens if something is found is never assumed: what hangs on it is listed as conditional, once. One
    kind of event is assumed once a day, so that a chain that comes round to itself ends at the horizon.
    """

    def __init__(self, line: ChildTimeline, records: list[TrackedObligation], until: date) -> None:
        self.line = line
        self.until = until
        self.real = list(records)
        self.records = records
        self.assumed: list[Assumed] = []
        self.undetermined: list[PendingRule] = []
        self._conditional: dict[tuple[str, str], Conditional] = {}
        self._queue: list[tuple[date, str, int, int, TrackedObligation]] = []
        self._turn = count()
        self._done: set[str] = set()
        self._seen: set[tuple[str, date, str]] = set()
        self._unfolded: set[str] = set()
        self._open: dict[str, list[TrackedObligation]] = {}
        self._started_on: dict[tuple[str, date], list[TrackedObligation]] = {}
        self._waits: set[tuple[str, str]] = set()
        self._finding_facts: dict[int, Mapping[str, str]] = {}
        self._ended_on: dict[str, list[TrackedObligation]] = {}
        self._dropped: set[str] = set()
        self._counts: dict[str, int] = {}
        for event in line.events:
            self._counts[event.type] = self._counts.get(event.type, 0) + 1

    @property
    def conditional(self) -> list[Conditional]:
        """Return what hangs on a finding, each rule once."""
        return list(self._conditional.values())

    def run(self) -> None:
        """Follow every open obligation."""
        results = {result.event.key: result for result in self.line.results}
        newest = {record.series: record for record in sorted(self.real, key=lambda each: each.number)}
        for record in self.real:
            self._note(record)
            if record.fate != "open" or record.earliest_only:
                continue
            self._push(record)
            result = results.get(record.started_by.key)
            overdue = record.obligation.due_date < self.line.case.as_of.day
            # A limit that a visit left open carried the series on already.
            goes_on = is_series(record.obligation) and newest[record.series] is record
            if result is not None and goes_on and not overdue and record.scheduled is None:
                self._unfold(record, result)
        while self._queue:
            day, _, _, _, record = heapq.heappop(self._queue)
            if day > self.until:
                break
            if record.id not in self._done:
                self._do(record, day)
        self.records[:] = [record for record in self.records if record.id not in self._dropped]

    def _note(self, record: TrackedObligation) -> None:
        if record.fate == "open":
            self._open.setdefault(record.rule.id, []).append(record)
        self._started_on.setdefault((record.rule.id, record.started_by.moment.day), []).append(record)

    def _push(self, record: TrackedObligation) -> None:
        planned = None if record.rests_on else self._planned(record)
        record.scheduled = planned
        day = planned.moment.day if planned is not None else record.obligation.due_date
        start = self.line.case.as_of.day if not record.rests_on else record.started_by.moment.day
        item = (max(day, start), record.rule.id, record.number, next(self._turn), record)
        heapq.heappush(self._queue, item)
        for event in record.rule.ends_on:
            self._ended_on.setdefault(event, []).append(record)

    def _planned(self, record: TrackedObligation) -> Event | None:
        """Return the meeting that is arranged for what an obligation asks."""
        names = record.version.profile.vocabulary.events
        arranging = (scheduling(kind, names) for kind in discharging_types(record.rule))
        kinds = {kind for kind in arranging if kind is not None}
        as_of = self.line.case.as_of
        episodes = self.line.episodes(record.version)
        coming = (
            event
            for event in (self.line.index.since(as_of.day, kinds, ()) if kinds else ())
            if event.moment.day >= as_of.day
            and event.type not in discharging_types(record.rule)
            and episodes.belongs(event, record.episode)
        )
        return next(coming, None)

    def _unfold(self, record: TrackedObligation, result: EventResult) -> None:
        """Add the further limits of a series, each resting on the one before, and why it stops where it does.

        Where it cannot be followed from its start alone, the event that is assumed may still carry it on.
        """
        before = record
        unfolded = self.line.unfold(result, record.rule.id, self.until)
        for item in unfolded.limits:
            if item.occurrence <= record.obligation.occurrence:
                continue
            number = record.number + item.occurrence - record.obligation.occurrence
            start = replace(result.event, moment=Moment(before.obligation.due_date), assumed=True)
            before = self._add(result, item, start, number, (before.id,), series=record.series)
        if before is not record:
            self._unfolded.add(record.rule.id)
        for stopped in unfolded.stopped:
            if stopped.from_date is not None:
                self.undetermined.append(PendingRule(self.line, stopped, record.started_by, (before.id,)))

    def _add(
        self,
        result: EventResult,
        item: Obligation,
        start: Event,
        number: int,
        rests_on: tuple[str, ...],
        series: str | None = None,
    ) -> TrackedObligation:
        if len(self.records) - len(self._dropped) >= MAX_OBLIGATIONS:
            raise too_many()
        identity = f"{series}/{number}" if series else self.line.identify(item.rule.id, start, number)
        projected = item._replace(projected=True, occurrence=number)
        record = self.line.obligation(result, projected, start, number, identity, rests_on)
        record.add_history("projected", start, "assumed, resting on what rests_on names")
        self.records.append(record)
        self._note(record)
        self._push(record)
        return record

    def _finish(self, record: TrackedObligation) -> None:
        self._done.add(record.id)
        rule = self._open.get(record.rule.id)
        if rule is not None and record.rule.id not in self._unfolded and record in rule:
            rule.remove(record)

    def _do(self, record: TrackedObligation, day: date) -> None:
        kinds = discharging_types(record.rule)
        types = record.version.profile.vocabulary.events
        self._finish(record)
        # What asks only for a meeting to be arranged says nothing of when it will be held.
        if not kinds or any(kind.endswith(SCHEDULED) for kind in kinds):
            return
        act = _act(record)
        if types[act].finding and record.scheduled is None:
            self._hangs(record.version, act)
            return
        moment = self._moment(record, day)
        if record.scheduled is None and (arranged := scheduling(act, types)) is not None:
            self._assume(arranged, moment, record)
        self._assume(act, moment, record, required_event_facts(record.rule))
        for other in types[act].brings:
            if types[other].finding:
                self._hangs(record.version, other)
            else:
                self._assume(other, moment, record)

    def _hangs(self, version: ProfileVersion, kind: str) -> None:
        """List what a finding would start, and what it brings with it."""
        events = version.profile.vocabulary.events
        for event in (kind, *events[kind].brings):
            for started in version.profile.by_event.get(event, ()):
                if event in started.rule.events:
                    self._condition(version, started.rule, event, hangs_on(version.profile, events[event]))

    def _condition(self, version: ProfileVersion, rule: Rule, event: str, fact: str | None) -> None:
        if any(record.fate == "open" and not record.rests_on for record in self._open.get(rule.id, ())):
            return
        conditional = Conditional(self.line.selection.key, self.line.child.reference, rule, event, fact)
        self._conditional.setdefault((version.record.key, rule.id), conditional)

    def _moment(self, record: TrackedObligation, day: date) -> Moment:
        if record.scheduled is not None:
            return record.scheduled.moment
        due = record.obligation
        if due.kind == "lead_time" and record.rests_on:
            return Moment(max(due.due_date, self.line.case.as_of.day))
        if day == due.due_date and due.due_at != last_second(due.due_date, LONDON) and due.kind != "lead_time":
            return Moment(day, due.due_at)
        return Moment(day)

    def _assume(
        self, kind: str, moment: Moment, record: TrackedObligation, own: Mapping[str, FactValue] | None = None
    ) -> None:
        own = own or {}
        seen = (kind, moment.day, repr(sorted(own.items())))
        if seen in self._seen:
            return
        self._seen.add(seen)
        number = self._counts[kind] = self._counts.get(kind, 0) + 1
        name = record.episode.id if record.episode.named else None
        event = Event(f"{kind}.{number}", kind, moment, own, moment, assumed=True, episode=name)
        self.assumed.append(Assumed(event, (record.id,), self.line.selection.key, self.line.child.reference))
        self.line.assume(event)
        met = self._close(event, record)
        result = self.line.ask(event) if self._starts_something(event) else None
        if result is None:
            return
        findings = self._findings(result.version)
        for item in result.result.undetermined:
            self._wait(result, item, event, met, record, findings)
        for obligation in result.result.obligations:
            names = obligation.rule.when.facts() if obligation.rule.when is not None else frozenset()
            unknown = (names & findings.keys()) - result.facts.keys()
            if unknown and obligation.rule.id not in met:
                fact = min(unknown)
                self._condition(result.version, obligation.rule, findings[fact], fact)
            else:
                self._start(result, obligation, event, met, record)

    def _starts_something(self, event: Event) -> bool:
        """Say whether an assumed event starts or carries on anything that is not followed from its start already."""
        version = self.line.case.version(self.line.selection, event.moment.day)
        started = version.profile.by_event.get(event.type, ()) if version is not None else ()
        return any(each.rule.id not in self._unfolded for each in started)

    def _findings(self, version: ProfileVersion) -> Mapping[str, str]:
        facts = self._finding_facts.get(version.version)
        if facts is None:
            facts = self._finding_facts[version.version] = finding_facts(version.profile)
        return facts

    def _wait(
        self,
        result: EventResult,
        item: Undetermined,
        event: Event,
        met: Mapping[str, TrackedObligation],
        cause: TrackedObligation,
        findings: Mapping[str, str],
    ) -> None:
        """Name what an assumed event leaves open: a start, or a series that goes no further."""
        rule = item.rule.id
        hanging = [fact for fact in item.needs if fact in findings]
        if event.type in item.rule.events:
            if hanging:
                self._condition(result.version, item.rule, findings[hanging[0]], hanging[0])
            else:
                self.undetermined.append(PendingRule(self.line, item, event, (cause.id,)))
        elif rule in met and rule not in self._unfolded and (rule, met[rule].id) not in self._waits:
            self._waits.add((rule, met[rule].id))
            stopped = item._replace(from_date=item.from_date or event.moment.day)
            self.undetermined.append(PendingRule(self.line, stopped, event, (met[rule].id,)))

    def _close(self, event: Event, cause: TrackedObligation) -> dict[str, TrackedObligation]:
        """Return what is open and would be met by the event: nothing further has to be assumed for it."""
        met = {cause.rule.id: cause} if event.type in discharging_types(cause.rule) else {}
        for other in [each for rule, opened in self._open.items() if rule not in self._unfolded for each in opened]:
            begun = other.started_by.moment.day < event.moment.day and other.id not in self._done
            if other is cause or not begun or _another_occasion(cause, other):
                continue
            if discharges(other, event, _own) is True and self.line.episodes(other.version).belongs(
                event, other.episode
            ):
                self._finish(other)
                met[other.rule.id] = other
        self._drop_what_ends(event)
        return met

    def _drop_what_ends(self, event: Event) -> None:
        """Follow no further what the event ends."""
        for other in self._ended_by(event):
            if other.obligation.due_date <= event.moment.day:
                continue  # By then it is assumed done.
            self._done.add(other.id)
            if other.rests_on:
                self._dropped.add(other.id)

    def _ended_by(self, event: Event) -> Iterator[TrackedObligation]:
        versions = {record.version.version: record.version for _, _, _, _, record in self._queue[:1]}
        versions.update({result.version.version: result.version for result in self.line.results[-1:]})
        closed = {number: tuple(self.line.episodes(version).closed(event)) for number, version in versions.items()}
        followed = (item[-1] for item in self._queue) if any(closed.values()) else self._ended_on.get(event.type, ())
        for other in followed:
            number = other.version.version
            if other.id in self._done or other.started_by.key == event.key or number not in versions:
                continue
            over = closed[number] if other.rule.after_end == "ends" else ()
            if event.type in other.rule.ends_on or any(each in over for each in other.episode.chain()):
                yield other

    def _start(
        self,
        result: EventResult,
        item: Obligation,
        event: Event,
        met: Mapping[str, TrackedObligation],
        cause: TrackedObligation,
    ) -> None:
        rule = item.rule.id
        if item.due_date > self.until or rule in self._unfolded:
            return
        before = met.get(rule)
        if before is not None and is_series(item) and event.type in item.rule.restarts:
            added = self._add(result, item, event, before.number + 1, (before.id,), series=before.series)
        elif self._demanded_already(item, event):
            return
        else:
            added = self._add(result, item, event, 1, (cause.id,))
        if is_series(item) and not item.rule.restarts:
            self._unfold(added, result)

    def _demanded_already(self, item: Obligation, event: Event) -> bool:
        """Return whether a clock that still runs wants the same act already."""
        for other in self._started_on.get((item.rule.id, event.moment.day), ()):
            stands = other.id not in self._dropped and other.started_by.replaced_by is None
            if stands and other.started_by.type == self._arranging(event):
                other.also_started_by.append(event.key)
                return True
        for other in self._open.get(item.rule.id, ()):
            if other.id in self._done:
                continue
            alike = is_series(item) or bool(item.rule.discharged_by)
            if alike and other.started_by.type != event.type and event.moment.day <= other.obligation.due_date:
                other.also_started_by.append(event.key)
                return True
        return False

    def _arranging(self, event: Event) -> str | None:
        return scheduling(event.type, self._counts)


def _own(event: Event) -> Mapping[str, FactValue]:
    return {fact: value for fact, value in event.own.items() if value is not None}


def _act(record: TrackedObligation) -> str:
    """Return the event by which an act is assumed done: the first that its rule names.

    Not one that is by itself another of a numbered series: a planning meeting is the first review, and never the third.
    """
    kinds = discharging_types(record.rule)
    timing, types = record.rule.readings[0].timing, record.version.profile.vocabulary.events
    if not isinstance(timing, Series) or timing.counter is None:
        return kinds[0]
    if timing.first is not None and record.obligation.phase == timing.first.overrides.id:
        return kinds[0]
    return next((kind for kind in kinds if timing.counter.key not in types[kind].implies), kinds[0])


def _another_occasion(one: TrackedObligation, other: TrackedObligation) -> bool:
    """Return whether two limits of one start each want an act of their own: the reviews at day 5 and at day 10."""
    same = one.started_by.key == other.started_by.key and one.family == other.family
    return same and other.rule.occasion and one.obligation.due_at != other.obligation.due_at


def described(assumed: Assumed) -> dict[str, object]:
    """Return an assumed event as it is answered, so that it can be sent back when it has happened."""
    return {
        "id": assumed.event.key,
        "type": assumed.event.type,
        "occurred_at": written(assumed.event.moment),
        "facts": {key: iso(v) if isinstance(v, date) else v for key, v in assumed.event.own.items()},
        "child": assumed.child,
        "profile": assumed.profile,
        "rests_on": list(assumed.rests_on),
    }

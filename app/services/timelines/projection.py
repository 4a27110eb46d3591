"""What is yet to happen: each step assumed done on its last day, and whatever that would start in turn."""

from __future__ import annotations

import heapq
from dataclasses import dataclass, replace
from datetime import date
from itertools import count

from app.engine.civil_time import Moment, last_second
from app.engine.facts import FactValue
from app.engine.results import Obligation, Undetermined
from app.services.calculation.response import iso
from app.services.timelines.case import SCHEDULED, Event, scheduling
from app.services.timelines.child_timeline import Line, Met, is_series
from app.services.timelines.size_limits import MOST_OBLIGATIONS, too_many
from app.services.timelines.tracked_obligation import Record, discharges, discharging_types, telling, written
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
    meeting is arranged, at that meeting) by the first event that its rule names. That event starts what it starts. One
    kind of event is assumed once a day, so that a chain that comes round to itself ends at the horizon.
    """

    def __init__(self, line: Line, records: list[Record], until: date) -> None:
        self.line = line
        self.until = until
        self.real = list(records)
        self.records = records
        self._of_rule: dict[str, list[Record]] = {}
        for record in records:
            self._of_rule.setdefault(record.rule.id, []).append(record)
        self.assumed: list[Assumed] = []
        self.undetermined: list[tuple[Undetermined, Event, tuple[str, ...]]] = []
        self._queue: list[tuple[date, str, int, int, Record]] = []
        self._turn = count()
        self._done: set[str] = set()
        self._seen: set[tuple[str, date, str]] = set()
        self._unfolded: dict[str, Record] = {}
        self._counts: dict[str, int] = {}
        self._rests: dict[str, tuple[str, ...]] = {}
        for event in line.events:
            self._counts[event.type] = self._counts.get(event.type, 0) + 1

    def run(self) -> None:
        """Follow every open obligation."""
        mets = {met.event.key: met for met in self.line.met}
        for record in self.real:
            if record.fate != "open" or record.earliest_only:
                continue
            self._push(record)
            met = mets.get(record.started_by.key)
            overdue = record.obligation.due_date < self.line.case.as_of.day
            if met is not None and is_series(record.obligation) and not overdue and record.scheduled is None:
                self._unfold(record, met)
        while self._queue:
            day, _, _, _, record = heapq.heappop(self._queue)
            if day > self.until:
                return
            if record.id not in self._done:
                self._do(record, day)

    def _push(self, record: Record) -> None:
        planned = None if record.rests_on else self._planned(record)
        record.scheduled = planned
        day = planned.moment.day if planned is not None else record.obligation.due_date
        start = self.line.case.as_of.day if not record.rests_on else record.started_by.moment.day
        item = (max(day, start), record.rule.id, record.number, next(self._turn), record)
        heapq.heappush(self._queue, item)

    def _planned(self, record: Record) -> Event | None:
        """The meeting that is arranged for what an obligation asks."""
        names = record.version.profile.vocabulary.events
        arranging = (scheduling(kind, names) for kind in discharging_types(record.rule))
        kinds = {kind for kind in arranging if kind is not None}
        as_of = self.line.case.as_of
        coming = (
            event
            for event in self.line.index.since(as_of.day, kinds, ())
            if event.moment.day >= as_of.day and event.type not in discharging_types(record.rule)
        )
        return next(coming, None)

    def _unfold(self, record: Record, met: Met) -> None:
        """The further limits of a series, each resting on the one before.

        Where it cannot be followed from its start alone, the event that is assumed may still carry it on.
        """
        before = record
        for item in self.line.unfold(met, record.rule.id, self.until):
            if item.occurrence <= record.obligation.occurrence:
                continue
            number = record.number + item.occurrence - record.obligation.occurrence
            start = replace(met.event, moment=Moment(before.obligation.due_date), assumed=True)
            before = self._add(met, item, start, number, (before.id,), key=record.id)
        if before is not record:
            self._unfolded[record.rule.id] = record

    def _add(
        self, met: Met, item: Obligation, start: Event, number: int, rests_on: tuple[str, ...], key: str | None = None
    ) -> Record:
        if len(self.records) >= MOST_OBLIGATIONS:
            raise too_many()
        identity = f"{key.rsplit('/', 1)[0]}/{number}" if key else self.line.identify(item.rule.id, start, number)
        projected = item._replace(projected=True, occurrence=number)
        record = self.line.record(met, projected, start, number, identity, rests_on)
        record.say("projected", start, "assumed, resting on what rests_on names")
        self.records.append(record)
        self._of_rule.setdefault(item.rule.id, []).append(record)
        self._push(record)
        return record

    def _do(self, record: Record, day: date) -> None:
        kinds = discharging_types(record.rule)
        known = record.version.profile.vocabulary.events
        self._done.add(record.id)
        # What asks only for a meeting to be arranged says nothing of when it will be held.
        if not kinds or any(kind.endswith(SCHEDULED) for kind in kinds):
            return
        moment = self._moment(record, day)
        if record.scheduled is None and (arranged := scheduling(kinds[0], known)) is not None:
            self._assume(arranged, moment, record)
        self._assume(kinds[0], moment, record, telling(record.rule))
        for other in known[kinds[0]].brings:
            self._assume(other, moment, record)

    def _moment(self, record: Record, day: date) -> Moment:
        if record.scheduled is not None:
            return record.scheduled.moment
        due = record.obligation
        if due.kind == "lead_time" and record.rests_on:
            return Moment(max(due.due_date, self.line.case.as_of.day))
        if day == due.due_date and due.due_at != last_second(due.due_date, LONDON) and due.kind != "lead_time":
            return Moment(day, due.due_at)
        return Moment(day)

    def _assume(self, kind: str, moment: Moment, record: Record, own: dict[str, FactValue] | None = None) -> None:
        own = own or {}
        if (kind, moment.day, repr(sorted(own.items()))) in self._seen:
            return
        number = self._counts[kind] = self._counts.get(kind, 0) + 1
        event = Event(f"{kind}.{number}", kind, moment, own, moment, assumed=True)
        self._seen.add((kind, moment.day, repr(sorted(own.items()))))
        self._rests[event.key] = (record.id,)
        self.assumed.append(Assumed(event, (record.id,), self.line.asked.key, self.line.child.reference))
        closed = self._close(event, record)
        self.line.assume(event)
        met = self.line.meet(event, until=self.until)
        if met is None:
            return
        for item in met.result.undetermined:
            if event.type in item.rule.events:
                self.undetermined.append((item, event, (record.id,)))
        started: dict[str, Record] = {}
        for obligation in met.result.obligations:
            self._start(met, obligation, event, closed, started)
        for rule, last in started.items():
            if is_series(last.obligation):
                self._unfolded[rule] = last

    def _close(self, event: Event, cause: Record) -> dict[str, Record]:
        """What is open and would be met, or ended, by the event: nothing further has to be assumed for it."""
        closed = {cause.rule.id: cause} if event.type in discharging_types(cause.rule) else {}
        gone: set[str] = set()
        for _, _, _, _, other in self._queue:
            begun = other.started_by.moment.day < event.moment.day
            meets = other is not cause and begun and not _another_time(cause, other)
            meets = meets and discharges(other, event, lambda each: each.own) is True
            if meets and other.rule.id not in self._unfolded and other.id not in self._done:
                self._done.add(other.id)
                closed[other.rule.id] = other
            if other.rests_on and begun and event.type in other.rule.ends_on:
                gone.add(other.id)
        if gone:
            runs = {name.rsplit("/", 1)[0] for name in gone}
            gone |= {item[-1].id for item in self._queue if item[-1].rests_on and item[-1].id.rsplit("/", 1)[0] in runs}
            self._done |= gone
            for listed in (self.records, *self._of_rule.values()):
                listed[:] = [record for record in listed if record.id not in gone]
        return closed

    def _start(
        self, met: Met, item: Obligation, event: Event, closed: dict[str, Record], started: dict[str, Record]
    ) -> None:
        rule = item.rule.id
        if item.due_date > self.until or rule in self._unfolded:
            return
        if rule in started:
            number = started[rule].number + 1
            started[rule] = self._add(met, item, event, number, (started[rule].id,), key=started[rule].id)
            return
        before = closed.get(rule)
        if before is not None and is_series(item) and event.type in item.rule.restarts:
            started[rule] = self._add(met, item, event, before.number + 1, (before.id,), key=before.id)
        elif not self._open(item, event):
            started[rule] = self._add(met, item, event, 1, self._rests[event.key])

    def _open(self, item: Obligation, event: Event) -> bool:
        """Whether the same act is asked for already by a clock that still runs."""
        for other in self._of_rule.get(item.rule.id, ()):
            if self._arranged(other.started_by, event):
                other.also_started_by.append(event.key)
                return True
            if other.fate != "open" or other.id in self._done:
                continue
            alike = is_series(item) or bool(item.rule.discharged_by)
            if alike and other.started_by.type != event.type and event.moment.day <= other.obligation.due_date:
                other.also_started_by.append(event.key)
                return True
        return False

    def _arranged(self, start: Event, event: Event) -> bool:
        """Whether a start is the arranging of the meeting that an event is."""
        names = {*self._counts, start.type}
        same_day = start.moment.day == event.moment.day and start.replaced_by is None
        return same_day and start.type == scheduling(event.type, dict.fromkeys(names))


def _another_time(one: Record, other: Record) -> bool:
    """Whether two limits ask for one act at two times: the review at day 5, and the one at day 10."""
    same = one.started_by.key == other.started_by.key and one.obligation.duty == other.obligation.duty
    return same and one.obligation.due_at != other.obligation.due_at


def described(assumed: Assumed) -> dict[str, object]:
    """An assumed event as it is answered, so that it can be sent back when it has happened."""
    return {
        "id": assumed.event.key,
        "type": assumed.event.type,
        "occurred_at": written(assumed.event.moment),
        "facts": {key: iso(v) if isinstance(v, date) else v for key, v in assumed.event.own.items()},
        "child": assumed.child,
        "profile": assumed.profile,
        "rests_on": list(assumed.rests_on),
    }

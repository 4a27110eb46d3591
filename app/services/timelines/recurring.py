"""Series: each real occurrence discharges the limit before it and yields the next, until something ends them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

from app.engine.civil_time import last_second
from app.engine.results import Obligation
from app.services.timelines.case import Event, order
from app.services.timelines.child_timeline import Line, Met
from app.services.timelines.one_off_matching import ends, facts_of
from app.services.timelines.tracked_obligation import Record, discharges, rank
from app.services.zone import LONDON

FIRST, START, OCCURRENCE, END = range(4)


@dataclass(slots=True)
class Run:
    """One run of a series, from what started it: its limits so far, and those of its chain not yet reached."""

    start: Event
    met: Met
    last: Record
    number: int
    chain: list[Obligation] = field(default_factory=list)
    closed: bool = False


class RecurringMatch:
    """The series of one rule for one child, event by event."""

    def __init__(self, line: Line, rule_id: str, records: list[Record]) -> None:
        self.line = line
        self.rule_id = rule_id
        self.records = records
        self.run: Run | None = None
        rules = [item.rule for met in line.met for item in met.result.obligations if item.rule.id == rule_id]
        self._ends = {kind for rule in rules for kind in rule.ends_on}

    def follow(self, mets: list[Met]) -> None:
        """Go through every event in time."""
        by_key = {met.event.key: met for met in mets}

        starts = {e.moment.day for e in self.line.events if self._rank(e, by_key.get(e.key)) == START}

        def place(event: Event) -> tuple[date, datetime, int, int]:
            met = by_key.get(event.key)
            kind = self._rank(event, met)
            found = met.of(self.rule_id) if met is not None else None
            day, at = order(event.moment)
            if kind == END and event.moment.day in starts:
                kind = FIRST
            elif kind == END and event.moment.at is None:
                # Of an end without a time it is not known that anything of its day came after it.
                at = last_second(day, LONDON)
            return day, at, kind, rank(found.rule, event) if found is not None else 0

        for event in sorted(self.line.events, key=place):
            self._take(event, by_key.get(event.key))

    def _rank(self, event: Event, met: Met | None) -> int:
        """What comes first of what falls together: an end before a new start, otherwise after the rest."""
        found = met.of(self.rule_id) if met is not None else None
        if found is not None:
            return START if event.type in found.rule.events else OCCURRENCE
        return END if event.type in self._ends else OCCURRENCE

    def _take(self, event: Event, met: Met | None) -> None:
        found = met.of(self.rule_id) if met is not None else None
        run = self.run
        if event.replaced_by is not None:
            if met is not None and found is not None:
                record = self._record(met, found, event, 1)
                by = self.line.index.keyed(event.replaced_by)
                record.supersede(by, None, f"{event.key} was replaced by {by.key}")
            return
        started = run is not None and event.type in run.last.rule.events
        if run is not None and not run.closed:
            self._discharge(run, event)
        if run is not None and not run.closed and ends(self.line, run.last, event):
            run.last.end(event)
            run.closed = True
            self.run = run = None
        if found is None or met is None:
            if run is not None and started and not run.closed and event.type == run.start.type:
                run.last.supersede(event, None, f"{event.key} started the clock again")
                self.run = None
            return
        if event.type in found.rule.restarts:
            self._restart(met, found, event)
        else:
            self._start(met, found, event)

    def _discharge(self, run: Run, event: Event) -> None:
        last = run.last
        met = discharges(last, event, facts_of(self.line, last))
        if met is None:
            last.say("may_discharge", event, "a fact about this event would settle whether it counts")
        if not met or not last.discharge(event):
            return
        if event.type in (*last.rule.restarts, *last.rule.events):
            run.closed = True
        else:
            self._go_on(run)

    def _go_on(self, run: Run) -> None:
        """A series that nothing restarts goes on from its own limits."""
        if not run.chain:
            run.chain = self.line.one_more(run.met, self.rule_id, self.line.case.as_of.day)
        following = [item for item in run.chain if item.occurrence > run.last.obligation.occurrence]
        if not following:
            following = [
                item
                for item in self.line.one_more(run.met, self.rule_id, run.last.obligation.due_date)
                if item.occurrence > run.last.obligation.occurrence
            ]
        if not following:
            run.closed = True
            return
        before = run.last
        run.number += 1
        run.last = self._record(run.met, following[0]._replace(projected=False), run.start, run.number)
        if before.fate == "open" and not before.trackable:
            before.supersede(None, run.last.id, "the next limit has come, and no event shows this one done")

    def _start(self, met: Met, found: Obligation, event: Event) -> None:
        run = self.run
        if run is not None and run.last.closed_by is event and run.last.fate == "done":
            self._restart(met, found, event)
            return
        if run is not None and not run.closed:
            if event.type != run.start.type and event.moment.day <= run.last.obligation.due_date:
                run.last.also_started_by.append(event.key)
                run.last.say("also_started", event)
                if found.due_at >= run.last.obligation.due_at or run.number > 1:
                    return
                self.records.remove(run.last)
                earlier = [run.start.key, *run.last.also_started_by[:-1]]
                record = self._record(met, found, event, 1)
                record.also_started_by += earlier
                self.run = Run(event, met, record, 1)
                return
            by = self.line.identify(self.rule_id, event, 1)
            run.last.supersede(event, by, f"{event.key} started the clock again")
        self.run = Run(event, met, self._record(met, found, event, 1), 1)

    def _restart(self, met: Met, found: Obligation, event: Event) -> None:
        run = self.run
        if run is None:
            self.run = Run(event, met, self._record(met, found, event, 1), 1)
            return
        number = run.number + 1
        if run.last.fate == "open":
            by = self.line.identify(self.rule_id, run.start, number)
            run.last.supersede(event, by, f"{event.key} started the interval again")
        self.run = Run(run.start, met, self._record(met, found, event, number, run.start), number)

    def _record(self, met: Met, found: Obligation, event: Event, number: int, start: Event | None = None) -> Record:
        record = self.line.record(met, found, event, number, self.line.identify(self.rule_id, start or event, number))
        record.say("started", met.event)
        self.records.append(record)
        return record

    def finish(self) -> None:
        """A series that nothing restarts and that nobody has kept falls due again and again."""
        run = self.run
        if run is None or run.closed or run.last.rule.restarts:
            return
        as_of = self.line.case.as_of
        while run.last.obligation.due_date < as_of.day and not run.closed:
            before = run.last
            self._go_on(run)
            if run.last is before:
                return

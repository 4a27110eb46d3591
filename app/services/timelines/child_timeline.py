"""One child under one profile: its events in time, what each of them starts, and what is known at each."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime

from app.engine.calculate import TooManyObligations, calculate
from app.engine.facts import FactValue
from app.engine.months import add_months
from app.engine.results import Calculation, Obligation
from app.engine.series import Series
from app.services.observability import metrics
from app.services.snapshot.snapshot import CalendarVersion, ProfileVersion
from app.services.timelines.case import Asked, Case, CaseEvent, Child, Event, meeting, order
from app.services.timelines.event_index import EventIndex
from app.services.timelines.fact_history import Knowledge
from app.services.timelines.size_limits import MOST_REMARKS, too_many, too_much_history
from app.services.timelines.tracked_obligation import Record, discharging_types
from app.services.zone import LONDON


@dataclass(slots=True)
class Met:
    """One event with what it starts."""

    event: Event
    version: ProfileVersion
    calendar: CalendarVersion
    facts: dict[str, FactValue]
    result: Calculation

    def of(self, rule_id: str) -> Obligation | None:
        """The first obligation of a rule that the event starts."""
        return next((item for item in self.result.obligations if item.rule.id == rule_id), None)


@dataclass(slots=True)
class Line:
    """Everything about one child under one profile."""

    case: Case
    asked: Asked
    child: Child
    events: list[Event]
    met: list[Met] = field(default_factory=list)
    undated: list[CaseEvent] = field(default_factory=list)
    _told: int = 0
    _knowledge: dict[int, Knowledge] = field(default_factory=dict)
    _assumed: list[Event] = field(default_factory=list)
    _facts: dict[tuple[int, str], dict[str, FactValue]] = field(default_factory=dict)
    _used: dict[tuple[str, str, str], datetime] = field(default_factory=dict)
    index: EventIndex = field(init=False)
    _named: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        self.index = EventIndex(self.events)
        self._named = frozenset(duty for event in self.events for duty in event.discharges)

    def identify(self, rule: str, start: Event, number: int) -> str:
        """An obligation's name, the same whenever the case is sent again with other dates."""
        parts = [self.asked.key, rule, start.key, str(number)]
        return "/".join([self.child.reference, *parts] if self.child.reference is not None else parts)

    def record(
        self,
        met: Met,
        item: Obligation,
        start: Event,
        number: int,
        identity: str | None = None,
        rests_on: tuple[str, ...] = (),
    ) -> Record:
        """An obligation of this child, which is named by its start unless it goes on from another."""
        named = {item.duty, item.rule.duty} & self._named
        return Record(
            identity or self.identify(item.rule.id, start, number),
            self.child.reference,
            met.version,
            met.calendar,
            item,
            start,
            number,
            rests_on=rests_on,
            trackable=bool(discharging_types(item.rule) or named),
        )

    def facts(self, version: ProfileVersion, calendar: CalendarVersion, event: Event) -> dict[str, FactValue]:
        """What is known at an event, in the words of a version."""
        known = self._knowledge.get(version.version)
        if known is None:
            known = Knowledge(version.profile, [*self.events, *self._assumed], self.child.facts, calendar)
            self._knowledge[version.version] = known
        cached = self._facts.get((version.version, event.key))
        if cached is None:
            cached = self._facts[version.version, event.key] = known.at(event)
        return cached

    def assume(self, event: Event) -> None:
        """Add an event that is only assumed: what it says is known at those assumed after it."""
        self._assumed.append(event)
        for known in self._knowledge.values():
            known.add(event)

    def used(self, record: Record, event: Event) -> bool:
        """Whether an event was taken already by another limit for the same act from the same start.

        A review at day 5 is not the one at day 10. Limits that fall together ask for one act.
        """
        taken = self._used.get((record.started_by.key, record.obligation.duty, event.key))
        return taken is not None and taken != record.obligation.due_at

    def use(self, record: Record, event: Event) -> None:
        """Take an event for a limit."""
        self._used[record.started_by.key, record.obligation.duty, event.key] = record.obligation.due_at

    def meet(self, event: Event, *, until: date | None = None) -> Met | None:
        """What an event starts under the version in force on its day; None where none is, or it has no such event."""
        version = self.case.version(self.asked, event.moment.day)
        if version is None or event.type not in version.profile.vocabulary.events:
            return None
        calendar = self.case.calendar_of(version)
        if calendar is None or not calendar.calendar.covers(event.moment.day):
            return None
        facts = self.facts(version, calendar, event)
        return Met(event, version, calendar, facts, self._calculate(event, version, calendar, facts, until))

    def _calculate(
        self,
        event: Event,
        version: ProfileVersion,
        calendar: CalendarVersion,
        facts: dict[str, FactValue],
        until: date | None,
    ) -> Calculation:
        metrics.count_calculation(version.record.key, version.version)
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

    def told(self, record: Record) -> None:
        """Count the history of an obligation. Raises Problem where all of it together is too long."""
        self._told += len(record.history)
        if self._told > MOST_REMARKS:
            raise too_much_history()

    def again(self, met: Met, rule_id: str, said: dict[str, FactValue]) -> Obligation | None:
        """What a rule asks for at an event once more is known."""
        result = self._calculate(met.event, met.version, met.calendar, {**met.facts, **said}, None)
        return next((item for item in result.obligations if item.rule.id == rule_id), None)

    def unfold(self, met: Met, rule_id: str, until: date) -> list[Obligation]:
        """Every limit of a series from one event up to a day."""
        result = self._calculate(met.event, met.version, met.calendar, met.facts, until)
        return [item for item in result.obligations if item.rule.id == rule_id]

    def one_more(self, met: Met, rule_id: str, after: date) -> list[Obligation]:
        """Every limit of a series up to a day, and the first one beyond it."""
        found: list[Obligation] = []
        for years in (1, 5, 25):
            day = add_months(max(after, met.event.moment.day), 12 * years) if after.year < 9900 else after
            found = self.unfold(met, rule_id, day)
            beyond = [item for item in found if item.due_date > after]
            if beyond:
                return [item for item in found if item.due_date <= after] + beyond[:1]
        return found


def build(case: Case, asked: Asked, child: Child) -> Line:
    """A child's events under one profile that are known by the day the case is looked at, and what each starts."""
    mine = [event for event in case.events if child.reference in event.children]
    known: list[CaseEvent] = []
    undated: list[CaseEvent] = []
    for event in mine:
        scheduled = event.type.endswith("_scheduled")
        learnt = event.recorded is None or case.as_of.reached(event.recorded)
        (known if learnt and (scheduled or case.as_of.reached(event.moment)) else undated).append(event)
    line = Line(case, asked, child, _named(known), undated=undated)
    for each in line.events:
        found = line.meet(each)
        if found is not None:
            line.met.append(found)
    if case.until is not None:
        _not_yet(line, case.until)
    return line


def _not_yet(line: Line, until: date) -> None:
    """Add the first limits of series that an age lets begin only later, before the horizon."""
    last: dict[str, Met] = {}
    for met in line.met:
        for started in met.version.profile.by_event.get(met.event.type, ()):
            if started.rule.recurring and started.rule.when is not None and started.rule.when.depends_on_date:
                last[started.rule.id] = met
    for rule, met in last.items():
        if met.of(rule) is None and (later := line.unfold(met, rule, until)):
            met.result = met.result._replace(obligations=(*met.result.obligations, later[0]))


def is_series(obligation: Obligation) -> bool:
    """Whether an obligation is one limit of a series."""
    return isinstance(obligation.rule.readings[0].timing, Series)


def _named(known: Iterable[CaseEvent]) -> list[Event]:
    """The events in time, each named by its own id or by its type and how many of it came before."""
    ordered = sorted(known, key=lambda e: (order(e.moment), e.type, e.id or "", _fingerprint(e)))
    counts: dict[str, int] = {}
    keys: dict[int, str] = {}
    sent = {event.id for event in ordered if event.id}
    for event in ordered:
        number = counts.get(event.type, 0) + 1
        # A name that a caller gave to another event is passed over.
        while not event.id and f"{event.type}.{number}" in sent:
            number += 1
        counts[event.type] = number
        keys[event.index] = event.id or f"{event.type}.{number}"
    replaced = _replaced(ordered, keys)
    return [
        Event(
            keys[event.index],
            event.type,
            event.moment,
            event.facts,
            (event.recorded if event.type.endswith("_scheduled") else event.moment),
            event.discharges,
            replaced.get(event.index),
        )
        for event in ordered
    ]


def _fingerprint(event: CaseEvent) -> str:
    """Something to order two events of one type and moment by, whatever their order in the list."""
    return repr((sorted((k, str(v)) for k, v in event.facts.items()), sorted(event.discharges)))


def _replaced(ordered: list[CaseEvent], keys: dict[int, str]) -> dict[int, str]:
    """Which events another took the place of: as the caller says, and a meeting arranged anew before it was held.

    Of two arrangements of one meeting, the one recorded later stands; where that is not said, the later meeting.
    """
    replaced: dict[int, str] = {}
    by_id = {event.id: event for event in ordered if event.id is not None}
    for event in ordered:
        for name in event.replaces or ():
            if name in by_id:
                replaced[by_id[name].index] = keys[event.index]
    types = {event.type for event in ordered}
    for kind in sorted(types):
        held = meeting(kind, types)
        group = [e for e in ordered if e.type == kind and e.index not in replaced]
        days = [e.moment.day for e in ordered if e.type == held]
        for number in range(len(group) - 1):
            if held is None and not kind.endswith("_scheduled"):
                break
            one, two = group[number], group[number + 1]
            after = group[number - 1].moment.day if number else date.min
            if two.replaces is not None or any(after < day < two.moment.day for day in days):
                continue
            first, last = (one, two)
            if one.recorded is not None and two.recorded is not None and order(one.recorded) > order(two.recorded):
                first, last = two, one
            replaced[first.index] = keys[last.index]
    return replaced

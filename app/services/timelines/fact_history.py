"""What is known at each event: the facts sent with it, what earlier events said, and what the list itself shows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple

from app.engine.civil_time import Moment
from app.engine.compiled_profile import Profile, Rule
from app.engine.facts import DATE_OF_BIRTH, FactValue
from app.engine.phase_ends import UntilHeld
from app.engine.series import Series
from app.services.snapshot.snapshot import CalendarVersion
from app.services.timelines.case import (
    Event,
    counters,
    event_facts,
    meeting,
    not_before,
    order,
    situation,
    surely_after,
    undone,
)
from app.services.timelines.same_day_facts import Day, Effect


class _Placed(NamedTuple):
    """An event with where it stands in time, and in the list."""

    when: tuple[date, datetime]
    place: int
    event: Event


class Knowledge:
    """The facts of one child under one profile version, event by event.

    A fact sent with an event holds from then on, and so does what an event says by itself; the end of a plan takes
    back what its start said. Facts about one event alone do not hold on. A date of history, and the date of birth, hold
    for the whole list: a limit that a later review cuts short is cut short for the visit before it. Which review an
    event was, and when the first was held, are counted from the list where its start is there.
    """

    def __init__(
        self,
        profile: Profile,
        events: Sequence[Event],
        base: Mapping[str, FactValue],
        calendar: CalendarVersion,
    ) -> None:
        self.profile = profile
        self.calendar = calendar
        self.specs = profile.vocabulary.events
        self.events = sorted(
            (e for e in events if e.type in self.specs), key=lambda e: (order(e.moment), e.type, e.key)
        )
        self.base = {key: value for key, value in base.items() if key in profile.vocabulary.facts}
        self.alone = event_facts(profile)
        self.counters = counters(profile)
        self.lasting = {key for key, spec in profile.vocabulary.facts.items() if spec.history} | {DATE_OF_BIRTH}
        self._firsts_of = [
            (spec.key, fact, since) for spec in self.specs.values() for fact, since in spec.first_since.items()
        ]
        self._later_firsts = list(_later_firsts(profile))
        self._counted = [
            (rule.events, rule.restarts, reading.timing.counter.key)
            for rule in profile.rules
            for reading in rule.readings
            if isinstance(reading.timing, Series) and reading.timing.counter is not None
        ]
        self._days: dict[date, Day] = {}
        self._types: dict[str, list[_Placed]] = {}
        self._said: dict[str, list[Event]] = {fact: [] for fact in self.lasting}
        self._first: dict[tuple[str, frozenset[str], Moment], Event | None] = {}
        self._last = dict(self.base)
        self._count = 0
        for event in self.events:
            self._take_in(event)

    def add(self, event: Event) -> None:
        """Take in one more event, not earlier than any other; what was known before it stays as it was."""
        if event.type not in self.specs:
            return
        self.events.append(event)
        self._take_in(event)
        self._first.clear()

    def _take_in(self, event: Event) -> None:
        day = self._days.get(event.moment.day)
        if day is None:
            day = self._days[event.moment.day] = Day(dict(self._last))
        effect = self._effect(event)
        day.add(event, effect)
        effect.hold(self._last)
        self._types.setdefault(event.type, []).append(_Placed(order(event.moment), self._count, event))
        self._count += 1
        for fact in self._said.keys() & event.own.keys():
            self._said[fact].append(event)

    def _effect(self, event: Event) -> Effect:
        facts = self.profile.vocabulary.facts
        said: dict[str, FactValue] = {}
        gone: set[str] = set()
        spec = self.specs[event.type]
        begun = undone(event.type, self.specs)
        if begun is not None:
            for fact, value in self.specs[begun].implies.items():
                if value is True and facts[fact].deciding:
                    said[fact] = False
                else:
                    gone.add(fact)
            for fact in self.specs[begun].sets:
                said.pop(fact, None)
                gone.add(fact)
        said.update(spec.implies)
        said.update(dict.fromkeys(spec.sets, event.moment.day))
        said.update({key: value for key, value in event.own.items() if key in facts and key not in self.alone})
        return Effect(said, frozenset(gone))

    def at(self, event: Event) -> dict[str, FactValue]:
        """The facts that a rule is asked about at an event."""
        day = self._days.get(event.moment.day)
        state = dict(day.begins if day is not None else self._before(event.moment.day))
        for effect in day.around(event) if day is not None else ():
            effect.hold(state)
        for _, restarts, fact in self._counted:
            if event.type in restarts:
                state.pop(fact, None)
        spec = self.specs[event.type]
        state.update(self._firsts(event, state))
        state.update(self._stated(event))
        state.update(self._counts(event))
        state.update(spec.implies)
        state.update(dict.fromkeys(spec.sets, event.moment.day))
        facts = self.profile.vocabulary.facts
        state.update({key: value for key, value in event.own.items() if key in facts})
        return state

    def _before(self, day: date) -> dict[str, FactValue]:
        later = [known for known in self._days if known > day]
        return self._days[min(later)].begins if later else self._last

    def _stated(self, event: Event) -> dict[str, FactValue]:
        """Dates that hold for the whole list, as the last word before the event had them, else the first after it."""
        found: dict[str, FactValue] = {}
        for fact in self.lasting:
            if fact in self.base:
                found[fact] = self.base[fact]
            said = self._said[fact]
            before = next((other for other in reversed(said) if not_before(event.moment, other.moment)), None)
            if before is not None:
                found[fact] = before.own[fact]
            elif said and fact not in found:
                found[fact] = said[0].own[fact]
        return found

    def _firsts(self, event: Event, state: Mapping[str, FactValue]) -> dict[str, FactValue]:
        """The first of a kind since an event that began it: the first review since becoming looked after.

        Where a rule that the event starts counts it from another date (an adoptive placement's first review), it is the
        first since the event that sets that date.
        """
        found: dict[str, FactValue] = {}
        for kind, fact, since in self._firsts_of:
            later = self._since(event, fact, state)
            asked = (kind, later or frozenset((since,)), event.moment)
            if asked not in self._first:
                self._first[asked] = self._first_of(*asked)
            held = self._first[asked]
            if held is not None and held is not event:
                found[fact] = held.moment.day
        return found

    def _first_of(self, kind: str, since: frozenset[str], moment: Moment) -> Event | None:
        """The first of a kind since the last event before a moment that began it, and before the next that does."""
        begun = [placed for each in since for placed in self._types.get(each, ())]
        start = max((p for p in begun if not_before(moment, p.event.moment)), key=_latest, default=None)
        end = min((p for p in begun if surely_after(p.event.moment, moment)), key=_earliest, default=None)
        first = start.event.moment if start is not None else None
        last = end.event.moment if end is not None else None
        return next((p.event for p in self._types.get(kind, ()) if _between(p.event.moment, first, last)), None)

    def _since(self, event: Event, fact: str, state: Mapping[str, FactValue]) -> frozenset[str]:
        """The events that set the date from which a rule, which applies at this event, counts a first of its kind."""
        for rule, held, counts_from in self._later_firsts:
            if held == fact and event.type in (*rule.events, *rule.restarts):
                known = {**state, **self.specs[event.type].implies, **event.own}
                asked = situation(event, known, self.calendar)
                if rule.when is None or rule.when.test(asked, event.moment.day).holds:
                    return frozenset(spec.key for spec in self.specs.values() if counts_from in spec.sets)
        return frozenset()

    def _counts(self, event: Event) -> dict[str, FactValue]:
        """Which one of its kind the event is: from its start in the list, or from a number sent with an earlier one."""
        found: dict[str, FactValue] = {}
        for starts, restarts, fact in self._counted:
            held = event.type if event.type in restarts else meeting(event.type, self.specs)
            number = self._number(event, fact, starts, held) if held in restarts else None
            if number is not None:
                found[fact] = number
        return found

    def _number(self, event: Event, fact: str, starts: Sequence[str], held: str | None) -> int | None:
        """The number of a meeting held; one that is arranged will be the next after those held before its day."""
        number: int | None = None
        for other in self.events:
            if other.type in starts and not_before(event.moment, other.moment):
                number = 0
            elif other.type == held and (held == event.type or other.moment.day < event.moment.day):
                given = other.own.get(fact)
                base = self.base.get(fact)
                if isinstance(given, int):
                    number = given
                elif number is not None:
                    number += 1
                elif isinstance(base, int):
                    number = base
                if other is event:
                    return number
        coming = held != event.type or event not in self.events
        return number + 1 if number is not None and coming else number


def _latest(placed: _Placed) -> tuple[date, datetime, int]:
    return *placed.when, -placed.place


def _earliest(placed: _Placed) -> tuple[date, datetime, int]:
    return *placed.when, placed.place


def _later_firsts(profile: Profile) -> Iterator[tuple[Rule, str, str]]:
    """Each rule with a phase that ends with a first of its kind since a date of the rule's own."""
    for rule in profile.rules:
        for reading in rule.readings:
            for phase in reading.timing.phases if isinstance(reading.timing, Series) else ():
                if isinstance(phase.end, UntilHeld) and phase.end.counts_from is not None:
                    yield rule, phase.end.held_on.key, phase.end.counts_from.key


def _between(moment: Moment, start: Moment | None, end: Moment | None) -> bool:
    return (start is None or not_before(moment, start)) and (end is None or not not_before(moment, end))

"""What a list of events shows by itself: which one of its kind an event is, and when the first of a kind took place."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from app.engine.civil_time import Moment
from app.engine.compiled_profile import Profile, Rule
from app.engine.facts import CASE, CHILD, THIS_EVENT, FactValue
from app.engine.phase_ends import UntilHeld
from app.engine.series import Series
from app.services.snapshot.snapshot import CalendarVersion
from app.services.timelines.case import Event, meeting, not_before, situation
from app.services.timelines.episode import Episode
from app.services.timelines.episodes import Episodes


class Numbered(NamedTuple):
    """An event with the number it is of its kind, None where nothing says it."""

    event: Event
    number: int | None


class CountedFacts:
    """Numbers and first dates, counted from the events of one child within the episode that each belongs to.

    A number sent with an event is taken, and the next counts on from it. Where the episode did not open in the list,
    nobody knows which one of its kind the first event was.
    """

    def __init__(
        self, profile: Profile, episodes: Episodes, base: Mapping[str, FactValue], calendar: CalendarVersion
    ) -> None:
        self.episodes = episodes
        self.base = base
        self.calendar = calendar
        self.specs = profile.vocabulary.events
        self.vocabulary = profile.vocabulary
        self._counting: dict[str, list[str]] = {}
        for fact in profile.vocabulary.facts.values():
            for kind in fact.counts:
                self._counting.setdefault(kind, []).append(fact.key)
        self._counted_as = _counted_as(profile)
        self._firsts = [
            (spec.key, fact, since) for spec in self.specs.values() for fact, since in spec.first_since.items()
        ]
        self._later_firsts = list(_later_firsts(profile))
        self._numbered: dict[tuple[str, str, str], list[Numbered]] = {}
        self._types: dict[str, list[Event]] = {}

    def add(self, event: Event) -> None:
        """Take in one more event."""
        self._types.setdefault(event.type, []).append(event)
        for fact in self._counting.get(event.type, ()):
            self._add_as(event.type, fact, event, event.own.get(fact))
        for kind, fact, number in self._counted_as.get(event.type, ()):
            self._add_as(kind, fact, event, event.own.get(fact, number))

    def _add_as(self, kind: str, fact: str, event: Event, sent: object) -> None:
        episode = self._episode(fact, kind, event)
        numbered = self._numbered.setdefault((fact, kind, episode.id if episode is not None else ""), [])
        numbered.append(Numbered(event, self._number(fact, numbered, episode, sent)))

    def _episode(self, fact: str, kind: str, event: Event) -> Episode | None:
        """Return the episode within which an event of a kind is counted."""
        scope = self.vocabulary.facts[fact].scope
        within = self.vocabulary.episode_of(kind) if scope in {CHILD, THIS_EVENT, CASE} else scope
        return None if within == CASE else self.episodes.instance(within, event)

    def _number(self, fact: str, numbered: Sequence[Numbered], episode: Episode | None, sent: object) -> int | None:
        if isinstance(sent, int):
            return sent
        if numbered:
            return numbered[-1].number + 1 if numbered[-1].number is not None else None
        if episode is not None:
            return 1
        base = self.base.get(fact)
        return base if isinstance(base, int) else None

    def numbers(self, event: Event) -> dict[str, int]:
        """Return which of its kind an event is; one that is arranged will be the next after those before its day."""
        numbers: dict[str, int] = {}
        kind = event.type if event.type in self._counting else meeting(event.type, self.specs)
        for fact in self._counting.get(kind or "", ()):
            assert kind is not None
            episode = self._episode(fact, kind, event)
            numbered = self._numbered.get((fact, kind, episode.id if episode is not None else ""), [])
            if kind == event.type:
                number = next((each.number for each in _near(numbered, event) if each.event is event), None)
            else:
                before = numbered[: bisect_left(numbered, event.moment.day, key=_day)]
                number = self._number(fact, before, episode, None)
            if number is not None:
                numbers[fact] = number
        return numbers

    def firsts(self, event: Event, state: Mapping[str, FactValue]) -> dict[str, date]:
        """Return the first of a kind within an episode: the first review since becoming looked after.

        Where a rule that the event starts counts it from another date (an adoptive placement's first review), it is the
        first since the event that sets that date.
        """
        days: dict[str, date] = {}
        for kind, fact, since in self._firsts:
            if kind not in self._types:
                continue
            start, end = self._bounds(event, fact, since, state)
            first = next((e for e in self._types[kind] if _between(e.moment, start, end)), None)
            if first is not None and first is not event:
                days[fact] = first.moment.day
        return days

    def _bounds(
        self, event: Event, fact: str, since: str, state: Mapping[str, FactValue]
    ) -> tuple[Moment | None, Moment | None]:
        """Return from when, and before when, a first of its kind is looked for."""
        later = self._since(event, fact, state)
        begun = [e for each in (later or frozenset((since,))) for e in self._types.get(each, ())]
        start = max((e for e in begun if not_before(event.moment, e.moment)), key=self.episodes.place, default=None)
        scope = self.vocabulary.facts[fact].scope
        episode = self.episodes.instance(scope, event) if scope not in {CHILD, THIS_EVENT} else None
        if episode is None or episode.kind == CASE:
            end = min(
                (e for e in begun if not not_before(event.moment, e.moment)), key=self.episodes.place, default=None
            )
            return (start.moment if start is not None else None), (end.moment if end is not None else None)
        opened = episode.opened_by
        if start is None or not not_before(start.moment, opened.moment):
            start = opened
        following = self.episodes.following(scope, event) if episode.closed_by is not None else None
        return start.moment, (following.opened_by.moment if following is not None else None)

    def _since(self, event: Event, fact: str, state: Mapping[str, FactValue]) -> frozenset[str]:
        """Return the events that set the date from which a rule that applies here counts a first of its kind."""
        for rule, first, counts_from in self._later_firsts:
            if first == fact and event.type in (*rule.events, *rule.restarts):
                at_event = situation(event, state, self.calendar)
                if rule.when is None or rule.when.test(at_event, event.moment.day).holds:
                    return frozenset(spec.key for spec in self.specs.values() if counts_from in spec.sets)
        return frozenset()


def _later_firsts(profile: Profile) -> Iterator[tuple[Rule, str, str]]:
    """Yield each rule with a phase that ends with a first of its kind since a date of the rule's own."""
    for rule in profile.rules:
        for reading in rule.readings:
            for phase in reading.timing.phases if isinstance(reading.timing, Series) else ():
                if isinstance(phase.end, UntilHeld) and phase.end.counts_from is not None:
                    yield rule, phase.end.held_on.key, phase.end.counts_from.key


def _counted_as(profile: Profile) -> dict[str, list[tuple[str, str, int]]]:
    """Return the events that carry a numbered series on by a number of their own, and the kind that they count as.

    Where a paper has the planning meeting be the first review of the plan, the review after it is the second.
    """
    counted: dict[str, list[tuple[str, str, int]]] = {}
    specs = profile.vocabulary.events
    for rule in profile.rules:
        timing = rule.readings[0].timing
        counter = timing.counter if isinstance(timing, Series) else None
        if counter is None:
            continue
        for kind in rule.restarts:
            number = specs[kind].implies.get(counter.key) if kind in specs else None
            others = [each for each in rule.restarts if each != kind and each in counter.counts]
            if isinstance(number, int):
                counted.setdefault(kind, []).extend((each, counter.key, number) for each in others)
    return counted


def _between(moment: Moment, start: Moment | None, end: Moment | None) -> bool:
    return (start is None or not_before(moment, start)) and (end is None or not not_before(moment, end))


def _day(numbered: Numbered) -> date:
    return numbered.event.moment.day


def _near(numbered: Sequence[Numbered], event: Event) -> Iterator[Numbered]:
    """Yield the events of the day of one."""
    for each in numbered[bisect_left(numbered, event.moment.day, key=_day) :]:
        if each.event.moment.day > event.moment.day:
            return
        yield each

"""The events of one line by what they are and when they were: nobody walks the whole list to find a few."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import NamedTuple

from app.engine.civil_time import Moment
from app.services.timelines.case import Event, order


class _Selected(NamedTuple):
    """Some of the events, in time; `arranging` where one of them arranges a meeting, and shows so before its day."""

    events: list[Event]
    arranging: bool


class EventIndex:
    """Events in time, found by type, by a duty that they name, by key, and by day."""

    def __init__(self, events: Sequence[Event]) -> None:
        self._events = events
        self._types: dict[str, list[int]] = {}
        self._duties: dict[str, list[int]] = {}
        self._keys: dict[str, Event] = {}
        self._selected: dict[tuple[frozenset[str], frozenset[str]], _Selected] = {}
        self._moved = [event for event in events if event.scheduled and event.replaced_by and event.done is not None]
        for place, event in enumerate(events):
            self._types.setdefault(event.type, []).append(place)
            self._keys.setdefault(event.key, event)
            for duty in event.discharges:
                self._duties.setdefault(duty, []).append(place)

    def keyed(self, key: str) -> Event:
        """Return the event of this key."""
        return self._keys[key]

    def of(self, *kinds: str) -> Sequence[Event]:
        """Return the events of some types, in time, none replaced."""
        return self._of(kinds).events

    def since(self, day: date, kinds: Iterable[str], duties: Iterable[str]) -> Sequence[Event]:
        """Return the events of some types, or naming a duty, that can show anything from a day on; none replaced."""
        selected = self._of(kinds, duties)
        return selected.events if selected.arranging else selected.events[bisect_left(selected.events, day, key=_day) :]

    def moved(self, kinds: Iterable[str]) -> Sequence[Event]:
        """Return the arrangements of some types that another one replaced, where the day of arranging is known."""
        return [event for event in self._moved if event.type in kinds] if self._moved else ()

    def day_before(self, kind: str, day: date) -> date | None:
        """Return the latest day before a day on which an event of a type, not replaced, lies."""
        events = self.of(kind)
        place = bisect_left(events, day, key=_day)
        return events[place - 1].moment.day if place else None

    def any_after(self, kind: str, day: date) -> bool:
        """Return whether an event of a type, not replaced, lies after a day."""
        events = self._of((kind,)).events
        return bool(events) and events[-1].moment.day > day

    def last_before(self, kinds: Iterable[str], day: date, but: Event | None = None) -> Moment | None:
        """Return the latest moment before a day of the events of some types, not replaced."""
        events = self._of(kinds).events
        return _last(events[: bisect_left(events, day, key=_day)], lambda event: event != but)

    def _of(self, kinds: Iterable[str], duties: Iterable[str] = ()) -> _Selected:
        wanted = (frozenset(kinds), frozenset(duties))
        selected = self._selected.get(wanted)
        if selected is None:
            places = {place for kind in wanted[0] for place in self._types.get(kind, ())}
            places.update(place for duty in wanted[1] for place in self._duties.get(duty, ()))
            each = [self._events[place] for place in sorted(places)]
            events = [event for event in each if event.replaced_by is None]
            selected = self._selected[wanted] = _Selected(events, any(event.scheduled for event in events))
        return selected


def _day(event: Event) -> date:
    return event.moment.day


def _last(events: Sequence[Event], holds: Callable[[Event], bool]) -> Moment | None:
    """Return the latest moment; of a day without a time and its first moment, the one listed first."""
    best: Moment | None = None
    for event in reversed(events):
        if best is not None and event.moment != best and order(event.moment) != order(best):
            break
        if holds(event):
            best = event.moment
    return best

"""The order of the events of one day where some have no time: an end before a start of the same kind."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from app.engine.civil_time import first_moment, last_second
from app.engine.episodes import EpisodeSpec
from app.engine.facts import CASE
from app.services.timelines.case import Event
from app.services.zone import LONDON

CLOSING, OPENING, ACTING, CLOSING_WHAT_OPENED, CLOSING_THE_CASE, OPENING_THE_NEXT = range(6)

Kinds = Mapping[str, Sequence[str]]


class DayOrder:
    """The order in which the events of a day open and close episodes.

    What closes an episode that ran when the day began comes before what opens the next of its kind; inner episodes
    close before outer ones and open after them; of two openers of a kind, the one that it names first comes first. What
    closes nothing that ran closes what the day opened. An act without a time comes after the day's openings, and the
    closing of the case comes last.
    """

    def __init__(self, kinds: Mapping[str, EpisodeSpec], closers: Kinds, openers: Kinds) -> None:
        self.kinds = kinds
        self.closers = closers
        self.openers = openers
        self.depth = {kind: self._depth(kind) for kind in kinds}

    def _depth(self, kind: str) -> int:
        depth, outer = 0, self.kinds[kind].within
        while outer is not None and outer in self.kinds and depth < len(self.kinds):
            depth, outer = depth + 1, self.kinds[outer].within
        return depth

    def sort(self, events: Sequence[Event], running: Collection[str]) -> list[Event]:
        """Put the events of one day in order; `running` are the kinds that run when it begins."""
        if len(events) < 2:
            return list(events)
        day = _Day(self, events, frozenset(running))
        return sorted(events, key=day.place)


class _Day:
    """The events of one day that begins while episodes of some kinds run."""

    def __init__(self, order: DayOrder, events: Sequence[Event], ran: frozenset[str]) -> None:
        self.order = order
        self.events = events
        self.ran = ran
        self.first = first_moment(events[0].moment.day, LONDON)
        self.last = last_second(events[0].moment.day, LONDON)
        self.closing = {e.key: [kind for kind in order.closers.get(e.type, ()) if kind in ran] for e in events}
        self.case_closed = any(CASE in self.closing[event.key] and event.moment.at is None for event in events)
        self.ended = {
            kind for event in events if CASE not in self.closing[event.key] for kind in self.closing[event.key]
        }

    def place(self, event: Event) -> tuple[datetime, int, int, int]:
        """Return what an event is sorted by: its time, what it does, and how deep."""
        at, closes, opens = event.moment.at, self.closing[event.key], self.order.openers.get(event.type, ())
        if CASE in closes:
            return at or self.last, CLOSING_THE_CASE, 0, 0
        depth = max((self.order.depth[kind] for kind in (*closes, *opens)), default=0)
        if closes:
            return at or self.first, CLOSING, -depth, 0
        if opens and at is None and self._opens_the_next(event, opens):
            return self.last, OPENING_THE_NEXT, depth, 0
        if opens:
            return at or self._opening(event, opens), OPENING, depth, min(self._turn(event, kind) for kind in opens)
        return at or self.last, CLOSING_WHAT_OPENED if event.type in self.order.closers else ACTING, 0, 0

    def _opens_the_next(self, event: Event, opens: Sequence[str]) -> bool:
        """Say whether an opening, of what runs and nothing else ends that day, must follow the case's closing."""
        kinds = self.order.kinds
        return self.case_closed and any(
            kind in self.ran
            and kind not in self.ended
            and kinds[kind].within == CASE
            and event.type not in kinds[kind].joined_by
            for kind in opens
        )

    def _turn(self, event: Event, kind: str) -> int:
        """Return an opener's place among those that its kind names: the discussion comes before the enquiry."""
        return list(self.order.kinds[kind].opened_by).index(event.type)

    def _opening(self, event: Event, opens: Sequence[str]) -> datetime:
        """Return when an opening without a time comes: after the end of the one before and what is named first."""
        after = [self.first]
        for other in self.events:
            if other.moment.at is None:
                continue
            openers = self.order.openers.get(other.type, ())
            for kind in opens:
                earlier = kind in openers and self._turn(other, kind) < self._turn(event, kind)
                if kind in self.closing[other.key] or earlier:
                    after.append(other.moment.at)
        return max(after)

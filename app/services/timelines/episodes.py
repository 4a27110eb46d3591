"""The episodes of one child's case: which event opens and closes each, and to which of them an event belongs."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby

from app.engine.conditions import Condition
from app.engine.episodes import EpisodeSpec
from app.engine.facts import CASE
from app.engine.vocabulary import Vocabulary
from app.services.snapshot.snapshot import CalendarVersion
from app.services.timelines.case import Event, not_before, situation, surely_after
from app.services.timelines.episode import OPEN, ROOT, Episode
from app.services.timelines.same_day_order import DayOrder


class Episodes:
    """Every episode of one list of events, found out in the order in which the events happened."""

    def __init__(self, vocabulary: Vocabulary, events: Sequence[Event], calendar: CalendarVersion) -> None:
        self.kinds: Mapping[str, EpisodeSpec] = {CASE: ROOT, **vocabulary.episodes}
        self._vocabulary = vocabulary
        self._calendar = calendar
        self.listed: list[Episode] = []
        self._of: dict[str, list[Episode]] = {}
        self._running: dict[str, list[Episode]] = {}
        self._last: dict[str, Episode] = {}
        self._by_name: dict[tuple[str, str], Episode] = {}
        self._names = {event.episode for event in events if event.episode is not None}
        self._place: dict[str, int] = {}
        self._own: dict[tuple[str, str], Episode] = {}
        self._named: dict[str, Episode] = {}
        self._opened: dict[str, list[Episode]] = {}
        self._closed: dict[str, list[Episode]] = {}
        self._lacking: dict[tuple[str, str], list[Episode]] = {}
        self.joined: dict[str, set[str]] = {}
        order = DayOrder(self.kinds, {}, {})
        by_depth = sorted(self.kinds, key=lambda kind: (order.depth[kind], kind))
        self._openers = _by_event((kind, self.kinds[kind].opened_by) for kind in by_depth if kind != CASE)
        self._closers = _by_event((kind, self.kinds[kind].closed_by) for kind in reversed(by_depth))
        order.openers, order.closers = self._openers, self._closers
        in_time = sorted((event for event in events if event.type in vocabulary.events), key=lambda e: e.moment.day)
        for _, group in groupby(in_time, key=lambda event: event.moment.day):
            # What was corrected has a place, and no say in the order of its day.
            corrected, day = _apart(group)
            running = [kind for kind, each in self._running.items() if each]
            for event in (*corrected, *order.sort(day, {*running, *self._unseen(day)})):
                self.add(event)

    def add(self, event: Event) -> None:
        """Take in the next event: what it closes, then what it opens, then what it speaks of."""
        place = self._place[event.key] = len(self._place)
        if not self._running.get(CASE):
            self._open(CASE, event, place, None)
        if event.corrected:
            return
        for kind in self._closers.get(event.type, ()):
            target = self._to_close(kind, event)
            if target is not None:
                self._own[event.key, kind] = target
                self._close(target, event, place)
        for kind in self._openers.get(event.type, ()):
            belongs = self._open_or_join(kind, event, place)
            if belongs is not None:
                self._own.setdefault((event.key, kind), belongs)
        self._assign_named_episode(event)

    def _unseen(self, day: Sequence[Event]) -> set[str]:
        """Return the kinds, ended and begun on a day, of which one ran before though the list does not show it begin.

        A plan or a period of care outlasts a day, so that the end is that of an older one.
        """
        closing = {kind for event in day for kind in self._closers.get(event.type, ()) if self._closes(kind, event)}
        opening = {kind for event in day for kind in self._openers.get(event.type, ()) if self._begins(kind, event)}
        return {kind for kind in closing & opening if self.kinds[kind].outlasts_a_day}

    def _begins(self, kind: str, event: Event) -> bool:
        spec = self.kinds[kind]
        return event.type in spec.opened_by and self._holds(spec.opened_when, event) is True

    def _closes(self, kind: str, event: Event) -> bool:
        spec = self.kinds[kind]
        return event.type in spec.closed_by and self._holds(spec.closed_when, event) is True

    def _assign_named_episode(self, event: Event) -> None:
        kind = self._vocabulary.episode_of(event.type)
        named = None
        if event.episode is not None:
            named = self._by_name.get((kind, event.episode)) or next(
                (each for (_, name), each in self._by_name.items() if name == event.episode), None
            )
        if named is not None:
            self._named[event.key] = named
            self._own[event.key, named.kind] = named
        if kind == CASE or (event.key, kind) in self._own:
            return
        running = self._running.get(kind, [])
        if len(running) == 1:
            self._own[event.key, kind] = running[0]
        elif event.type in self.kinds[kind].opened_by:
            return  # Whether it opens one is not known: then it belongs to none.
        elif not running and kind in self._last and self._running[CASE][-1] in self._last[kind].chain():
            # What comes after an end belongs to what ended, as long as the case is the same.
            self._own[event.key, kind] = self._last[kind]

    def _to_close(self, kind: str, event: Event) -> Episode | None:
        running = self._running.get(kind, [])
        if not self._closes(kind, event):
            return None
        if event.episode is not None:
            named = next((each for each in running if each.id == event.episode), None)
            if named is not None or any(each.named for each in running):
                return named
        return running[0] if running else None

    def _open_or_join(self, kind: str, event: Event, place: int) -> Episode | None:
        """Return the episode that an opener opens, or the running one that it joins; None where it opens nothing."""
        spec = self.kinds[kind]
        running = self._running.get(kind, [])
        opens = self._holds(spec.opened_when, event)
        name = event.episode
        named = self._by_name.get((kind, name)) if name is not None else None
        if named is not None:
            if named.closed_by is None:
                named.seen.add(event.type)
                self.joined.setdefault(event.key, set()).add(kind)
            return named
        if any(other == name for _, other in self._by_name):
            name = None  # It names an episode of another kind.
        if name is not None:
            if opens is False:
                return None
        elif running and event.type in spec.joined_by:
            running[-1].seen.add(event.type)
            self.joined.setdefault(event.key, set()).add(kind)
            return running[-1]
        elif opens is not True:
            return None
        else:
            unseen = self._newest_without(kind, event.type)
            if unseen is not None:
                unseen.seen.add(event.type)
                return unseen
        if running and not spec.several:
            if spec.unbroken:
                self.joined.setdefault(event.key, set()).add(kind)
                return running[0]
            self._close(running[0], event, place)
        last = self._last.get(kind)
        if spec.unbroken and last is not None and last.closed_by_its_own_end and _ended_on(last, event):
            self.joined.setdefault(event.key, set()).add(kind)
            return self._reopen(last)
        return self._open(kind, event, place, name)

    def _newest_without(self, kind: str, opener: str) -> Episode | None:
        """Find the newest running episode of a kind to which no opener of a type belongs yet."""
        lacking = self._lacking.get((kind, opener), [])
        while lacking and (lacking[-1].closed_by is not None or opener in lacking[-1].seen):
            lacking.pop()
        return lacking[-1] if lacking else None

    def _holds(self, conditions: Mapping[str, Condition], event: Event) -> bool | None:
        """Return whether an event opens, or closes, by what it says itself."""
        condition = conditions.get(event.type)
        if condition is None:
            return True
        facts = {**self._vocabulary.events[event.type].implies}
        facts.update({fact: value for fact, value in event.own.items() if value is not None})
        return condition.test(situation(event, facts, self._calendar), event.moment.day).holds

    def _open(self, kind: str, event: Event, place: int, name: str | None) -> Episode:
        each = Episode(self.kinds[kind], name or self._name(kind), place, event, self._around(kind), name is not None)
        each.seen.add(event.type)
        for other in self.kinds[kind].opened_by:
            if other != event.type:
                self._lacking.setdefault((kind, other), []).append(each)
        self.listed.append(each)
        self._of.setdefault(kind, []).append(each)
        self._running.setdefault(kind, []).append(each)
        self._opened.setdefault(event.key, []).append(each)
        self._last[kind] = each
        self._by_name[kind, each.id] = each
        for outer in each.chain():
            if outer is not each:
                outer.busy_from = min(outer.busy_from, place)
        return each

    def _reopen(self, episode: Episode) -> Episode:
        """Go on with an episode that ended on the day on which it starts again: that is no break."""
        assert episode.closed_by is not None
        self._closed[episode.closed_by.key].remove(episode)
        episode.closed_by, episode.closed_place = None, OPEN
        self._running.setdefault(episode.kind, []).append(episode)
        return episode

    def _name(self, kind: str) -> str:
        number = len(self._of.get(kind, ())) + 1
        while f"{kind}.{number}" in self._names or (kind, f"{kind}.{number}") in self._by_name:
            number += 1
        return f"{kind}.{number}"

    def _around(self, kind: str) -> Episode | None:
        outer = self.kinds[kind].within if kind != CASE else None
        while outer is not None and outer in self.kinds:
            if running := self._running.get(outer):
                return running[-1]
            outer = self.kinds[outer].within
        roots = self._running.get(CASE)
        return roots[-1] if roots and kind != CASE else None

    def _close(self, episode: Episode, event: Event, place: int) -> None:
        """Close an episode with all that lies in it."""
        kinds = list(self._running) if episode.kind == CASE else self._inside(episode.kind)
        for kind in kinds:
            running = self._running.get(kind, [])
            inner = kind != episode.kind
            ending = [each for each in running if episode in each.chain()] if inner else [episode]
            for each in ending:
                running.remove(each)
                each.closed_by, each.closed_place = event, place
                self._closed.setdefault(event.key, []).append(each)

    def _inside(self, kind: str) -> list[str]:
        kinds = [kind]
        for each in kinds:
            kinds += [other for other, spec in self.kinds.items() if spec.within == each and other not in kinds]
        return kinds

    def place(self, event: Event) -> int:
        """Return the event's place in time among the others; the last, where the list does not hold it."""
        return self._place.get(event.key, len(self._place))

    def opened(self, event: Event) -> Sequence[Episode]:
        """Return what an event opened."""
        return self._opened.get(event.key, ())

    def closed(self, event: Event) -> Sequence[Episode]:
        """Return what an event closed, the episodes within included."""
        return self._closed.get(event.key, ())

    def root(self, event: Event) -> Episode:
        """Return the case that an event belongs to."""
        case = self.instance(CASE, event)
        assert case is not None
        return case

    def instance(self, kind: str, event: Event) -> Episode | None:
        """Return the episode of a kind that an event belongs to: its own, or the one that runs at its moment."""
        own = self._own.get((event.key, kind))
        if own is not None:
            return own
        place = self.place(event)
        each = self._of.get(kind, [])
        for episode in reversed(each[: bisect_right(each, place, key=_place)]):
            if episode.runs_at(place):
                return episode
            if not episode.spec.several:
                break
        return None

    def following(self, kind: str, event: Event) -> Episode | None:
        """Return the next episode of a kind to open after an event."""
        each = self._of.get(kind, [])
        at = bisect_right(each, self.place(event), key=_place)
        return each[at] if at < len(each) else None

    def over(self, kind: str, event: Event) -> Sequence[Episode]:
        """Return the episodes of a kind, in the event's own case, that were over at an event."""
        place, root = self.place(event), self.root(event)
        return [each for each in self._of.get(kind, ()) if each.closed_place < place and root in each.chain()]

    def before(self, episode: Episode) -> Episode | None:
        """Return the episode of its kind that opened before it."""
        each = self._of[episode.kind]
        place = each.index(episode) if len(each) < 50 else bisect_right(each, episode.place, key=_place) - 1
        return each[place - 1] if place > 0 else None

    def acting(self, kind: str, event: Event) -> Sequence[Episode]:
        """Return the episodes of a kind for which an act of this event may count."""
        episode = self.instance(kind, event)
        several = self._running.get(kind, ()) if self.kinds[kind].several else ()
        if len(several) > 1 and (event.key, kind) not in self._own:
            place = self.place(event)
            return [each for each in self._of[kind] if each.runs_at(place)]
        return (episode,) if episode is not None else ()

    def own(self, event: Event, kind: str) -> Episode | None:
        """Return the episode of a kind that an event belongs to by what it is, whatever else runs."""
        return self._own.get((event.key, kind))

    def belongs(self, event: Event, episode: Episode) -> bool:
        """Say whether an act from the start of an obligation on may count for the episode that it lies in."""
        named = self._named.get(event.key)
        if named is not None and (named.kind == episode.kind or episode not in tuple(named.chain())):
            return named is episode or any(each is named for each in episode.chain())
        if episode.kind == CASE:
            root = self.root(event)
            return root is episode or (root.place > episode.place and self.place(event) < root.busy_from)
        own = self._own.get((event.key, episode.kind))
        if own is not None:
            return own is episode
        if self._vocabulary.episode_of(event.type) == episode.kind:
            return episode.runs_at(self.place(event))
        closed = episode.closed_by
        return not_before(event.moment, episode.opened_by.moment) and (
            closed is None or not surely_after(event.moment, closed.moment)
        )

    def counts_for(self, event: Event, episode: Episode, start: Event, *, stays: bool) -> bool:
        """Say whether an act may count for an obligation that lies in an episode.

        Where its start closed the episode, or it stays due after the end, an act counts that lies in a wider one.
        """
        if episode.spec.unbroken and event.type in episode.spec.closed_by and episode not in self.closed(event):
            return False
        own = self._own.get((event.key, episode.kind))
        if self.belongs(event, episode):
            return True
        if own is not None or (episode.kind == self._vocabulary.episode_of(event.type) and episode.spec.several):
            return False
        if stays and episode.kind == self._vocabulary.episode_of(event.type):
            # Late minutes, sent when the case was closed already and nothing new has begun.
            place = self.place(event)
            root = self.root(event)
            return root.place > episode.closed_place and place < root.busy_from and self._last_by(episode, place)
        over = episode.closed_place <= self.place(start)
        return (over or stays) and any(self.belongs(event, each) for each in episode.chain() if each is not episode)

    def _last_by(self, episode: Episode, place: int) -> bool:
        """Say whether an episode is the last of its kind to open before a place."""
        each = self._of[episode.kind]
        return each[bisect_right(each, place, key=_place) - 1] is episode

    def end_of(self, episode: Episode, start: Event) -> Event | None:
        """Return the event that closes what an obligation of this start lies in; None while it runs.

        What the start itself closed, or what was over by then, ends nothing: then it is what that lay in. A meeting
        that is arranged lies in what ran when it was arranged.
        """
        place = self.place(start)
        for each in episode.chain():
            if each.closed_by is not None and (each.closed_place > place or start.scheduled):
                return each.closed_by
        return None

    def running_instead(self, kinds: Sequence[str], closed: Event) -> Episode | None:
        """Return the episode, of some kinds, that runs on when one of them is over, or that starts the same day."""
        place = self.place(closed)
        for kind in kinds:
            for each in self._of.get(kind, ()):
                if each.closed_place > place and (
                    each.place <= place or each.opened_by.moment.day == closed.moment.day
                ):
                    return each
        return None


def _apart(events: Iterable[Event]) -> tuple[list[Event], list[Event]]:
    """Return the events that were corrected, and those that happened."""
    every = list(events)
    return [event for event in every if event.corrected], [event for event in every if not event.corrected]


def _by_event(kinds: Iterable[tuple[str, Sequence[str]]]) -> dict[str, list[str]]:
    by_event: dict[str, list[str]] = {}
    for kind, events in kinds:
        for event in events:
            by_event.setdefault(event, []).append(kind)
    return by_event


def _ended_on(episode: Episode, event: Event) -> bool:
    return episode.closed_by is not None and episode.closed_by.moment.day == event.moment.day


def _place(episode: Episode) -> int:
    return episode.place

"""What is known at each event of a case: what was said within its scope, said later, and shown by the list."""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple

from app.engine.civil_time import Moment
from app.engine.compiled_profile import Profile
from app.engine.facts import CHILD, THIS_EVENT, FactSpec, FactValue
from app.services.snapshot.snapshot import CalendarVersion
from app.services.timelines.case import Event, order, surely_after
from app.services.timelines.counted_facts import CountedFacts
from app.services.timelines.episode import Episode
from app.services.timelines.episodes import Episodes

_Scope = tuple[tuple[str, ...], bool]
"""The kinds of episode that a fact is of, and whether it is presumed until their end."""


class Saying(NamedTuple):
    """A value said of a fact (None: taken back), and the event that said it.

    `when` it was said: a meeting's arranging is a word of the day on which it was arranged, where that is known, and
    otherwise comes before whatever else was said in its episode. `between` marks what an end shows until the next
    episode opens: no plan, now that the plan is over.
    """

    value: FactValue | None
    event: Event
    when: Moment
    between: bool = False


class FactsAtEvent(NamedTuple):
    """What is known at an event.

    `start` are the facts known there and then, with those that nobody knew yet, nor presumed, and that were said later
    within their scope; `now` are the facts by all that was said within their scope. `learnt` and `revised_by` name the
    event that each value came from where it was said later. `guarded` are the facts that had another value there and
    then, or whose episode opened only later: what is said of them later counts for limits that were still ahead.
    `overruled` is the last word on what the event itself implies, where it is another.
    """

    start: dict[str, FactValue]
    now: dict[str, FactValue]
    learnt: dict[str, Event]
    revised_by: dict[str, Event]
    guarded: frozenset[str]
    overruled: Mapping[str, Saying] = {}


@dataclass(slots=True)
class _Said:
    """What was said: by an event, later for the first time, and last of all where that is another value."""

    start: dict[str, FactValue]
    guarded: set[str]
    learnt: dict[str, Event] = field(default_factory=dict)
    last: dict[str, Saying] = field(default_factory=dict)


class FactHistory:
    """The facts of one child under one profile version, event by event.

    A fact holds from the event that said it to the end of its scope and not a day longer. Said where its episode has
    not opened yet, it holds for the next one of its kind. What is sent apart from them holds for the list. What an
    event implies is said by it; a deciding fact that the opening of an episode makes true is false once that is over.
    """

    def __init__(
        self,
        profile: Profile,
        episodes: Episodes,
        events: Sequence[Event],
        base: Mapping[str, FactValue],
        calendar: CalendarVersion,
    ) -> None:
        self.profile = profile
        self.episodes = episodes
        self.specs = profile.vocabulary.events
        self.facts = profile.vocabulary.facts
        self.base = {key: value for key, value in base.items() if key in self.facts}
        self.counted = CountedFacts(profile, episodes, self.base, calendar)
        self._said: dict[tuple[str, str], list[Saying]] = {}
        self._scopes: dict[str, _Scope] = {}
        self._over = self._shown_by_an_end()
        self._statuses = self._begun_with_an_episode()
        for event in sorted((e for e in events if e.type in self.specs), key=episodes.place):
            self.add(event)

    def _shown_by_an_end(self) -> dict[str, tuple[str, ...]]:
        """Return by kind of episode the deciding facts that its opening makes true."""
        by_kind: dict[str, tuple[str, ...]] = {}
        for kind, spec in self.profile.vocabulary.episodes.items():
            implied = (self.specs[event].implies for event in spec.opened_by if event in self.specs)
            names = {fact for each in implied for fact, value in each.items() if value is True}
            by_kind[kind] = tuple(sorted(n for n in names if self.facts[n].deciding and kind in self.facts[n].scopes))
        return by_kind

    def _begun_with_an_episode(self) -> dict[str, tuple[str, ...]]:
        """Return the facts that open an episode, as a care leaver's status does, and the events that do.

        What such an event says came with it, and had not been so before.
        """
        return {
            fact: spec.opened_by
            for spec in self.profile.vocabulary.episodes.values()
            for condition in spec.opened_when.values()
            for fact in condition.facts()
        }

    def add(self, event: Event) -> None:
        """Take in one more event, not earlier in place than any other."""
        if event.type not in self.specs or event.corrected:
            return
        spec = self.specs[event.type]
        for episode in self.episodes.opened(event):
            self._attach(episode)
        closed = self.episodes.closed(event)
        over = {each.kind for each in closed}
        for fact, value in spec.implies.items():
            self._add_change(fact, value, event, over)
        for fact in spec.sets:
            # What joins an episode that runs does not date it anew.
            if self.episodes.joined.get(event.key, frozenset()).isdisjoint(self.facts[fact].scopes):
                self._add_change(fact, event.moment.day, event, frozenset())
        for fact, sent in event.own.items():
            if fact in self.facts:
                self._add_change(fact, sent, event, frozenset())
        for each in closed:
            for fact in self._over.get(each.kind, ()):
                episode_id = self._episode_for(self.facts[fact], event, after=True)
                self._put(fact, episode_id, Saying(False, event, event.moment, between=True))
        self.counted.add(event)

    def _add_change(self, fact: str, value: FactValue | None, event: Event, over: frozenset[str] | set[str]) -> None:
        spec = self.facts[fact]
        if spec.scope == THIS_EVENT or spec.counts:
            return
        if spec.scope == CHILD:
            self._scopes[fact] = _scope(spec)
            self._keep((fact, ""), Saying(value, event, event.done or event.moment))
            return
        # What the end of an episode says of it speaks of the time after it, unless it is the outcome waited for.
        after = any(scope in over for scope in spec.scopes) and not spec.presumed_until_end
        inside = self._inside(spec, event)
        if inside is None and spec.presumed_until_end:
            inside = self._waiting_for_its_outcome(spec, event)
        when = event.done or (inside.opened_by.moment if inside is not None else event.moment)
        episode_id = inside.id if inside is not None and not after else self._episode_for(spec, event, after=after)
        self._put(fact, episode_id, Saying(value, event, when, after))

    def _put(self, fact: str, episode_id: str, saying: Saying) -> None:
        self._scopes[fact] = _scope(self.facts[fact])
        self._keep((fact, episode_id), saying)

    def _keep(self, key: tuple[str, str], saying: Saying) -> None:
        """Keep what was said in the order in which it was said."""
        said = self._said.setdefault(key, [])
        if said and order(saying.when) < order(said[-1].when):
            insort(said, saying, key=_when)
        else:
            said.append(saying)

    def _inside(self, spec: FactSpec, event: Event) -> Episode | None:
        """Return the episode of a fact's scope that an event belongs to; one that is over, if it speaks of it."""
        speaks_of = self.profile.vocabulary.episode_of(event.type)
        scopes = (speaks_of,) if speaks_of in spec.scopes and len(spec.scopes) > 1 else spec.scopes
        running = [each for scope in scopes if (each := self.episodes.instance(scope, event)) is not None]
        inside = max(running, key=lambda each: each.place, default=None)
        if inside is None or self.episodes.place(event) <= inside.closed_place or spec.presumed_until_end:
            return inside
        speaks = event.episode is not None or speaks_of == inside.kind
        return inside if speaks else None

    def _waiting_for_its_outcome(self, spec: FactSpec, event: Event) -> Episode | None:
        """Return the episode of this case that is over without a word of its outcome; the latest, where none is."""
        over = self.episodes.over(spec.scope, event)
        for each in reversed(over):
            said = self._said.get((spec.key, each.id), ())
            if not said or any(saying.event is event for saying in said):
                return each
        return over[-1] if over else None

    def _episode_for(self, spec: FactSpec, event: Event, *, after: bool = False) -> str:
        """Return the episode for which a fact holds: the one it was said in, or the next of its kind in the case."""
        inside = None if after else self._inside(spec, event)
        return inside.id if inside is not None else self._coming(spec, event)

    def _coming(self, spec: FactSpec, event: Event) -> str:
        """Return the next episode of a fact's scope in the case, for which it will hold."""
        root = self.episodes.root(event)
        coming = [each for scope in spec.scopes if (each := self.episodes.following(scope, event)) is not None]
        following = min(coming, key=lambda each: each.place, default=None)
        if following is not None and self.episodes.root(following.opened_by) is root:
            return following.id
        return f"after {root.id}"

    def _attach(self, episode: Episode) -> None:
        """Let what was said before an episode opened hold for it; what an end showed holds no longer."""
        waiting = f"after {self.episodes.root(episode.opened_by).id}"
        for fact in [fact for fact, episode_id in self._said if episode_id == waiting]:
            if episode.kind in self.facts[fact].scopes:
                said = [saying for saying in self._said.pop((fact, waiting)) if not saying.between]
                if said:
                    self._said.setdefault((fact, episode.id), []).extend(said)

    def at(self, event: Event) -> dict[str, FactValue]:
        """Return the facts known at an event."""
        return self.facts_at(event).start

    def facts_at(self, event: Event) -> FactsAtEvent:
        """Return what is known at an event, there and then and by all that was said."""
        said = self._said_of(event)
        start = said.start
        spec = self.specs[event.type]
        own: dict[str, FactValue | None] = {**spec.implies, **dict.fromkeys(spec.sets, event.moment.day), **event.own}
        self._add_counted(event, start, own)
        for fact, value in own.items():
            if fact in self.facts:
                _put_in(start, fact, value)
                said.guarded.add(fact)
                said.learnt.pop(fact, None)
        now = dict(start)
        for fact, word in said.last.items():
            if fact not in spec.sets and fact not in spec.implies:
                _put_in(now, fact, word.value)
        revised_by = {fact: word.event for fact, word in said.last.items() if now.get(fact) != start.get(fact)}
        overruled = {
            fact: last
            for fact, value in spec.implies.items()
            if (last := self._last_word(fact, event)) is not None and last.value not in {None, value}
        }
        return FactsAtEvent(start, now, said.learnt, revised_by, frozenset(said.guarded), overruled)

    def _last_word(self, fact: str, event: Event) -> Saying | None:
        """Return the last word within the scope of a fact that an event belongs to."""
        spec = self.facts[fact]
        inside = self._inside(spec, event) if spec.scope not in {CHILD, THIS_EVENT} else None
        if inside is None:
            return None
        said = self._said.get((fact, inside.id))
        return next((saying for saying in reversed(said or ()) if not saying.between), None)

    def _said_of(self, event: Event) -> _Said:
        """Return what was said by an event, and after it, of every fact."""
        said = _Said(dict(self.base), set(self.base))
        insides: dict[_Scope, tuple[Episode | None, str]] = {}
        for fact, scope in self._scopes.items():
            spec = self.facts[fact]
            # Many facts have one scope: the episode that the event belongs to is looked for once for each.
            if scope not in insides:
                insides[scope] = self._place_of(spec, event)
            inside, episode_id = insides[scope]
            sayings = self._said.get((fact, episode_id))
            if not sayings:
                continue
            before, after, ahead = self._heard_at(event, spec, sayings, inside)
            if before is not None:
                said.guarded.add(fact)
                _put_in(said.start, fact, before.value)
            if not after:
                continue
            first = next((saying for saying in after if saying.value is not None), None)
            if ahead or (first is not None and first.event.type in self._statuses.get(fact, ())):
                said.guarded.add(fact)
            elif first is not None and first.value is not None and fact not in said.start and spec.presumed is None:
                said.start[fact], said.learnt[fact] = first.value, first.event
            if after[-1].value != said.start.get(fact):
                said.last[fact] = _since(after)
        return said

    def _add_counted(self, event: Event, start: dict[str, FactValue], own: Mapping[str, FactValue | None]) -> None:
        state = {**start, **{fact: value for fact, value in own.items() if value is not None}}
        for fact, day in self.counted.firsts(event, state).items():
            start.setdefault(fact, day)
        start.update(self.counted.numbers(event))

    def _place_of(self, spec: FactSpec, event: Event) -> tuple[Episode | None, str]:
        """Return the episode of a fact's scope that an event belongs to, and the name of the one it holds for."""
        if spec.scope == CHILD:
            return None, ""
        inside = self._inside(spec, event)
        return inside, inside.id if inside is not None else self._coming(spec, event)

    def _heard_at(
        self, event: Event, spec: FactSpec, said: Sequence[Saying], inside: Episode | None
    ) -> tuple[Saying | None, Sequence[Saying], bool]:
        """Return the last word on a fact at an event, what was said later, and if its episode opened only later."""
        end = bisect_right(said, event.moment.day, key=_day)
        while end and said[end - 1].event is not event and surely_after(said[end - 1].when, event.moment):
            end -= 1
        if inside is not None:
            before = next((saying for saying in reversed(said[:end]) if not saying.between), None)
            return before, said[end:], False
        before = said[end - 1] if end else None
        # What an end showed holds until the next episode opens, whatever is said in that one.
        # Nor does an event that speaks of such an episode, and is in none, belong to the next one.
        speaks = self.profile.vocabulary.episode_of(event.type) in spec.scopes
        after = () if speaks or (before is not None and before.between) else said[end:]
        return before, after, spec.scope != CHILD

    def unsettled_after_the_end(
        self, event: Event, facts: Mapping[str, FactValue], names: frozenset[str]
    ) -> dict[str, Event]:
        """Return the facts presumed only while their episode runs, of which nobody had said anything when it ended."""
        ends: dict[str, Event] = {}
        for name in names:
            spec = self.facts[name]
            if not spec.presumed_until_end or name in facts:
                continue
            episode = self._inside(spec, event)
            if episode is not None and episode.closed_by is not None and episode.closed_by_its_own_end:
                ends[name] = episode.closed_by
        return ends


def _scope(spec: FactSpec) -> _Scope:
    return spec.scopes, spec.presumed_until_end


def _put_in(facts: dict[str, FactValue], fact: str, value: FactValue | None) -> None:
    if value is None:
        facts.pop(fact, None)
    else:
        facts[fact] = value


def _since(said: Sequence[Saying]) -> Saying:
    """Return the last word, as it was first said."""
    first = said[-1]
    for saying in reversed(said):
        if saying.value != first.value:
            break
        first = saying
    return first


def _day(saying: Saying) -> date:
    return saying.when.day


def _when(saying: Saying) -> tuple[date, datetime]:
    return order(saying.when)

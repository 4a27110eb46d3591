"""What the events of one day leave known, each of them as the others of that day leave it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import accumulate
from typing import NamedTuple

from app.engine.facts import FactValue
from app.services.timelines.case import Event, not_before


class Effect(NamedTuple):
    """What an event says, and what it takes back."""

    said: Mapping[str, FactValue]
    gone: frozenset[str]

    def then(self, later: Effect) -> Effect:
        """This, and what a later event says and takes back."""
        said = {key: value for key, value in self.said.items() if key not in later.gone} | dict(later.said)
        return Effect(said, (self.gone - later.said.keys()) | later.gone)

    def hold(self, state: dict[str, FactValue]) -> None:
        """Bring what is known up to date."""
        for fact in self.gone:
            state.pop(fact, None)
        state.update(self.said)


NOTHING = Effect({}, frozenset())


@dataclass(slots=True)
class Day:
    """One day of a list of events: what is known when it begins, its events, and what each says."""

    begins: dict[str, FactValue]
    events: list[Event] = field(default_factory=list)
    _effects: list[Effect] = field(default_factory=list)
    _around: list[tuple[Effect, Effect]] = field(default_factory=list)
    _places: dict[int, int] = field(default_factory=dict)

    def add(self, event: Event, effect: Effect) -> None:
        """Take in one more event."""
        self.events.append(event)
        self._effects.append(effect)
        self._around.clear()

    def around(self, event: Event) -> Iterable[Effect]:
        """What the other events of the day say, of those that may lie at or before one, in their order."""
        if not self._around and self._in_time():
            self._put_together()
        if self._around and (place := self._places.get(id(event))) is not None:
            return self._around[place]
        pairs = zip(self.events, self._effects, strict=True)
        return [said for other, said in pairs if other is not event and not_before(event.moment, other.moment)]

    def _in_time(self) -> bool:
        """Whether the events without a time come first, and the others in the order of theirs."""
        times = [event.moment.at for event in self.events]
        timed = [at for at in times if at is not None]
        return times[len(times) - len(timed) :] == timed == sorted(timed)

    def _put_together(self) -> None:
        """For each event those before it, and those after it that may lie before it all the same.

        Without a time of its own that is the rest of the day, otherwise the rest of its instant. A day may hold a
        thousand events, so each is put together from what was put together for the one beside it.
        """
        befores = accumulate(self._effects, Effect.then, initial=NOTHING)
        rest, instant = NOTHING, NOTHING
        afters: list[Effect] = []
        following: Event | None = None
        for event, effect in zip(reversed(self.events), reversed(self._effects), strict=True):
            if following is None or following.moment.at != event.moment.at:
                instant = NOTHING
            afters.append(rest if event.moment.at is None else instant)
            rest, instant, following = effect.then(rest), effect.then(instant), event
        self._around = list(zip(befores, reversed(afters), strict=False))
        self._places = {id(event): place for place, event in enumerate(self.events)}

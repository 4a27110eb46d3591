"""The words that profiles are written in: events, facts, duties and episodes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from app.engine.episodes import EpisodeSpec
from app.engine.facts import CASE, DutySpec, EventSpec, FactSpec


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Every event, fact and duty that profiles may use."""

    events: Mapping[str, EventSpec]
    facts: Mapping[str, FactSpec]
    duties: Mapping[str, DutySpec]
    episodes: Mapping[str, EpisodeSpec] = field(default_factory=dict)
    _bounds: Mapping[str, frozenset[str]] = field(init=False, repr=False, compare=False)
    """The kinds of episode that each event opens or closes."""
    _including: Mapping[str, tuple[str, ...]] = field(init=False, repr=False, compare=False)
    """The events that include each event by their definition."""

    def __post_init__(self) -> None:
        """Look up once what every event of every case asks."""
        bounds: dict[str, set[str]] = {}
        for kind in self.episodes.values():
            for event in (*kind.opened_by, *kind.closed_by):
                bounds.setdefault(event, set()).add(kind.key)
        object.__setattr__(self, "_bounds", {event: frozenset(kinds) for event, kinds in bounds.items()})
        including: dict[str, tuple[str, ...]] = {}
        for spec in self.events.values():
            for act in spec.includes:
                including[act] = (*including.get(act, ()), spec.key)
        object.__setattr__(self, "_including", including)

    def family(self, duty: str) -> str:
        """Return the general duty that a duty is a kind of, itself where it is none."""
        spec = self.duties.get(duty)
        return (spec.family if spec is not None else "") or duty

    def protection(self, duty: str) -> str:
        """Return why a duty, or the one that it is a kind of, protects a child from harm; empty where it does not."""
        specs = (self.duties.get(duty), self.duties.get(self.family(duty)))
        return next((spec.protection for spec in specs if spec is not None and spec.protection), "")

    def kinds(self, duty: str) -> frozenset[str]:
        """Return a duty with the duties that are kinds of it, for whoever asks by the general one."""
        return frozenset((duty, *(spec.key for spec in self.duties.values() if spec.family == duty)))

    def lies_in(self, kind: str, outer: str) -> bool:
        """Return True if episodes of a kind lie in those of another."""
        seen: set[str] = set()
        while kind in self.episodes and kind not in seen:
            seen.add(kind)
            within = self.episodes[kind].within
            if within is None or within == outer:
                return within == outer
            kind = within
        return False

    def bounded_by(self, event: str) -> frozenset[str]:
        """Return the kinds of episode that an event opens or closes."""
        return self._bounds.get(event, frozenset())

    def including(self, acts: Sequence[str]) -> tuple[str, ...]:
        """Return some events with those that include one of them by their definition."""
        return tuple(dict.fromkeys((*acts, *(other for act in acts for other in self._including.get(act, ())))))

    def episode_of(self, event: str) -> str:
        """Return the kind of episode that an event speaks of: as it says, or the only one it opens or closes."""
        spec = self.events.get(event)
        if spec is not None and spec.episode is not None:
            return spec.episode
        return next(iter(self.bounded_by(event)), CASE)

"""One run of a series in one episode, from what started it to what ended it."""

from __future__ import annotations

from dataclasses import dataclass, field

from app.engine.results import Obligation
from app.services.timelines.case import Event
from app.services.timelines.episode import Episode
from app.services.timelines.event_results import EventResult
from app.services.timelines.tracked_obligation import TrackedObligation


@dataclass(slots=True)
class Run:
    """One run of a series in one episode, from what started it.

    `last` is its newest limit, `chain` those that follow by themselves, not reached yet. `base` is what the newest
    limit is counted from. `left_open` are the limits before it that an act carried on without showing them done: a
    visit at which the child was not seen alone.
    """

    episode: Episode
    start: Event
    base: EventResult
    last: TrackedObligation
    number: int
    chain: list[Obligation] = field(default_factory=list)
    closed: bool = False
    left_open: list[TrackedObligation] = field(default_factory=list)

    def open(self) -> list[TrackedObligation]:
        """List what is still to be done."""
        return [*self.left_open, *(() if self.closed else (self.last,))]

"""One stretch of a case: what opened and closed it, and what it lies in."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass, field

from app.engine.episodes import EpisodeSpec
from app.engine.facts import CASE
from app.services.timelines.case import Event

OPEN = sys.maxsize
ROOT = EpisodeSpec(CASE, "the case", "Everything from the first event to the closing of the case.")


@dataclass(slots=True, eq=False)
class Episode:
    """One stretch of a case. `place` and `closed_place` are those of the events that open and close it, in time.

    `seen` are the types of the openers that belong to it, `busy_from` the place at which the first episode within it
    opens.
    """

    spec: EpisodeSpec
    id: str
    place: int
    opened_by: Event
    within: Episode | None
    named: bool = False
    closed_by: Event | None = None
    closed_place: int = OPEN
    seen: set[str] = field(default_factory=set)
    busy_from: int = OPEN

    @property
    def kind(self) -> str:
        """Return the kind of episode that it is."""
        return self.spec.key

    @property
    def closed_by_its_own_end(self) -> bool:
        """Return whether an event closed it that closes its kind, and not what it lies in."""
        return self.closed_by is not None and self.closed_by.type in self.spec.closed_by

    def chain(self) -> Iterator[Episode]:
        """Yield it and each wider episode that it lies in."""
        each: Episode | None = self
        while each is not None:
            yield each
            each = each.within

    def runs_at(self, place: int) -> bool:
        """Say whether it runs at a place, its first and last events included."""
        return self.place <= place <= self.closed_place

"""What a source could have shown: the events that it records, and the days that it covers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Coverage:
    """The events that a source records and the days that it covers, both included.

    `events` None stands for every event, `first` and `last` None for no bound. Of the events in `latest_only` the
    source gives the latest alone: Ofsted's Annex A has the date of the last visit, and not of those before.
    """

    events: frozenset[str] | None = None
    first: date | None = None
    last: date | None = None
    latest_only: frozenset[str] = frozenset()

    def within(self, day: date) -> bool:
        """Return whether a day is covered."""
        return (self.first is None or self.first <= day) and (self.last is None or day <= self.last)

"""Which acts met which duties, so that what was done in one episode is not taken again for another."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from app.services.timelines.case import Event
from app.services.timelines.episode import Episode
from app.services.timelines.tracked_obligation import TrackedObligation


@dataclass(slots=True)
class ActsTaken:
    """The episodes for which an act met a duty, and the occasions that it was taken for."""

    _episodes: dict[tuple[str, str], list[Episode]] = field(default_factory=dict)
    _occasions: dict[tuple[str, str, str], datetime] = field(default_factory=dict)

    def take(self, record: TrackedObligation, event: Event) -> None:
        """Take an act for an obligation."""
        self._episodes.setdefault((record.family, event.key), []).append(record.episode)
        if record.rule.occasion:
            self._occasions[record.started_by.key, record.family, event.key] = record.obligation.due_at

    def for_another_episode(self, record: TrackedObligation, event: Event) -> bool:
        """Say whether an act met the same duty of another episode of the same kind."""
        taken = self._episodes.get((record.family, event.key), ())
        return any(each is not record.episode and each.kind == record.episode.kind for each in taken)

    def for_another_occasion(self, record: TrackedObligation, event: Event) -> bool:
        """Say whether an act was taken for another occasion of the same start: day 5 is not day 10."""
        if not record.rule.occasion:
            return False
        taken = self._occasions.get((record.started_by.key, record.family, event.key))
        return taken is not None and taken != record.obligation.due_at

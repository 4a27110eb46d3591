"""The cases that a return becomes, in the words that timelines take."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal, NamedTuple

from app.services.returns.faults import Place

Fact = str | bool | int
Facts = Mapping[str, Fact]
NO_FACTS: Facts = {}
NOWHERE = Place("")


class ReturnEvent(NamedTuple):
    """One event of a case. Returns have days, not times."""

    type: str
    day: date
    facts: Facts
    id: str
    episode: str | None = None
    place: Place = NOWHERE

    def as_json(self) -> dict[str, Any]:
        """Return the event as timelines take it."""
        body: dict[str, Any] = {"id": self.id, "type": self.type, "occurred_at": self.day.isoformat()}
        if self.facts:
            body["facts"] = dict(self.facts)
        if self.episode is not None:
            body["episode"] = self.episode
        return body


class StoredDate(NamedTuple):
    """A target or due date that the return carries, to be checked against the profile's own."""

    duty: str
    day: date
    counted_from: tuple[str, ...]
    """The types of event that it may be counted from; the last of them before `before` is the one."""
    before: date
    row_start: ReturnEvent | None
    """The start that stands in the same row, where there is one."""
    episode: str | None
    place: Place


CaseKind = Literal["referral", "period of care", "other"]


@dataclass(slots=True)
class ReturnCase:
    """One referral or one period of care of one child; what belongs to neither is a case of its own."""

    reference: str
    child: str
    kind: CaseKind
    facts: Facts
    events: list[ReturnEvent] = field(default_factory=list)
    stored: list[StoredDate] = field(default_factory=list)
    first: date | None = None
    last: date | None = None
    no_further_action: Place | None = None
    place: Place = NOWHERE

    def covers(self, day: date) -> bool:
        """Return True if the case was open on a day; an unknown start or end leaves that side open."""
        return (self.first is None or self.first <= day) and (self.last is None or day <= self.last)

    def as_json(self) -> dict[str, Any]:
        """Return the case as one of the timelines of a request."""
        body: dict[str, Any] = {"reference": self.reference}
        if self.facts:
            body["facts"] = dict(self.facts)
        body["events"] = [event.as_json() for event in self.events]
        return body

"""Select which of several readings of a paragraph gives the main date."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Generic, NamedTuple, TypeVar

from app.engine.compiled_profile import Reading

T = TypeVar("T")


class DatedReading(NamedTuple, Generic[T]):
    """A reading with the due date that it gives for one event."""

    reading: Reading
    found: T | None
    """None where this event cannot date it."""
    at: datetime | None
    place: int = 0
    """Its position among the rule's readings."""


def select_main_reading(dated: Sequence[DatedReading[T]], *, keeps_declared: bool) -> DatedReading[T] | None:
    """Return the main reading: a stated unit wins over an unstated one, then the stricter, that is the earlier end.

    Decided for each computed date; on a tie the one declared first wins. `keeps_declared` keeps the declared reading
    whatever the dates (wording that says the reverse of its evident intent). None if none can be dated.
    """
    if keeps_declared:
        return dated[0] if dated[0].at is not None else None
    best: DatedReading[T] | None = None
    for item in dated:
        if item.at is not None and (best is None or best.at is None or _wins(item, item.at, best, best.at)):
            best = item
    return best


def _wins(item: DatedReading[T], at: datetime, best: DatedReading[T], until_now: datetime) -> bool:
    if item.reading.explicit is not best.reading.explicit:
        return item.reading.explicit
    # Times of one zone compare by the clock on the wall; in the hour that comes twice only instants tell them apart.
    return at.timestamp() < until_now.timestamp() if at.fold or until_now.fold else at < until_now

"""Which of several readings of a paragraph gives the main date."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Generic, NamedTuple, TypeVar

from app.engine.compiled_profile import Reading

T = TypeVar("T")


class Dated(NamedTuple, Generic[T]):
    """A reading, what it came to for this event (None: this event cannot date it), and its place among its rule's."""

    reading: Reading
    found: T | None
    at: datetime | None
    place: int = 0


def rank(dated: Sequence[Dated[T]], *, settled: bool) -> Dated[T] | None:
    """The main reading: a stated unit wins over an unstated one, then the stricter, that is the earlier end.

    Decided anew for each computed date; on a tie the one declared first. `settled` keeps the declared
    reading, whatever the others come to (wording that says the reverse of its evident intent takes the intent). None if
    none can be dated.
    """
    if settled:
        return dated[0] if dated[0].at is not None else None
    best: Dated[T] | None = None
    for item in dated:
        if item.at is not None and (best is None or best.at is None or _wins(item, item.at, best, best.at)):
            best = item
    return best


def _wins(item: Dated[T], at: datetime, best: Dated[T], until_now: datetime) -> bool:
    if item.reading.explicit is not best.reading.explicit:
        return item.reading.explicit
    # Times of one zone compare by the clock on the wall; in the hour that comes twice only instants tell them apart.
    return at.timestamp() < until_now.timestamp() if at.fold or until_now.fold else at < until_now

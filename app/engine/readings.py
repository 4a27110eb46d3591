"""Which of several readings of a paragraph gives the main date."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Generic, NamedTuple, TypeVar

from app.engine.model import Reading

T = TypeVar("T")


class Dated(NamedTuple, Generic[T]):
    """A reading, what it came to for this event (None: this event cannot date it), and its place among its rule's."""

    reading: Reading
    found: T | None
    at: datetime | None
    place: int = 0


def rank(dated: Sequence[Dated[T]], *, settled: bool) -> Dated[T] | None:
    """The main reading: a stated unit wins over an unstated one, then the stricter, that is the earlier end.

    Decided anew for each computed date; on a tie the one declared first. `settled` keeps the declared reading where it
    can be dated (wording that says the reverse of its evident intent takes the intent). None if none can be dated.
    """
    if len(dated) == 1:
        return dated[0] if dated[0].at is not None else None
    found = [item for item in dated if item.at is not None]
    if not found:
        return None
    if settled and dated[0].at is not None:
        return dated[0]
    stated = [item for item in found if item.reading.explicit] or found
    # Times of one zone compare by the clock on the wall, but for the hour that comes twice.
    return min(stated, key=_by_instant if any(item.at.fold for item in stated if item.at) else _by_clock)


def _by_clock(item: Dated[T]) -> datetime:
    assert item.at is not None
    return item.at


def _by_instant(item: Dated[T]) -> float:
    assert item.at is not None
    return item.at.timestamp()

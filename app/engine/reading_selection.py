"""Select which of several readings of a paragraph gives the main date."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from app.engine.compiled_profile import Rule
from app.engine.counting import DueDate
from app.engine.timing import Missing


def select_main_reading(rule: Rule, dues: Sequence[DueDate | Missing | None]) -> int | None:
    """Return the position of the main reading: one of stated unit wins over one of unstated, then the earlier end.

    `dues` gives each reading's due date, Missing or None where this event cannot date it. Decided for each computed
    date; on a tie the one declared first wins. A rule that keeps the declared reading keeps it whatever the dates
    (wording that says the reverse of its evident intent). None if no reading gives a date.
    """
    if rule.keeps_declared:
        return 0 if isinstance(dues[0], DueDate) else None
    best: int | None = None
    earliest: datetime | None = None
    best_is_explicit = False
    for place, due in enumerate(dues):
        if due is None or isinstance(due, Missing):
            continue
        at, explicit = due.at, rule.readings[place].explicit
        if earliest is None:
            before = True
        elif explicit is not best_is_explicit:
            before = explicit
        elif at.fold or earliest.fold:
            # Times of one zone compare by the clock on the wall; in the hour that comes twice instants tell them apart.
            before = at.timestamp() < earliest.timestamp()
        else:
            before = at < earliest
        if before:
            best, earliest, best_is_explicit = place, at, explicit
    return best

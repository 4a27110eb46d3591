"""The order in which a series takes the events of a case: what falls together is ranked by what it is to the series."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import date, datetime

from app.engine.civil_time import last_second
from app.engine.results import Obligation
from app.services.timelines.case import Event, order
from app.services.timelines.child_timeline import ChildTimeline
from app.services.timelines.event_results import EventResult
from app.services.timelines.tracked_obligation import precedence
from app.services.zone import LONDON

FIRST, START, OCCURRENCE, END = range(4)


def in_turn(
    line: ChildTimeline, obligation_at: Callable[[Event], Obligation | None], ends: Collection[str]
) -> list[Event]:
    """Return the events of a case in time; an end comes before a new start of its moment, otherwise after the rest.

    So does the end of what began that day itself: a child in care for a day. `obligation_at` gives what an event starts
    of the series, and `ends` are the events that end it.
    """
    results = {result.event.key: result for result in line.results}
    kinds = {event.key: _rank(line, results, event, obligation_at(event), ends) for event in line.events}
    starts = {event.moment.day for event in line.events if kinds[event.key] == START and not event.corrected}

    def place(event: Event) -> tuple[date, datetime, int, int]:
        kind, item = kinds[event.key], obligation_at(event)
        day, at = order(event.moment)
        if kind == END and event.moment.day in starts and not _ends_its_own_day(line, results, event):
            kind = FIRST
        elif kind == END and event.moment.at is None:
            # Of an end without a time it is not known that anything of its day came after it.
            at = last_second(day, LONDON)
        return day, at, kind, precedence(item.rule, event) if item is not None else 0

    return sorted(line.events, key=place)


def _ends_its_own_day(line: ChildTimeline, results: Mapping[str, EventResult], event: Event) -> bool:
    """Return whether all that an event closes began on its day: then its start came before it."""
    result = results.get(event.key)
    closed = line.episodes(result.version).closed(event) if result is not None else ()
    return bool(closed) and all(each.opened_by.moment.day == event.moment.day for each in closed)


def _rank(
    line: ChildTimeline,
    results: Mapping[str, EventResult],
    event: Event,
    obligation: Obligation | None,
    ends: Collection[str],
) -> int:
    if obligation is not None:
        return START if event.type in obligation.rule.events else OCCURRENCE
    result = results.get(event.key)
    closes = result is not None and bool(line.episodes(result.version).closed(event))
    return END if event.type in ends or closes else OCCURRENCE

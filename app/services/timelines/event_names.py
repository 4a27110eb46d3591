"""The names of a case's events, and which of them took the place of another."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from datetime import date, timedelta

from app.services.timelines.case import CaseEvent, Event, meeting, order

MAX_BROUGHT_FORWARD = timedelta(weeks=4)
"""A meeting held earlier than that is another one: of a case whose next review stands for months ahead, an extra review
does not undo what is to be prepared for it."""


def named_in_time(events: Iterable[CaseEvent]) -> list[Event]:
    """Return the events in time, each named by its own id or by its type and how many of it came before."""
    ordered = sorted(events, key=lambda e: (order(e.moment), e.type, e.id or "", *_fingerprint(e)))
    counts: dict[str, int] = {}
    keys: dict[int, str] = {}
    sent = {event.id for event in ordered if event.id}
    for event in ordered:
        number = counts.get(event.type, 0) + 1
        # A name that a caller gave to another event is passed over.
        while not event.id and f"{event.type}.{number}" in sent:
            number += 1
        counts[event.type] = number
        keys[event.index] = event.id or f"{event.type}.{number}"
    replaced = _replaced(ordered, keys)
    return [
        Event(
            keys[event.index],
            event.type,
            event.moment,
            event.facts,
            (event.recorded if event.type.endswith("_scheduled") else event.moment),
            event.discharges,
            replaced.get(event.index),
            episode=event.episode,
        )
        for event in ordered
    ]


def _fingerprint(event: CaseEvent) -> tuple[object, ...]:
    """Something to order two events of one type and moment by, whatever their order in the list."""
    said = sorted((k, str(v)) for k, v in event.facts.items()), sorted(event.discharges), event.episode
    return event.recorded is None, order(event.recorded or event.moment), repr((said, event.replaces))


def _replaced(ordered: list[CaseEvent], keys: dict[int, str]) -> dict[int, str]:
    """Return which events another replaced: as the caller says, and a meeting arranged anew before it was held.

    Of two arrangements of one meeting, the one recorded later stands; where that is not said, the later meeting. A
    meeting that was brought forward takes the place of its arrangement.
    """
    replaced: dict[int, str] = {}
    by_id = {event.id: event for event in ordered if event.id is not None}
    for event in ordered:
        for name in event.replaces or ():
            if name in by_id:
                replaced[by_id[name].index] = keys[event.index]
    types = {event.type for event in ordered}
    # Meetings of episodes with names are those of one episode: nothing is inferred across them.
    for kind, episode in sorted({(event.type, event.episode or "") for event in ordered}):
        meeting_type = meeting(kind, types)
        group = [e for e in ordered if e.type == kind and (e.episode or "") == episode and e.index not in replaced]
        meetings = [
            e
            for e in ordered
            if e.type == meeting_type and e.index not in replaced and (not episode or e.episode in {None, episode})
        ]
        days = [e.moment.day for e in meetings]
        for number in range(len(group) - 1):
            if meeting_type is None and not kind.endswith("_scheduled"):
                break
            one, two = group[number], group[number + 1]
            after = group[number - 1].moment.day if number else date.min
            if two.replaces is not None or any(after < day and _took_place(one, two, day) for day in days):
                continue
            first, last = (one, two)
            if one.recorded is not None and two.recorded is not None and order(one.recorded) > order(two.recorded):
                first, last = two, one
            replaced[first.index] = keys[last.index]
        early: set[int] = set()
        for arranged in (e for e in group if e.index not in replaced):
            brought = _brought_forward(arranged, meetings)
            if brought is not None and brought.index not in early:
                replaced[arranged.index] = keys[brought.index]
                early.add(brought.index)
    return replaced


def _brought_forward(arranged: CaseEvent, meetings: list[CaseEvent]) -> CaseEvent | None:
    """Return the meeting that was held before the day for which it had been arranged, if it was.

    It is the last before that day and at most four weeks before it, was held after the arranging and nearer to the day
    arranged than to that of the arranging, and the next one was not held as near to that day.
    """
    place = bisect_left(meetings, arranged.moment.day, key=_day)
    last = meetings[place - 1] if place else None
    stands = last is not None and last.replaces is not None and not last.replaces
    if last is None or stands or arranged.recorded is None or not last.type.endswith("_held"):
        return None
    made, day, planned = arranged.recorded.day, last.moment.day, arranged.moment.day
    following = meetings[place].moment.day if place < len(meetings) else date.max
    ahead = planned - day
    is_near = ahead < min(day - made, following - planned) and ahead <= MAX_BROUGHT_FORWARD
    return last if made < day and is_near else None


def _day(event: CaseEvent) -> date:
    return event.moment.day


def _took_place(one: CaseEvent, two: CaseEvent, day: date) -> bool:
    """Return True if the meeting of one arrangement was held by the time that another one was arranged for.

    One that was held before the day arranged lies nearer to it than the next arrangement does.
    """
    arranged = one.moment.day
    if day >= two.moment.day or (one.recorded is not None and day < one.recorded.day):
        return False
    return day >= arranged or arranged - day <= two.moment.day - arranged

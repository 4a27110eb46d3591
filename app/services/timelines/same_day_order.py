"""The order of the events of one day where some have no time: an end before a start of the same kind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from app.engine.civil_time import first_moment, last_second
from app.engine.episodes import EpisodeSpec
from app.engine.facts import CASE
from app.services.timelines.case import Event
from app.services.zone import LONDON

CLOSING, OPENING, ACTING, CLOSING_WHAT_OPENED, CLOSING_THE_CASE, OPENING_THE_NEXT = range(6)

Kinds = Mapping[str, Sequence[str]]


class Running(Protocol):
    """What is asked of the episodes that run when the day begins."""

    def get(self, kind: str, /) -> Sequence[object] | None:
        """Return the running episodes of a kind."""
        ...


def day_order(
    events: Sequence[Event], closers: Kinds, openers: Kinds, running: Running, kinds: Mapping[str, EpisodeSpec]
) -> list[Event]:
    """Put the events of one day in the order in which they open and close episodes.

    What closes an episode that ran when the day began comes before what opens the next of its kind; inner episodes
    close before outer ones and open after them. What closes nothing that ran closes what the day opened. An act without
    a time comes after the day's openings, and the closing of the case comes last.
    """
    if len(events) == 1:
        return list(events)
    day = events[0].moment.day
    first, last = first_moment(day, LONDON), last_second(day, LONDON)
    ran = {kind for kind in kinds if running.get(kind)}
    closing = {event.key: [kind for kind in closers.get(event.type, ()) if kind in ran] for event in events}
    closed_at: dict[str, datetime] = {}
    for event in events:
        for kind in closing[event.key]:
            if event.moment.at is not None:
                closed_at[kind] = min(event.moment.at, closed_at.get(kind, event.moment.at))
    case_closed = any(CASE in closing[event.key] and event.moment.at is None for event in events)
    ended = {kind for event in events if CASE not in closing[event.key] for kind in closing[event.key]}

    def opens_the_next(event: Event) -> bool:
        """Say whether an opening, of what runs and nothing else ends that day, must follow the case's closing."""
        opened = openers.get(event.type, ())
        return case_closed and any(
            kind in ran and kind not in ended and kinds[kind].within == CASE and event.type not in kinds[kind].joined_by
            for kind in opened
        )

    def turn(event: Event, kind: str) -> int:
        """The place of an opener among those that its kind names: the discussion comes before the enquiry it begins."""
        return list(kinds[kind].opened_by).index(event.type)

    def opening(event: Event, opens: Sequence[str]) -> datetime:
        """When an opening without a time comes: after what closes the one before, and after what the kind names first."""
        after = [closed_at[kind] for kind in opens if kind in closed_at]
        for other in events:
            for kind in opens:
                if (
                    other.moment.at is not None
                    and kind in openers.get(other.type, ())
                    and turn(other, kind) < turn(event, kind)
                ):
                    after.append(other.moment.at)
        return max(after, default=first)

    def key(event: Event) -> tuple[datetime, int, int, int]:
        at = event.moment.at
        closes, opens = closing[event.key], openers.get(event.type, ())
        depth = max((_depth(kind, kinds) for kind in (*closes, *opens)), default=0)
        if CASE in closes:
            return at or last, CLOSING_THE_CASE, 0, 0
        if closes:
            return at or first, CLOSING, -depth, 0
        if opens:
            if at is None and opens_the_next(event):
                return last, OPENING_THE_NEXT, depth, 0
            return at or opening(event, opens), OPENING, depth, min(turn(event, kind) for kind in opens)
        if event.type in closers:
            return at or last, CLOSING_WHAT_OPENED, 0, 0
        return at or last, ACTING, 0, 0

    return sorted(events, key=key)


def _depth(kind: str, kinds: Mapping[str, EpisodeSpec]) -> int:
    depth, outer = 0, kinds[kind].within
    while outer is not None and outer in kinds and depth < len(kinds):
        depth, outer = depth + 1, kinds[outer].within
    return depth

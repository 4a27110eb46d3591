"""What ends an obligation that is not done: its episode, an event that its rule names."""

from __future__ import annotations

from datetime import date

from app.services.timelines.case import Event, not_before, order, surely_after
from app.services.timelines.child_timeline import ChildTimeline
from app.services.timelines.completion_window import Window
from app.services.timelines.tracked_obligation import TrackedObligation


def earliest_end(line: ChildTimeline, record: TrackedObligation, within: Window) -> Event | None:
    """Return the first event that ends an obligation; None where none does.

    What is due before a meeting that is arranged ends only by what comes after the meeting before it.
    """
    since = date.min if record.started_by.scheduled else record.started_by.moment.day
    named = line.index.since(since, record.rule.ends_on, ()) if record.rule.ends_on else ()
    ahead = record.started_by.scheduled
    first = next((e for e in named if (not ahead or within.holds(e.moment)) and named_end(line, record, e)), None)
    ends = [first] if first is not None else []
    if record.rule.after_end == "ends":
        episodes = line.episodes(record.version)
        closed = episodes.end_of(record.episode, record.started_by)
        kinds = record.rule.episodes
        while closed is not None and len(kinds) > 1:
            other = episodes.running_instead(kinds, closed)
            if other is None:
                break
            closed = episodes.end_of(other, closed)
        if closed is not None:
            ends.append(closed)
    return min(ends, key=lambda event: order(event.moment), default=None)


def named_end(line: ChildTimeline, record: TrackedObligation, event: Event) -> bool:
    """Return whether an event that the rule names ends an obligation.

    One that closes an episode ends only what lies in that one. An end on the very day of the start belongs to what came
    before it, unless times say otherwise or nothing had. On the day on which a series only went on (the review
    conference that ends the plan), it ends it.
    """
    if event.type not in record.rule.ends_on or event.scheduled or event.key == record.started_by.key:
        return False
    episodes = line.episodes(record.version)
    closed = episodes.closed(event)
    chain = list(record.episode.chain())
    if any(each in chain for each in closed):
        return record.started_by.scheduled or episodes.place(event) > episodes.place(record.started_by)
    kinds = {each.kind for each in chain}
    if any(each.kind in kinds for each in closed):
        return False
    start = record.started_by.moment
    if record.obligation.kind == "lead_time" and record.started_by.scheduled:
        return True
    if surely_after(event.moment, start):
        return True
    if event.moment.day != start.day or not not_before(event.moment, start):
        return False
    if any(each.spec.outlasts_a_day and event.type in each.spec.closed_by for each in chain):
        return episodes.place(event) > episodes.place(record.started_by)
    if record.started_by.type not in record.rule.events:
        return True
    return not any(surely_after(start, e.moment) for e in line.index.of(*record.rule.events))

"""Obligations that an event starts once: which event discharges each, and which are one demand and not two."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

from app.engine.civil import Moment
from app.engine.facts import FactValue
from app.service.timelines.case import Event, meeting, not_before, order, surely_after, undone
from app.service.timelines.line import Line, Met
from app.service.timelines.records import Record, discharges, rank


def match_once(line: Line, starts: list[tuple[Met, Record]], records: list[Record]) -> None:
    """Work out the fate of every one-off obligation of one rule.

    Each start is a demand of its own, except where another kind of event of the same episode started the same rule
    (the conference, and the plan that it made): then the limit that falls first stands, and it is asked for once.
    """
    standing: list[Record] = []
    for met, record in sorted(starts, key=lambda s: (order(s[0].event.moment), rank(s[1].rule, s[0].event))):
        first = _same_episode(standing, met.event, record)
        if first is not None:
            keep, drop = (first, record) if _end(first) <= _end(record) else (record, first)
            keep.also_started_by += [drop.started_by.key, *drop.also_started_by]
            keep.say("also_started", drop.started_by)
            if keep is record:
                standing.remove(first)
                records.remove(first)
            else:
                continue
        record.say("started", met.event)
        _settle(line, record)
        standing.append(record)
        records.append(record)


def _end(record: Record) -> tuple[date, str]:
    return record.obligation.due_date, record.obligation.due_at.isoformat()


def _same_episode(standing: list[Record], event: Event, record: Record) -> Record | None:
    if event.scheduled or event.replaced_by is not None or not record.rule.discharged_by:
        return None
    for other in reversed(standing):
        if other.started_by.type == event.type or other.started_by.scheduled or other.fate == "superseded":
            continue
        running = event.moment.day <= other.obligation.due_date
        closed = other.closed_by is not None and surely_after(event.moment, other.closed_by.moment)
        if running and not closed:
            return other
    return None


def _settle(line: Line, record: Record) -> None:
    """What became of one obligation: done, ended or replaced, whichever came first; done, on the day of an end."""
    start = record.started_by
    if start.replaced_by is not None:
        by = next(event for event in line.events if event.key == start.replaced_by)
        record.supersede(by, None, f"{start.key} was replaced by {by.key}")
        return
    lead = record.obligation.kind == "lead_time" and start.scheduled
    opens, closes = _window(line, start) if lead else (start.moment, None)
    ended: Event | None = None
    for event in line.events:
        if event.key == start.key or event.replaced_by is not None:
            continue
        if lead and not _inside(event, opens, closes, start):
            continue
        if not lead and not not_before(_shown(event), start.moment):
            continue
        if ended is not None and surely_after(event.moment, ended.moment):
            break
        if not line.used(record, event):
            met = discharges(record, event, facts_of(line, record))
            if met is None:
                record.say("may_discharge", event, "a fact about this event would settle whether it counts")
            elif met and record.discharge(event):
                line.use(record, event)
                return
        if ended is None and ends(line, record, event, lead=lead):
            ended = event
    if ended is not None:
        record.end(ended)


def _shown(event: Event) -> Moment:
    """When an event shows an act done: a meeting's arranging lies before the meeting."""
    return event.done or event.moment


def facts_of(line: Line, record: Record) -> Callable[[Event], Mapping[str, FactValue]]:
    """What is known at an event, in the words of the version that an obligation comes from."""

    def known(event: Event) -> Mapping[str, FactValue]:
        if event.type not in record.version.profile.vocabulary.events:
            return {}
        return line.facts(record.version, event)

    return known


def _window(line: Line, start: Event) -> tuple[Moment | None, Moment | None]:
    """The time in which something is done for one meeting: after the meeting before it, and before the one after it."""
    kinds = {start.type, meeting(start.type, {event.type for event in line.events})}
    others = [e for e in line.events if e.type in kinds and e is not start and e.replaced_by is None]
    before = [e.moment for e in others if e.moment.day < start.moment.day]
    after = [e.moment for e in others if e.type == start.type and e.moment.day > start.moment.day]
    return max(before, key=order, default=None), min(after, key=order, default=None)


def _inside(event: Event, opens: Moment | None, closes: Moment | None, start: Event) -> bool:
    shown = _shown(event)
    if opens is not None and not surely_after(shown, opens):
        return False
    return closes is None or not surely_after(shown, start.moment)


def ends(line: Line, record: Record, event: Event, *, lead: bool = False) -> bool:
    """Whether an event ends what an obligation belonged to.

    An end on the very day of the start belongs to what came before it, unless times say otherwise or nothing had.
    """
    if event.type not in record.rule.ends_on or event.scheduled:
        return False
    start = record.started_by.moment
    if lead:
        begun = undone(event.type, record.version.profile.vocabulary.events)
        return not any(
            e.type == begun and not_before(e.moment, event.moment) and not_before(start, e.moment) for e in line.events
        )
    if surely_after(event.moment, start):
        return True
    same_day = event.moment.day == start.day and not_before(event.moment, start)
    earlier = any(e.type in record.rule.events and surely_after(start, e.moment) for e in line.events)
    return same_day and not earlier

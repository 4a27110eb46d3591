"""Obligations that an event starts once: which event discharges each, and which are one demand and not two."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import date

from app.engine.civil_time import Moment
from app.engine.facts import FactValue
from app.services.timelines.case import Event, not_before, order, surely_after, undone
from app.services.timelines.child_timeline import Line
from app.services.timelines.completion_window import Window, shows_itself, window
from app.services.timelines.duplicate_demands import Start, one_meeting
from app.services.timelines.tracked_obligation import Record, discharges, discharging_types, rank


def match_once(line: Line, starts: list[Start], records: list[Record]) -> None:
    """Work out the fate of every one-off obligation of one rule.

    Each start is a demand of its own, except where a meeting was arranged and held, or where another kind of event of
    the same episode started the same rule (the conference, and the plan that it made): then it is asked for once, and
    of an episode the limit that falls first stands.
    """
    standing: list[Record] = []
    taken: Counter[int] = Counter()
    for start in sorted(
        one_meeting(line, starts), key=lambda s: (order(s.event.moment), rank(s.record.rule, s.event), s.event.key)
    ):
        record = start.record
        first = _same_episode(standing, start.event, record)
        if first is not None:
            keep, drop = (first, record) if _end(first) <= _end(record) else (record, first)
            keep.also_started_by += [drop.started_by.key, *drop.also_started_by]
            keep.say("also_started", drop.started_by)
            if keep is record:
                standing.remove(first)
                records.remove(first)
                taken.subtract(_closing(first))
            else:
                continue
        if start.arranged is not None:
            record.say("arranged", start.arranged)
        record.say("started", start.event)
        for other in start.also:
            record.say("also_started", other)
        _settle(line, record, start.arranged, taken)
        line.told(record)
        standing.append(record)
        taken.update(_closing(record))
        records.append(record)


def _closing(record: Record) -> tuple[int, ...]:
    """Which event discharged an obligation, if one did: itself, since an id sent may be the name given to another."""
    return (id(record.closed_by),) if record.fate == "done" and record.closed_by is not None else ()


def _end(record: Record) -> tuple[date, str]:
    return record.obligation.due_date, record.obligation.due_at.isoformat()


def _same_episode(standing: list[Record], event: Event, record: Record) -> Record | None:
    if event.scheduled or event.replaced_by is not None or not record.rule.discharged_by:
        return None
    for other in reversed(standing):
        if other.started_by.type == event.type or other.started_by.scheduled or other.fate == "superseded":
            continue
        running = event.moment.day <= other.obligation.due_date
        # What was done before its own start does not close the episode before that start.
        closed = other.closed_by is not None and all(
            surely_after(event.moment, moment) for moment in (other.closed_by.moment, other.started_by.moment)
        )
        if running and not closed:
            return other
    return None


def _settle(line: Line, record: Record, arranged: Event | None, taken: Mapping[int, int]) -> None:
    """What became of one obligation: done, ended or replaced, whichever came first; done, on the day of an end.

    `taken` are the events that discharged an earlier start.
    """
    start = record.started_by
    if start.replaced_by is not None:
        by = line.index.keyed(start.replaced_by)
        record.supersede(by, None, f"{start.key} was replaced by {by.key}")
        return
    lead = record.obligation.kind == "lead_time" and start.scheduled
    within = window(line, record, arranged)
    ended: Event | None = None
    for event in _bearing(line, record, within):
        if event.key == start.key and not shows_itself(record):
            continue
        if not within.holds(_shown(event)):
            continue
        if ended is not None and surely_after(event.moment, ended.moment):
            break
        if not line.used(record, event) and not _spent(event, within, taken):
            met = discharges(record, event, facts_of(line, record))
            if met is None:
                record.say("may_discharge", event, "a fact about this event would settle whether it counts")
            elif met and record.discharge(event):
                line.use(record, event)
                return
        if ended is None and event.key != start.key and ends(line, record, event, lead=lead):
            ended = event
    if ended is not None:
        record.end(ended)


def _bearing(line: Line, record: Record, within: Window) -> Sequence[Event]:
    """The events that could discharge or end an obligation, from the day on which its window opens."""
    rule = record.rule
    kinds = (*discharging_types(rule), *rule.ends_on)
    opens = max((moment.day for moment in (within.after, within.since) if moment is not None), default=date.min)
    return line.index.since(opens, kinds, (record.obligation.duty, rule.duty))


def _spent(event: Event, within: Window, taken: Mapping[int, int]) -> bool:
    """Whether an act before the start discharged an earlier start already, and lies nearer to that one."""
    return taken.get(id(event), 0) > 0 and within.nearer_to_the_one_before(_shown(event))


def _shown(event: Event) -> Moment:
    """When an event shows an act done: a meeting's arranging lies before the meeting."""
    return event.done or event.moment


def facts_of(line: Line, record: Record) -> Callable[[Event], Mapping[str, FactValue]]:
    """What is known at an event, in the words of the version that an obligation comes from."""

    def known(event: Event) -> Mapping[str, FactValue]:
        if event.type not in record.version.profile.vocabulary.events:
            return {}
        return line.facts(record.version, record.calendar, event)

    return known


def ends(line: Line, record: Record, event: Event, *, lead: bool = False) -> bool:
    """Whether an event ends what an obligation belonged to.

    An end on the very day of the start belongs to what came before it, unless times say otherwise or nothing had. On
    the day on which a series only went on (the review conference that ends the plan), it ends it.
    """
    if event.type not in record.rule.ends_on or event.scheduled:
        return False
    start = record.started_by.moment
    if lead:
        begun = undone(event.type, record.version.profile.vocabulary.events)
        again = line.index.of(begun) if begun is not None else ()
        return not any(not_before(e.moment, event.moment) and not_before(start, e.moment) for e in again)
    if surely_after(event.moment, start):
        return True
    if event.moment.day != start.day or not not_before(event.moment, start):
        return False
    if record.started_by.type not in record.rule.events:
        return True
    return not any(surely_after(start, e.moment) for e in line.index.of(*record.rule.events))

"""Which starts ask for one act: a meeting arranged and then held; two rules that are each other's other reading."""

from __future__ import annotations

from dataclasses import dataclass, field

from app.engine.facts import FactValue
from app.services.timelines.case import Event, not_before, order, scheduling
from app.services.timelines.child_timeline import ChildTimeline
from app.services.timelines.event_results import EventResult
from app.services.timelines.tracked_obligation import TrackedObligation


@dataclass(slots=True)
class Start:
    """One start of a one-off rule with its obligation; `arranged` is the arranging of the meeting that it is."""

    result: EventResult
    record: TrackedObligation
    arranged: Event | None = None
    also: list[Event] = field(default_factory=list)

    @property
    def event(self) -> Event:
        """Return what started it."""
        return self.result.event


def merge_scheduled_with_held(line: ChildTimeline, starts: list[Start]) -> list[Start]:
    """Ask once for a meeting that was arranged and then held: dated by the day held, named as when arranged.

    The arranging is the last one not replaced that lies between the meeting held before and this one. A meeting held
    before the day arranged is named by `replaces`.
    """
    starts_left = list(starts)
    types = {start.event.type for start in starts}
    for start in sorted(starts, key=lambda s: order(s.event.moment)):
        meeting = start.event
        kind = scheduling(meeting.type, start.result.version.profile.vocabulary.events)
        if kind not in types or meeting.replaced_by is not None:
            continue
        arrangements = [
            other for other in starts_left if other.event.type == kind and became(line, other.event, meeting)
        ]
        if arrangements:
            arranged = max(arrangements, key=lambda s: order(s.event.moment))
            start.record.id = arranged.record.id
            start.record.also_started_by.append(arranged.event.key)
            start.arranged = arranged.event
            starts_left.remove(arranged)
    return starts_left


def became(line: ChildTimeline, arranged: Event, meeting: Event) -> bool:
    """Say whether a meeting arranged is the one held: on that day or later, and none was held in between."""
    if arranged.replaced_by is not None or arranged.moment.day > meeting.moment.day:
        return False
    before = line.index.day_before(meeting.type, meeting.moment.day)
    return before is None or arranged.moment.day > before


def merge_alternate_rules(line: ChildTimeline, once: dict[str, list[Start]]) -> None:
    """Two rules for one duty, each of which counts from the other's start in another reading, ask once.

    The earlier start stands, with the dates that the later one gives to its other readings.
    """
    reading = {
        rule: [start for start in starts if start.event.replaced_by is None]
        for rule, starts in once.items()
        if any(map(_counts_from_a_fact, starts))
    }
    for later in [start for starts in reading.values() for start in starts]:
        same = [
            earlier
            for rule, starts in reading.items()
            if rule != later.record.rule.id
            for earlier in starts
            if _of_one_episode(earlier, later)
            and _each_reads_the_other(earlier, later)
            and not_before(later.event.moment, earlier.event.moment)
            and (order(earlier.event.moment), earlier.event.key) < (order(later.event.moment), later.event.key)
            and later.event not in earlier.also
        ]
        if not same:
            continue
        earlier = max(same, key=lambda s: order(s.event.moment))
        if any(e.type == later.event.type for e in earlier.also):
            continue
        said: dict[str, FactValue] = dict.fromkeys(_sets(later), later.event.moment.day)
        dated = line.again(earlier.result, earlier.record.rule.id, said)
        if dated is not None:
            earlier.record.obligation = dated
        earlier.record.also_started_by.append(later.event.key)
        earlier.also.append(later.event)
        once[later.record.rule.id].remove(later)
        reading[later.record.rule.id].remove(later)


def _sets(start: Start) -> tuple[str, ...]:
    return start.result.version.profile.vocabulary.events[start.event.type].sets


def _of_one_episode(one: Start, other: Start) -> bool:
    """Return whether both starts are of one episode, or one of what the other lies in: of two enquiries each asks."""
    first, second = one.record.episode, other.record.episode
    return first in second.chain() or second in first.chain()


def _each_reads_the_other(one: Start, other: Start) -> bool:
    same = one.record.obligation.duty == other.record.obligation.duty and one.record.rule.id != other.record.rule.id
    return same and _reads(one, _sets(other)) and _reads(other, _sets(one))


def _counts_from_a_fact(start: Start) -> bool:
    """Return whether one of the rule's readings counts from a dated fact at all."""
    readings = start.record.rule.readings
    return any(reading.timing.counts_from is not None for reading in readings)


def _reads(start: Start, facts: tuple[str, ...]) -> bool:
    """Return whether one of the rule's readings counts from a dated fact among these."""
    since = (reading.timing.counts_from for reading in start.record.rule.readings)
    return any(fact is not None and fact.key in facts for fact in since)

"""What waits for facts in a case, each rule once for each thing that it would ask for."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from app.engine.facts import Situation
from app.engine.results import Undetermined
from app.engine.series import Series, SeriesDueDate
from app.engine.timing import Missing
from app.services.timelines.case import Event, meeting, order, situation, surely_after
from app.services.timelines.child_timeline import ChildTimeline
from app.services.timelines.duplicate_demands import became
from app.services.timelines.episode import Episode
from app.services.timelines.event_results import EventResult


def undetermined(line: ChildTimeline) -> Iterator[tuple[EventResult, Undetermined]]:
    """Yield what waits for facts, in the order of the events.

    Left out is what an event left open that another one replaced, what a meeting's arranging left open and the meeting
    leaves open again, what is not owed by the last word, and what would have ended in time whatever the facts say. Of a
    series only its latest act asks.
    """
    pending = [
        (result, item, line.home(result.version, item.rule, result.event))
        for result in line.results
        if result.event.replaced_by is None
        for item in result.result.undetermined
        if not _at_the_meeting(line, result, item)
    ]
    latest = dict(_going_on(line))
    for result, item, home in pending:
        last = latest.get((item.rule.id, home.id))
        if item.rule.recurring and (last is None or _place(line, last) < _place(line, result)):
            latest[item.rule.id, home.id] = result
    for result, item, home in pending:
        last = latest.get((item.rule.id, home.id), result)
        if last is not result and line.episodes(result.version).place(last.event) >= _place(line, result):
            continue
        if not _ended_in_time(line, result, item, home) and not _not_owed(line, result, item, home):
            yield result, item


def _place(line: ChildTimeline, result: EventResult) -> int:
    return line.episodes(result.version).place(result.event)


def _going_on(line: ChildTimeline) -> Iterator[tuple[tuple[str, str], EventResult]]:
    """Yield the latest act of each series that is followed: what waited before it waits no longer."""
    for result in line.results:
        for item in result.result.obligations if not result.event.corrected else ():
            if item.rule.recurring:
                yield (item.rule.id, line.home(result.version, item.rule, result.event).id), result


def _at_the_meeting(line: ChildTimeline, result: EventResult, item: Undetermined) -> bool:
    meeting_type = meeting(result.event.type, result.version.profile.vocabulary.events)
    if meeting_type is None or meeting_type not in (*item.rule.events, *item.rule.restarts):
        return False
    return any(became(line, result.event, event) for event in line.index.of(meeting_type))


def _ended_in_time(line: ChildTimeline, result: EventResult, item: Undetermined, home: Episode) -> bool:
    """Say whether every limit of a rule lies after what ended it: then nothing was missed, whatever the facts say."""
    rule, start = item.rule, result.event
    ends = [event for event in line.index.of(*rule.ends_on) if surely_after(event.moment, start.moment)][:1]
    if rule.after_end == "ends":
        closed = line.episodes(result.version).end_of(home, start)
        ends += [closed] if closed is not None else []
    if not ends or not item.needs:
        # What no fact could date waits for its end alone.
        return bool(ends)
    end = min(ends, key=lambda event: order(event.moment)).moment.day
    at_event = situation(start, result.facts, result.calendar)
    days = [_first_day(reading.timing, at_event, rule.restarts, start) for reading in rule.readings]
    return all(day is not None and day > end for day in days)


def _first_day(timing: object, at_event: Situation, restarts: tuple[str, ...], start: Event) -> date | None:
    """Return the first limit of a timing by itself, None where facts are missing for it."""
    if isinstance(timing, Series):
        step = timing.next_due(at_event, restarted=start.type in restarts)
        return step.due.day if isinstance(step, SeriesDueDate) else None
    due = timing.due_date(at_event, at_event.moment)  # type: ignore[attr-defined]  # every other timing has one
    return None if isinstance(due, Missing) else due.day


def _not_owed(line: ChildTimeline, result: EventResult, item: Undetermined, home: Episode) -> bool:
    """Say whether the last word takes back what a rule would ask for."""
    condition, vocabulary = item.rule.not_owed_when, result.version.profile.vocabulary
    if condition is None:
        return False
    own = line.history(result.version, result.calendar).facts_at(result.event)
    overruled = {fact: word.value for fact, word in own.overruled.items() if word.value is not None}
    states = [(result.event, {**own.now, **overruled})]
    episodes, speaks_of = line.episodes(result.version), vocabulary.episode_of(result.event.type)
    last = next((event for event in reversed(line.events) if episodes.belongs(event, home)), result.event)
    elsewhere = all(speaks_of not in vocabulary.facts[name].scopes for name in condition.facts())
    if elsewhere and last.type in vocabulary.events:
        states.append((last, line.facts(result.version, result.calendar, last)))
    return any(
        condition.test(situation(event, facts, result.calendar), event.moment.day).holds is True
        for event, facts in states
    )

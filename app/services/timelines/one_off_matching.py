"""Obligations that an event starts once: which event discharges each, and which are one demand and not two."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta

from app.engine.civil_time import Moment
from app.engine.facts import FactValue
from app.services.timelines.case import Event, not_before, order, surely_after
from app.services.timelines.child_timeline import ChildTimeline
from app.services.timelines.completion_window import Window, shows_itself, window
from app.services.timelines.duplicate_demands import Start, merge_scheduled_with_held
from app.services.timelines.episode_ends import earliest_end
from app.services.timelines.tracked_obligation import (
    TrackedObligation,
    conditions_on_the_act,
    discharges,
    discharging_types,
    excuses,
    precedence,
)

MANY = 20


class OneOffMatching:
    """The one-off obligations of one child under one profile, each start a demand of its own.

    Except where a meeting was arranged and held, or where another kind of event of the same episode started the same
    rule (the conference, and the plan that it made): then it is due once, and the limit that falls first stands.
    """

    def __init__(self, line: ChildTimeline, records: list[TrackedObligation]) -> None:
        self.line = line
        self.records = records
        self._open: dict[tuple[str, str], list[TrackedObligation]] = {}
        self._taken: dict[str, Counter[int]] = {}
        self._occasions: dict[tuple[str, str], list[TrackedObligation]] = {}

    def match(self, starts: Mapping[str, list[Start]]) -> None:
        """Work out the fate of every obligation, in the order of their starts, so that no later one takes its act."""
        demands: list[Start] = []
        for each in starts.values():
            demands += merge_scheduled_with_held(self.line, each)
        for start in demands:
            if start.record.rule.occasion:
                group = (start.event.key, start.record.family)
                self._occasions.setdefault(group, []).append(start.record)
        for start in sorted(demands, key=_in_turn):
            self._take(start)

    def _take(self, start: Start) -> None:
        record = start.record
        open_records = self._open.setdefault((record.rule.id, record.episode.id), [])
        taken = self._taken.setdefault(record.rule.id, Counter())
        first = _same_demand(open_records, start.event, record)
        if first is not None:
            keep, drop = (first, record) if _end(first) <= _end(record) else (record, first)
            keep.also_started_by += [drop.started_by.key, *drop.also_started_by]
            keep.add_history("also_started", drop.started_by)
            if keep is not record:
                return
            open_records.remove(first)
            self.records.remove(first)
            taken.subtract(_closing(first))
        if start.arranged is not None:
            record.add_history("arranged", start.arranged)
        record.add_history("started", start.event)
        for other in start.also:
            record.add_history("also_started", other)
        change = start.result.changes.get(record.rule.id)
        if change is not None and not change.taken_back:
            record.add_history("became_known", change.event, change.fact)
        self._settle(record, start.arranged, taken)
        if change is not None and change.taken_back and (_gives_way(start) or not _done_before(record, change.event)):
            if change.left_open is not None:
                self.line.left_open.append((change.left_open, record.started_by))
                return
            record.reopen()
            record.take_back(change.event, change.fact)
        self.line.count_history(record)
        open_records.append(record)
        taken.update(_closing(record))
        self.records.append(record)

    def _settle(self, record: TrackedObligation, arranged: Event | None, taken: Mapping[int, int]) -> None:
        """Settle one obligation: done, ended or replaced, whichever came first; done, on the day of an end."""
        line, start = self.line, record.started_by
        by = line.index.keyed(start.replaced_by) if start.replaced_by is not None else None
        if by is not None and by.type in record.rule.events:
            instead = line.identify(record.rule.id, by, record.number)
            record.supersede(by, instead, f"{start.key} was replaced by {by.key}")
            return
        within = window(line, record, by if by is not None else arranged)
        # What was to be done before a meeting that was brought forward was done by then, or was not.
        end = by if by is not None else earliest_end(line, record, within)
        for event in _in_order(self._bearing(record, within)):
            if event.key == start.key and not shows_itself(record):
                continue
            shown = _shown(event)
            if end is not None and surely_after(shown, end.moment):
                break
            if not within.holds(shown) or not self._may_count(record, event, within, taken):
                continue
            if excuses(record, event, facts_of(line, record)):
                record.excuse(event)
                return
            met = discharges(record, event, facts_of(line, record))
            if met is None and record.rule.occasion and self._unnumbered(record, event):
                met = self._nearest(record, event)
            elif met is None:
                record.add_history("may_discharge", event, "a fact about this event would settle whether it counts")
            if met and record.discharge(event):
                line.taken.take(record, event)
                return
        if by is not None:
            record.supersede(by, None, f"{start.key} was replaced by {by.key}")
        elif end is not None:
            record.end(end)

    def _may_count(self, record: TrackedObligation, event: Event, within: Window, taken: Mapping[int, int]) -> bool:
        """Return whether an act may be one for this episode and this occasion, and was not taken for another."""
        line = self.line
        shown = _shown(event)
        before = not not_before(shown, record.started_by.moment)
        stays = record.rule.after_end == "stays"
        if not before and not line.episodes(record.version).counts_for(
            event, record.episode, record.started_by, stays=stays
        ):
            return False
        episodes = line.episodes(record.version)
        for kind in record.rule.episodes:
            # Where the rule's own kind of episode did not run at the start, what is done in a later one is for that.
            if record.episode.kind not in record.rule.episodes and episodes.instance(kind, event) is not None:
                return False
        if line.taken.for_another_episode(record, event):
            return False
        if line.taken.for_another_occasion(record, event) and not self._numbered(record, event):
            return False
        return not (taken.get(id(event), 0) > 0 and within.nearer_to_the_one_before(shown))

    def _bearing(self, record: TrackedObligation, within: Window) -> Sequence[Event]:
        """Return the events that could discharge an obligation, from the day on which its window opens.

        A meeting that was arranged anew had been arranged all the same: what its arranging met stays met.
        """
        line, rule, vocabulary = self.line, record.rule, record.version.profile.vocabulary
        kinds = vocabulary.including((*discharging_types(rule), *rule.restarts))
        opens = max((moment.day for moment in (within.after, within.since) if moment is not None), default=date.min)
        events = line.index.since(opens, kinds, (record.obligation.duty, rule.duty, record.family))
        if moved := line.index.moved(kinds):
            events = [*events, *moved]
        if len(events) <= MANY:
            return events
        if rule.occasion:
            first, last = self._nearest_days(record)
            events = [event for event in events if first <= event.moment.day <= last or event.own or event.discharges]
        episodes, kind = line.episodes(record.version), record.episode.kind
        return [event for event in events if episodes.own(event, kind) in {None, record.episode}]

    def _nearest_days(self, record: TrackedObligation) -> tuple[date, date]:
        """Return the days between which an act without a number may lie nearest to an occasion."""
        group = self._occasions[record.started_by.key, record.family]
        due = record.obligation.due_date
        before = max((each.obligation.due_date for each in group if each.obligation.due_date < due), default=date.min)
        after = min((each.obligation.due_date for each in group if each.obligation.due_date > due), default=date.max)
        first = before if before == date.min else before + (due - before) / 2
        return first, after if after == date.max else due + (after - due) / 2 + timedelta(days=1)

    def _unnumbered(self, record: TrackedObligation, event: Event) -> bool:
        """Return whether only its number is unknown of an act: which of the occasions it was for."""
        facts = record.version.profile.vocabulary.facts
        names: frozenset[str] = frozenset().union(*(each.facts() for each in conditions_on_the_act(record, event)))
        sent = facts_of(self.line, record)(event)
        return all(facts[name].type == "int" for name in names - sent.keys())

    def _numbered(self, record: TrackedObligation, event: Event) -> bool:
        """Return whether an act is by its own number for this occasion: day 20 may serve for day 30 too."""
        return record.rule.discharged_when is not None and bool(discharges(record, event, facts_of(self.line, record)))

    def _nearest(self, record: TrackedObligation, event: Event) -> bool:
        """Return whether an act without a number is for this occasion: the one to which it lies nearest."""
        group = self._occasions[record.started_by.key, record.family]
        day = event.moment.day
        nearest = min(group, key=lambda each: (abs((day - each.obligation.due_date).days), each.obligation.due_at))
        if nearest.obligation.due_at != record.obligation.due_at:
            return False
        note = f"{event.key} is taken as meant for this occasion, being the one to which it lies nearest"
        record.obligation = record.obligation._replace(assumptions=(*record.obligation.assumptions, note))
        return True


def _in_turn(start: Start) -> tuple[object, ...]:
    return order(start.event.moment), precedence(start.record.rule, start.event), start.event.key, start.record.rule.id


def _gives_way(start: Start) -> bool:
    """Return whether an exception to the rule stands in its place: then one act meets the exception's limit alone."""
    exceptions = start.record.version.profile.exceptions.get(start.record.rule.id, ())
    return any(start.result.of(name) is not None for name in exceptions)


def _done_before(record: TrackedObligation, change: Event) -> bool:
    """Return whether an obligation was met, or excused, by the time that a later word took it back."""
    if record.fate != "done" and not record.excused:
        return False
    return record.closed_by is not None and not surely_after(_shown(record.closed_by), change.moment)


def _in_order(events: Sequence[Event]) -> Sequence[Event]:
    """Return events, in time as they come, in the order in which they show an act done."""
    return sorted(events, key=lambda event: order(_shown(event))) if any(each.scheduled for each in events) else events


def _shown(event: Event) -> Moment:
    """Return when an event shows an act done: a meeting's arranging by the day on which it was arranged."""
    return event.done or event.moment


def _closing(record: TrackedObligation) -> tuple[int, ...]:
    """Return which event discharged an obligation, if one did: the event, since an id sent may name another one."""
    return (id(record.closed_by),) if record.fate == "done" and record.closed_by is not None else ()


def _end(record: TrackedObligation) -> tuple[date, str]:
    return record.obligation.due_date, record.obligation.due_at.isoformat()


def _same_demand(
    open_records: list[TrackedObligation], event: Event, record: TrackedObligation
) -> TrackedObligation | None:
    """Return what another kind of event of the same episode started by the same rule, and still runs."""
    if event.scheduled or event.replaced_by is not None or not record.rule.discharged_by:
        return None
    for other in reversed(open_records):
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


def facts_of(line: ChildTimeline, record: TrackedObligation) -> Callable[[Event], Mapping[str, FactValue]]:
    """Return what is known at an event, in the words of the version that an obligation comes from."""

    def facts_at(event: Event) -> Mapping[str, FactValue]:
        if event.type not in record.version.profile.vocabulary.events:
            return {}
        return line.facts(record.version, record.calendar, event)

    return facts_at

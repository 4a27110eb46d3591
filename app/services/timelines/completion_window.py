"""When an act may lie that is due before an event, or on its day: not only after the event that starts the clock."""

from __future__ import annotations

from dataclasses import dataclass

from app.engine.civil_time import Moment
from app.services.timelines.case import Event, begun, meeting, not_before, order, scheduling, surely_after
from app.services.timelines.child_timeline import Line
from app.services.timelines.tracked_obligation import Record, discharging_types

CLOSED = "case_closed"


@dataclass(frozen=True, slots=True)
class Window:
    """The time in which an act counts for one start.

    `after` is exclusive, `since` inclusive; both None: from the beginning of the case. `until` closes it where another
    meeting of the kind is arranged: what comes later is for that one. `before` is the start of the same kind before
    this one, if any: an act that discharged it and lies nearer to it is not taken twice.
    """

    start: Moment
    after: Moment | None = None
    since: Moment | None = None
    until: Moment | None = None
    before: Moment | None = None

    def holds(self, shown: Moment) -> bool:
        """Whether an act shown then lies in the window."""
        if self.after is not None and not surely_after(shown, self.after):
            return False
        if self.since is not None and not not_before(shown, self.since):
            return False
        return self.until is None or not surely_after(shown, self.until)

    def nearer_to_the_one_before(self, shown: Moment) -> bool:
        """Whether an act lies nearer to the start before than to this one."""
        if self.before is None:
            return False
        return shown.day - self.before.day <= self.start.day - shown.day


def window(line: Line, record: Record, arranged: Event | None) -> Window:
    """The window of one obligation.

    What is due within some time of an event counts from the event on. What is due before an event, and what is due on
    the day of a meeting, counts from the latest of: the event of that kind before it (for a meeting, held or
    arranged), the beginning of what the event completes or ends, an ending or a closing of the case that lies before
    it. What is due on the day of another event counts on that whole day.
    """
    start = record.started_by
    timing = record.rule.readings[0].timing
    lead = record.obligation.kind == "lead_time"
    same_day = timing.completion == "on_its_day"
    if not lead and not same_day:
        return Window(start.moment, since=start.moment)
    if not lead and not (start.scheduled or start.type.endswith("_held")):
        return Window(start.moment, since=Moment(start.moment.day))
    names = record.version.profile.vocabulary.events
    kinds = {each for each in (start.type, meeting(start.type, names), scheduling(start.type, names)) if each}
    before = line.index.last_before(kinds, start.moment.day, arranged)
    ended = line.index.last_before({*record.rule.ends_on, CLOSED} - kinds, start.moment.day)
    after = max((moment for moment in (before, ended) if moment is not None), key=order, default=None)
    opening = begun(start.type, names)
    opened = line.index.last_by(opening, start.moment) if opening is not None else None
    following = line.index.any_after(start.type, start.moment.day)
    closes = lead and start.scheduled and following
    return Window(start.moment, after, opened, start.moment if closes else None, before)


def shows_itself(record: Record) -> bool:
    """Whether the start itself shows done what is due before it, or on its day, its own kind being what is asked."""
    due_by_then = record.obligation.kind == "lead_time" or record.rule.readings[0].timing.completion in {
        "at_once",
        "on_its_day",
    }
    return due_by_then and record.started_by.type in discharging_types(record.rule)

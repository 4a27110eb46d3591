"""When an act may lie that is due before an event, or on its day: not only after the event that starts the clock."""

from __future__ import annotations

from dataclasses import dataclass

from app.engine.civil_time import Moment
from app.engine.facts import CASE
from app.services.timelines.case import Event, meeting, not_before, order, scheduling, surely_after
from app.services.timelines.child_timeline import ChildTimeline
from app.services.timelines.tracked_obligation import TrackedObligation, discharging_types


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
        """Return whether an act shown then lies in the window."""
        if self.after is not None and not surely_after(shown, self.after):
            return False
        if self.since is not None and not not_before(shown, self.since):
            return False
        return self.until is None or not surely_after(shown, self.until)

    def nearer_to_the_one_before(self, shown: Moment) -> bool:
        """Return whether an act lies nearer to the start before than to this one."""
        if self.before is None:
            return False
        return shown.day - self.before.day <= self.start.day - shown.day


def window(line: ChildTimeline, record: TrackedObligation, arranged: Event | None) -> Window:
    """Return the window of one obligation.

    What is due within some time of an event counts from the event on, or from the beginning of the wider episode
    before whose end the paper lets it be done. What is due before an event, and what is due on the day of a meeting,
    counts from the latest of: the event of that kind before it (for a meeting, held or arranged), the beginning of the
    episode that it lies in (of what the event opens: the wider one), the end of the one before of its kind. What is due
    on the day of another event counts on that whole day.
    """
    start = record.started_by
    timing = record.rule.readings[0].timing
    lead = record.obligation.kind == "lead_time"
    same_day = timing.completion == "on_its_day"
    if record.rule.done_before is not None:
        return _done_before(line, record, record.rule.done_before)
    if not lead and not same_day:
        return Window(start.moment, since=start.moment)
    if not lead and not (start.scheduled or start.type.endswith("_held")):
        return Window(start.moment, since=Moment(start.moment.day))
    names = record.version.profile.vocabulary.events
    kinds = {each for each in (start.type, meeting(start.type, names), scheduling(start.type, names)) if each}
    before = line.index.last_before(kinds, start.moment.day, arranged)
    episodes = line.episodes(record.version)
    home = record.episode
    opens = any(each is home for each in episodes.opened(start))
    ended = [line.index.last_before(set(record.rule.ends_on) - kinds, start.moment.day)]
    earlier = episodes.before(home) if opens or home.kind == CASE else None
    if earlier is not None and earlier.closed_by is not None and earlier.closed_by.moment.day < start.moment.day:
        ended.append(earlier.closed_by.moment)
    after = max((moment for moment in (before, *ended) if moment is not None), key=order, default=None)
    wider = home.within if opens else home
    since = wider.opened_by.moment if wider is not None and wider.kind != CASE else None
    following = line.index.any_after(start.type, start.moment.day)
    closes = lead and start.scheduled and following
    return Window(start.moment, after, since, start.moment if closes else None, before)


def _done_before(line: ChildTimeline, record: TrackedObligation, kind: str) -> Window:
    """Return the window from the beginning of the episode of a kind that the start lies in.

    Where the start opens it, or is its planned lead-up, or where the list does not show its beginning, from the end of
    the one before, failing that from the beginning of the case. Where none runs that the start could lie in, nothing
    before the start counts.
    """
    start, episodes = record.started_by, line.episodes(record.version)
    vocabulary = record.version.profile.vocabulary
    if kind == CASE:
        root = episodes.root(start)
        return Window(start.moment, since=root.opened_by.moment if episodes.before(root) is not None else None)
    running = episodes.instance(kind, start)
    # What begins on the day on which the wider episode begins may have been prepared before that too.
    opens = running is not None and running.opened_by.moment.day == start.moment.day
    planned = meeting(start.type, vocabulary.events)
    if running is not None and not opens:
        return Window(start.moment, since=running.opened_by.moment)
    opened_by = vocabulary.episodes[kind].opened_by
    lies_in = vocabulary.lies_in(vocabulary.episode_of(start.type), kind)
    if not opens and planned not in opened_by and start.type not in opened_by and not lies_in:
        return Window(start.moment, since=start.moment)
    root = episodes.root(start)
    over = [each for each in episodes.over(kind, start) if each is not running]
    ended = (
        max((each.closed_place, each.closed_by.moment) for each in over if each.closed_by is not None)[1]
        if over
        else None
    )
    if ended is None and running is not None and (before := episodes.before(running)) is not None:
        ended = before.closed_by.moment if before.closed_by is not None and root in before.chain() else None
    since = root.opened_by.moment if episodes.before(root) is not None else None
    return Window(start.moment, since=ended or since)


def shows_itself(record: TrackedObligation) -> bool:
    """Return whether the start itself shows done what is due before it, or on its day, and is of its kind."""
    due_by_then = record.obligation.kind == "lead_time" or record.rule.readings[0].timing.completion in {
        "at_once",
        "on_its_day",
    }
    return due_by_then and record.started_by.type in discharging_types(record.rule)

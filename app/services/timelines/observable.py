"""Which obligations a source could have shown done.

A return holds a few kinds of event of one year. What such a source cannot show done is not overdue because nobody sees
it done: the looked-after children return has no visits, and no visit is missed for that.
"""

from __future__ import annotations

from collections.abc import Iterable

from app.services.timelines.child_timeline import ChildTimeline
from app.services.timelines.coverage import Coverage
from app.services.timelines.tracked_obligation import TrackedObligation, discharging_types

LATEST_ONLY = "the source gives the latest of these alone: an earlier one may have been in time"


def mark_observable(line: ChildTimeline, records: Iterable[TrackedObligation], coverage: Coverage) -> None:
    """Set of each obligation whether the source could have shown it done, and whether its days concern it.

    An obligation concerns the source where it was started, due or done on a day that is covered.
    """
    for record in records:
        days = [record.started_by.moment.day, record.obligation.due_date]
        if record.done is not None:
            days.append(record.done.day)
        record.in_window = any(coverage.within(day) for day in days)
        shown = record.version.profile.vocabulary.including(discharging_types(record.rule))
        recorded = frozenset(shown) if coverage.events is None else coverage.events.intersection(shown)
        record.observable = _observable(line, record, coverage, recorded)


def _observable(line: ChildTimeline, record: TrackedObligation, coverage: Coverage, recorded: frozenset[str]) -> bool:
    if record.fate == "done":
        act = record.closed_by
        if act is None or act.type not in coverage.latest_only or _surely_in_time(record):
            return True
        record.add_history("latest_only", act, LATEST_ONLY)
        return False
    if not record.in_window or not recorded:
        return False
    if coverage.last is not None and max(record.limits()).date() > coverage.last:
        return False
    # Where the latest act is the start, or there is none after it, every further one is missing for certain.
    return not recorded <= coverage.latest_only or not any(
        event.type in recorded and event.moment.day > record.started_by.moment.day for event in line.events
    )


def _surely_in_time(record: TrackedObligation) -> bool:
    """Return whether an act was in time by every reading: then so was any act before it."""
    done = record.done
    return done is not None and all(done.day <= limit.date() for limit in record.limits())

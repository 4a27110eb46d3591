"""A whole case: every obligation that a list of events starts, matched with what discharges it, and what is to come."""

from __future__ import annotations

from app.engine.results import Undetermined
from app.services.calculation.response import Json
from app.services.snapshot.snapshot import Snapshot
from app.services.timelines.case import Case, Event
from app.services.timelines.child_timeline import Line, build, is_series
from app.services.timelines.duplicate_demands import Start, one_paragraph, undetermined
from app.services.timelines.one_off_matching import match_once
from app.services.timelines.projection import Assumed, Projection
from app.services.timelines.recurring import RecurringMatch
from app.services.timelines.request import read_timeline
from app.services.timelines.response import timeline_json
from app.services.timelines.size_limits import (
    MOST_OBLIGATIONS,
    MOST_REMARKS,
    too_many,
    too_much_history,
    too_much_undetermined,
)
from app.services.timelines.tracked_obligation import Record


def timeline(snapshot: Snapshot, body: object) -> Json:
    """The timeline of one case. Raises Problem with every fault at once."""
    return answer_case(read_timeline(snapshot, body))


def answer_case(case: Case) -> Json:
    """The timeline of a case that was read already. Raises Problem where it would be too long."""
    lines: list[Line] = []
    records: list[Record] = []
    assumed: list[Assumed] = []
    waiting: list[tuple[Line, Undetermined, Event, tuple[str, ...]]] = []
    for child in case.children:
        for asked in case.asked:
            line = build(case, asked, child)
            found = matched(line)
            lines.append(line)
            waiting += [(line, item, met.event, ()) for met, item in undetermined(line)]
            if case.until is not None:
                projection = Projection(line, found, case.until)
                projection.run()
                assumed += projection.assumed
                waiting += [(line, *item) for item in projection.undetermined]
            records += found
            _keep_within(records, waiting)
    return timeline_json(case, lines, records, assumed, waiting)


def _keep_within(records: list[Record], waiting: list[tuple[Line, Undetermined, Event, tuple[str, ...]]]) -> None:
    if len(records) > MOST_OBLIGATIONS:
        raise too_many()
    if sum(len(record.history) for record in records) > MOST_REMARKS:
        raise too_much_history()
    if len(waiting) > MOST_REMARKS:
        raise too_much_undetermined()


def matched(line: Line) -> list[Record]:
    """Every obligation that one child's events start under one profile, with what became of it."""
    records: list[Record] = []
    once: dict[str, list[Start]] = {}
    recurring: dict[str, None] = {}
    for met in line.met:
        for item in met.result.obligations:
            if is_series(item):
                recurring[item.rule.id] = None
            else:
                start = Start(met, line.record(met, item, met.event, item.occurrence))
                once.setdefault(item.rule.id, []).append(start)
    one_paragraph(line, once)
    for starts in once.values():
        match_once(line, starts, records)
    for rule in recurring:
        series = RecurringMatch(line, rule, records)
        series.follow(line.met)
        series.finish()
    return records


__all__ = ["answer_case", "read_timeline", "timeline"]

"""A whole case: every obligation that a list of events starts, matched with what discharges it, and what is to come."""

from __future__ import annotations

from app.services.calculation.response import Json
from app.services.snapshot.snapshot import Snapshot
from app.services.timelines.case import Case
from app.services.timelines.child_timeline import ChildTimeline, build, is_series
from app.services.timelines.duplicate_demands import Start, merge_alternate_rules
from app.services.timelines.observable import mark_observable
from app.services.timelines.one_off_matching import OneOffMatching
from app.services.timelines.pending_rule import PendingRule
from app.services.timelines.projection import Projection
from app.services.timelines.recurring import RecurringMatch
from app.services.timelines.request import read_timeline
from app.services.timelines.response import Answer, timeline_json
from app.services.timelines.size_limits import (
    MAX_HISTORY_LINES,
    MAX_OBLIGATIONS,
    too_many,
    too_much_history,
    too_much_undetermined,
)
from app.services.timelines.tracked_obligation import TrackedObligation
from app.services.timelines.undetermined_rules import undetermined
from app.services.timelines.unsettled import without_unsettled


def timeline(snapshot: Snapshot, body: object) -> Json:
    """Return the timeline of one case. Raises Problem with every fault at once."""
    return answer_case(read_timeline(snapshot, body))


def answer_case(case: Case) -> Json:
    """Return the timeline of a case that was read already. Raises Problem where it would be too long."""
    return timeline_json(case, follow(case))


def follow(case: Case) -> Answer:
    """Return everything that is known of a case by the day it is looked at, for each child under each profile."""
    answer = Answer()
    for child in case.children:
        for selection in case.selections:
            line = build(case, selection, child)
            records = without_unsettled(line, matched(line), answer)
            _name_what_stands(records)
            if case.coverage is not None:
                mark_observable(line, records, case.coverage)
            answer.lines.append(line)
            answer.waiting += [PendingRule(line, item, result.event) for result, item in undetermined(line)]
            answer.waiting += [PendingRule(line, item, event) for item, event in line.left_open]
            if case.until is not None:
                projection = Projection(line, records, case.until)
                projection.run()
                answer.assumed += projection.assumed
                answer.waiting += projection.undetermined
                answer.conditional += projection.conditional
            answer.records += records
            _keep_within(answer)
    return answer


def _name_what_stands(records: list[TrackedObligation]) -> None:
    """Let what is superseded name only what is there: what its new start began, or carried on, if anything."""
    named = {record.id for record in records}
    started = {(record.rule.id, record.started_by.key): record.id for record in records}
    for record in records:
        if record.superseded_by not in named and record.closed_by is not None and record.fate == "superseded":
            record.superseded_by = started.get((record.rule.id, record.closed_by.key))


def _keep_within(answer: Answer) -> None:
    if len(answer.records) > MAX_OBLIGATIONS:
        raise too_many()
    if sum(len(record.history) for record in answer.records) > MAX_HISTORY_LINES:
        raise too_much_history()
    if len(answer.waiting) > MAX_HISTORY_LINES:
        raise too_much_undetermined()


def matched(line: ChildTimeline) -> list[TrackedObligation]:
    """Return every obligation that one child's events start under one profile, with what became of it."""
    records: list[TrackedObligation] = []
    once: dict[str, list[Start]] = {}
    recurring: dict[str, None] = {}
    for result in line.results:
        for item in result.result.obligations:
            if is_series(item):
                recurring[item.rule.id] = None
                if item.rule.exception_to is not None:
                    recurring[item.rule.exception_to] = None
            else:
                start = Start(result, line.obligation(result, item, result.event, item.occurrence))
                once.setdefault(item.rule.id, []).append(start)
    merge_alternate_rules(line, once)
    OneOffMatching(line, records).match(once)
    for rule in recurring:
        series = RecurringMatch(line, rule, records)
        series.follow()
        series.finish()
    return records


__all__ = ["answer_case", "follow", "read_timeline", "timeline"]

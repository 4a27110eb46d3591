"""What nobody can say any longer: a fact was presumed while its episode ran, and that is over without a word."""

from __future__ import annotations

from app.engine.results import Undetermined
from app.services.timelines.case import Event
from app.services.timelines.child_timeline import ChildTimeline
from app.services.timelines.pending_rule import PendingRule
from app.services.timelines.response import Answer
from app.services.timelines.tracked_obligation import TrackedObligation


def without_unsettled(line: ChildTimeline, records: list[TrackedObligation], answer: Answer) -> list[TrackedObligation]:
    """Take out the obligations, neither met nor replaced, whose reason to be is not known; each waits for its facts.

    Between the end of an enquiry and the word about its outcome, the conference is undetermined and never overdue.
    """
    remaining: list[TrackedObligation] = []
    for record in records:
        facts = record.version.profile.vocabulary.facts
        names = frozenset(name for name in record.rule.facts() if facts[name].presumed_until_end)
        settled = record.fate in {"done", "superseded"} or record.taken_back or record.excused or not names
        open_ = {} if settled else _unsettled(line, record, names)
        if not open_:
            remaining.append(record)
            continue
        said = record.obligation
        since = max(event.moment.day for event in open_.values())
        needs = tuple(sorted(open_))
        rule = record.rule
        item = Undetermined(
            rule,
            said.duty,
            said.template.title,
            said.template.timing,
            "facts_missing",
            needs,
            since,
            said.template.sources,
        )
        answer.waiting.append(PendingRule(line, item, record.started_by))
    return remaining


def _unsettled(line: ChildTimeline, record: TrackedObligation, names: frozenset[str]) -> dict[str, Event]:
    history = line.history(record.version, record.calendar)
    facts = history.facts_at(record.started_by).now
    return dict(history.unsettled_after_the_end(record.started_by, facts, names))

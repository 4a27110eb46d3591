"""A timeline as it is answered: the contract's obligations, each with its status and its history."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from app.services.calculation.request import canonical_moment
from app.services.calculation.response import (
    ENGINE_VERSION,
    Json,
    calendar_stamp,
    iso,
    obligation,
    profile_stamp,
    undetermined,
)
from app.services.snapshot.checksum import digest
from app.services.timelines.case import Case, CaseEvent, order
from app.services.timelines.child_timeline import ChildTimeline
from app.services.timelines.coverage import Coverage
from app.services.timelines.findings import Conditional
from app.services.timelines.pending_rule import PendingRule
from app.services.timelines.projection import Assumed, described
from app.services.timelines.silent_events import silent_events
from app.services.timelines.status import status_of
from app.services.timelines.tracked_obligation import TrackedObligation, discharging_types, written
from app.services.zone import ZONE_DATA_VERSION

STATUSES = ("met", "met_late", "outstanding", "overdue", "disputed", "superseded", "ended")
MAX_NAMED = 10
UNDATED = (
    "events that had not happened, or were not known, on the day asked about were left out: send what is still to "
    "come as a scheduled event"
)


def obligation_json(record: TrackedObligation, case: Case) -> Json:
    """Return one obligation with its status."""
    state = status_of(record, case.as_of)
    body = obligation(record.obligation)
    body["occurrence"] = record.number
    if isinstance(body["explanation"], dict):
        learnt = [line for line in record.history if line["what"] == "became_known"]
        body["explanation"]["became_known"] = [
            {"fact": line["note"], "event": line["event"], "occurred_at": line["occurred_at"]} for line in learnt
        ]
    if state.status != "outstanding":
        body["projected"] = False
    done = record.done
    return {
        "id": record.id,
        "child": record.child,
        "profile": record.version.record.key,
        "profile_version": record.version.version,
        **body,
        "status": state.status,
        "episode": record.episode.id,
        "trackable": record.trackable,
        "observable": record.observable,
        "started_by": {
            "event": record.started_by.key,
            "type": record.started_by.type,
            "occurred_at": written(record.started_by.moment),
            "assumed": record.started_by.assumed,
        },
        "also_started_by": record.also_started_by,
        "discharged_by": list(discharging_types(record.rule)),
        "done_at": written(done) if done is not None else None,
        "done_by": record.closed_by.key if record.fate == "done" and record.closed_by is not None else None,
        "ended_by": record.closed_by.key if record.fate == "ended" and record.closed_by is not None else None,
        "days_taken": (done.day - record.started_by.moment.day).days if done is not None else None,
        "late_by_days": state.late_days if state.status == "met_late" else None,
        "late_by_hours": state.late_hours if state.status == "met_late" else None,
        "overdue_by_days": state.late_days if state.status == "overdue" else None,
        "overdue_by_hours": state.late_hours if state.status == "overdue" else None,
        "missed": state.missed,
        "excused": record.excused,
        "superseded_by": record.superseded_by,
        "scheduled_for": written(record.scheduled.moment) if record.scheduled is not None else None,
        "rests_on": list(record.rests_on),
        "history": record.history,
    }


@dataclass(slots=True)
class Answer:
    """Everything found out of a case, child by child and profile by profile."""

    lines: list[ChildTimeline] = field(default_factory=list)
    records: list[TrackedObligation] = field(default_factory=list)
    waiting: list[PendingRule] = field(default_factory=list)
    assumed: list[Assumed] = field(default_factory=list)
    conditional: list[Conditional] = field(default_factory=list)


def timeline_json(case: Case, answer: Answer) -> Json:
    """Return the whole answer."""
    lines, records = answer.lines, answer.records
    ordered = sorted(records, key=lambda r: (r.obligation.due_at, r.rule.id, r.child or "", r.id))
    listed = [obligation_json(record, case) for record in ordered]
    return {
        "timeline_id": timeline_id(case, lines),
        "engine": {"version": ENGINE_VERSION},
        "profiles": _stamps(lines, records),
        "calendars": _calendars(lines, records),
        "as_of": case.as_of_text,
        "until": iso(case.until),
        "episodes": episodes_json(lines),
        "obligations": listed,
        "undetermined": [_waiting(item) for item in answer.waiting],
        "conditional": [item.as_json() for item in answer.conditional],
        "projected_events": [described(item) for item in answer.assumed],
        "summary": {
            **{name: sum(1 for item in listed if item["status"] == name) for name in STATUSES},
            "projected": sum(1 for item in listed if item["rests_on"]),
            "untracked": sum(1 for item in listed if not item["trackable"]),
            "unobservable": sum(1 for item in listed if not item["observable"]),
        },
        "left_out": _left_out(lines),
        "warnings": case_warnings(lines, records),
        "reference": case.reference,
    }


def episodes_json(lines: Iterable[ChildTimeline]) -> list[Json]:
    """Return the episodes that the events show, in the order in which they opened; of each child once."""
    episodes: dict[tuple[str | None, str], Json] = {}
    for line in lines:
        for episode in line.shown_episodes():
            closed = episode.closed_by if episode.closed_by is not None and not episode.closed_by.assumed else None
            episodes.setdefault(
                (line.child.reference, episode.id),
                {
                    "child": line.child.reference,
                    "id": episode.id,
                    "kind": episode.kind,
                    "opened_by": episode.opened_by.key,
                    "opened_at": written(episode.opened_by.moment),
                    "closed_by": closed.key if closed is not None else None,
                    "closed_at": written(closed.moment) if closed is not None else None,
                    "within": episode.within.id if episode.within is not None else None,
                },
            )
    return list(episodes.values())


def _waiting(waiting: PendingRule) -> Json:
    event = waiting.event
    return {
        "child": waiting.line.child.reference,
        "profile": waiting.line.selection.key,
        **undetermined(waiting.item),
        "started_by": {
            "event": event.key,
            "type": event.type,
            "occurred_at": written(event.moment),
            "assumed": event.assumed,
        },
        "rests_on": list(waiting.rests_on),
    }


def _stamps(lines: Iterable[ChildTimeline], records: Iterable[TrackedObligation]) -> list[Json]:
    versions = {(m.version.record.key, m.version.version): m.version for line in lines for m in line.results}
    versions.update({(r.version.record.key, r.version.version): r.version for r in records})
    return [profile_stamp(versions[key]) for key in sorted(versions)]


def _calendars(lines: Iterable[ChildTimeline], records: Iterable[TrackedObligation]) -> list[Json]:
    versions = {(m.calendar.record.key, m.calendar.version): m.calendar for line in lines for m in line.results}
    versions.update({(r.calendar.record.key, r.calendar.version): r.calendar for r in records})
    return [calendar_stamp(versions[key]) for key in sorted(versions)]


def _left_out(lines: Iterable[ChildTimeline]) -> list[Json]:
    undated: dict[int, CaseEvent] = {event.index: event for line in lines for event in line.undated}
    return [
        {"id": event.id, "type": event.type, "occurred_at": event.occurred_at}
        for event in sorted(undated.values(), key=lambda e: (order(e.moment), e.type, e.id or "", e.occurred_at))
    ]


def case_warnings(lines: list[ChildTimeline], records: list[TrackedObligation]) -> list[str]:
    """Return what is to be known of the events, the profiles and the documents behind a case, each once."""
    several = len({line.selection.key for line in lines}) > 1
    notes: dict[str, None] = {}
    for line in lines:
        prefix = f"{line.selection.key}: " if several else ""
        notes.update(dict.fromkeys(silent_events(line)))
        for met in line.results:
            start = met.version.in_force_from
            if line.selection.pinned is not None and start is not None and met.event.moment.day < start:
                version = f"version {met.version.version} of {line.selection.key}"
                notes[f"{version}, pinned by the request, is in force only from {start}"] = None
            notes.update({prefix + text: None for text in met.result.warnings})
            if line.case.known_at is None and (behind := line.case.snapshot.behind(met.calendar)):
                notes[behind] = None
        before = [event for event in line.events if line.case.version(line.selection, event.moment.day) is None]
        if before:
            kinds = ", ".join(f"{event.type} of {written(event.moment)}" for event in before[:MAX_NAMED])
            more = f" and {len(before) - MAX_NAMED} more" if len(before) > MAX_NAMED else ""
            notes[
                f"no version of {line.selection.key} was in force on the day of {kinds}{more}: they start nothing"
            ] = None
    for record in records:
        prefix = f"{record.version.record.key}: " if several else ""
        notes.update({prefix + text: None for text in record.obligation.warnings})
    if any(line.undated for line in lines):
        notes[UNDATED] = None
    return list(notes)


def _covered(coverage: Coverage | None) -> Json:
    if coverage is None:
        return {}
    events = sorted(coverage.events) if coverage.events is not None else None
    return {"coverage": [events, sorted(coverage.latest_only), iso(coverage.first), iso(coverage.last)]}


def timeline_id(case: Case, lines: list[ChildTimeline]) -> str:
    """Return the digest of the request, without its references and explain, and of every version that answered."""
    versions = {(m.version.record.key, m.version.version, m.version.record.checksum) for x in lines for m in x.results}
    calendars = {
        (m.calendar.record.key, m.calendar.version, m.calendar.record.checksum) for x in lines for m in x.results
    }
    events = sorted(
        (
            {
                "type": event.type,
                "at": canonical_moment(event.moment),
                "id": event.id,
                "facts": {key: iso(v) if isinstance(v, date) else v for key, v in event.facts.items()},
                "children": [name or "" for name in event.children],
                "replaces": list(event.replaces or ()),
                "recorded": canonical_moment(event.recorded) if event.recorded is not None else None,
                "discharges": sorted(event.discharges),
                **({"episode": event.episode} if event.episode is not None else {}),
            }
            for event in case.events
        ),
        key=repr,
    )
    return digest(
        {
            "profiles": [list(item) for item in sorted(versions)],
            "calendars": [list(item) for item in sorted(calendars)],
            "children": [
                [c.reference, {key: iso(v) if isinstance(v, date) else v for key, v in c.facts.items()}]
                for c in case.children
            ],
            "events": events,
            "as_of": [case.as_of.day.isoformat(), case.as_of.at.isoformat() if case.as_of.at else None],
            **_covered(case.coverage),
            "until": iso(case.until),
            "engine": ENGINE_VERSION,
            "zone": ZONE_DATA_VERSION,
        }
    )

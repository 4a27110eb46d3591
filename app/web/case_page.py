"""One case as its page shows it: what was met, is late, overdue, disputed, waiting for a fact, or to come."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from app.engine.civil_time import read_moment
from app.engine.facts import FactSpec
from app.services.calculation.fact_parsing import fact_specs
from app.services.problems import Problem
from app.services.snapshot.snapshot import Snapshot
from app.services.timelines import timeline
from app.services.timelines.recalculation import recalculate
from app.services.zone import LONDON
from app.web.case_drawing import CaseDrawing, draw_case
from app.web.case_form import CaseForm, EnteredEvent, case_body, unshown
from app.web.forms import split_choice
from app.web.questions import find_choice, profile_choices, relevant_facts
from app.web.results import fault_text
from app.web.subjects import Choice, Subject, by_subject, find_events
from app.web.words import event_heading, label

# Facts of the child that hold for the whole case.
CASE_FACTS = ("child_date_of_birth", "expected_delivery_date")
MAX_LISTED = 300


@dataclass(frozen=True, slots=True)
class Section:
    """Obligations under one heading. `folded` ones are of less use to a reader who asks what is to be done."""

    key: str
    heading: str
    items: tuple[dict[str, Any], ...]
    left_out: int
    folded: bool


HEADINGS = (
    ("overdue", "Overdue", False),
    ("disputed", "Disputed: late under one reading, in time under another", False),
    ("waiting", "Waiting for facts", False),
    ("to_come", "To come", False),
    ("unproved", "Past their date, and no event can show them done", True),
    ("met_late", "Met late", False),
    ("met", "Met in time", True),
    ("projected", "To come if all goes on as expected", True),
    ("ended", "Ended or replaced", True),
)


@dataclass(frozen=True, slots=True)
class EventRow:
    """One event of the form, with the facts that matter to it."""

    number: int
    event: EnteredEvent
    heading: str
    deciding: tuple[FactSpec, ...]
    presumed: tuple[FactSpec, ...]


@dataclass(frozen=True, slots=True)
class CaseAnswer:
    """What became of the case, ready to be shown."""

    sections: tuple[Section, ...]
    changes: Mapping[str, Any] | None
    drawing: CaseDrawing
    warnings: tuple[str, ...]
    conditional: tuple[dict[str, Any], ...]
    body: dict[str, Any]
    earlier: str
    as_of: date


@dataclass(frozen=True, slots=True)
class CasePage:
    """Everything that the page shows."""

    profiles: tuple[Choice, ...]
    profile: str
    subjects: tuple[Subject, ...]
    found: str
    rows: tuple[EventRow, ...]
    case_facts: tuple[FactSpec, ...]
    names: Mapping[str, str]
    answer: CaseAnswer | None
    problem: Problem | None
    faults: tuple[tuple[str, str], ...]
    unshown: str
    as_of: str

    def field_of(self, event: str, fact: str) -> str:
        """Return the id of the field of an event's fact, or an empty text where the page has none."""
        if fact in CASE_FACTS:
            return f"case-fact-{fact}"
        for row in self.rows:
            if row.event.id == event and any(spec.key == fact for spec in (*row.deciding, *row.presumed)):
                return f"event-{row.number}-fact-{fact}"
        return ""


def case_page(snapshot: Snapshot, form: CaseForm, *, answered: bool) -> CasePage:
    """Build the page of a case: its form, and what became of it where it has events and a calculation is requested."""
    profiles = profile_choices(snapshot)
    chosen = form.profile if find_choice(snapshot, form.profile) is not None else profiles[0].value
    version = find_choice(snapshot, chosen)
    assert version is not None
    profile, specs = version.profile, fact_specs(snapshot, split_choice(chosen)[0])
    events = profile.vocabulary.events
    matches = find_events(snapshot, profile, events, form.search)
    rows = []
    for number, event in enumerate(form.events):
        facts = relevant_facts(profile, event.type)
        facts = {key: spec for key, spec in facts.items() if key not in CASE_FACTS}
        facts |= {key: specs[key] for key in event.facts if key in specs}
        ordered = sorted(facts.values(), key=lambda spec: spec.key)
        heading = event_heading(events[event.type].noun) if event.type in events else label(event.type)
        deciding = tuple(spec for spec in ordered if spec.deciding)
        presumed = tuple(spec for spec in ordered if not spec.deciding)
        rows.append(EventRow(number, event, heading, deciding, presumed))
    as_of = form.as_of or datetime.now(LONDON).date().isoformat()
    answer: CaseAnswer | None = None
    problem: Problem | None = None
    faults: tuple[tuple[str, str], ...] = ()
    if answered and form.events:
        body = case_body(form, chosen, as_of, specs)
        try:
            answer = _answer(snapshot, body, form.earlier)
        except Problem as found:
            problem = found
            faults = tuple((_field(fault.path), _text(fault.path, fault_text(fault))) for fault in found.faults)
    return CasePage(
        profiles=profiles,
        profile=chosen,
        subjects=by_subject(profile, matches),
        found=f"{len(matches)} of {len(events)} events match" if form.search else "",
        rows=tuple(rows),
        case_facts=tuple(specs[key] for key in CASE_FACTS),
        names={key: event_heading(spec.noun) for key, spec in events.items()},
        answer=answer,
        problem=problem,
        faults=faults,
        unshown=unshown(form),
        as_of=as_of,
    )


def _answer(snapshot: Snapshot, body: dict[str, Any], earlier: str) -> CaseAnswer:
    found: dict[str, Any] = timeline(snapshot, {**body, "explain": True})
    as_of = read_moment(body["as_of"], LONDON).day
    listed = sorted(found["obligations"], key=lambda item: item["due_at"])
    grouped: dict[str, list[dict[str, Any]]] = {key: [] for key, _, _ in HEADINGS}
    for item in listed:
        grouped[_heading(item, as_of)].append(item)
    grouped["waiting"] = list(found["undetermined"])
    return CaseAnswer(
        sections=tuple(
            Section(key, heading, tuple(grouped[key][:MAX_LISTED]), len(grouped[key][MAX_LISTED:]), folded)
            for key, heading, folded in HEADINGS
            if grouped[key]
        ),
        changes=_changes(snapshot, body, earlier),
        drawing=draw_case(listed, found.get("episodes", ()), body["events"], as_of),
        warnings=tuple(found["warnings"]),
        conditional=tuple(found.get("conditional", ())),
        body=body,
        earlier=json.dumps({"events": body["events"], "profile": body["profile"]}, ensure_ascii=False),
        as_of=as_of,
    )


def _heading(item: Mapping[str, Any], as_of: date) -> str:
    status = str(item["status"])
    if status == "outstanding" and item["rests_on"]:
        return "projected"
    if status == "outstanding":
        past = not item["trackable"] and date.fromisoformat(item["due_date"]) < as_of
        return "unproved" if past else "to_come"
    return "ended" if status in {"ended", "superseded"} else status


def _changes(snapshot: Snapshot, body: dict[str, Any], earlier: str) -> Mapping[str, Any] | None:
    """Return what moved since the case was last answered; None where nothing was changed, or it is another case."""
    try:
        before = json.loads(earlier) if earlier else None
    except (ValueError, RecursionError):
        return None
    if not isinstance(before, dict) or before.get("profile") != body["profile"]:
        return None
    if not before.get("events") or before["events"] == body["events"]:
        return None
    try:
        found = recalculate(snapshot, {**body, "earlier_events": before["events"]})
    except Problem:
        # The earlier events came from the reader's own page; if they cannot be read there is nothing to compare with.
        return None
    return found


def _field(path: str) -> str:
    """Return the id of the field that a fault is about, or an empty text."""
    if not path.startswith("events["):
        return {"as_of": "as_of", "profile": "profile", "reference": "reference"}.get(path, "")
    number, _, rest = path.removeprefix("events[").partition("].")
    if rest.startswith("facts."):
        return f"event-{number}-fact-{rest.removeprefix('facts.')}"
    return f"event-{number}-date" if number.isdigit() else ""


def _text(path: str, text: str) -> str:
    """Name the event that a fault is about by its place, counted from 1."""
    number = path.removeprefix("events[").partition("]")[0]
    return f"Event {int(number) + 1}: {text}" if path.startswith("events[") and number.isdigit() else text

"""One case as its page shows it: what was met, is late, overdue, disputed, waiting for a fact, or to come."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from app.engine.facts import FactSpec
from app.services.calculation.fact_parsing import fact_specs
from app.services.problems import Problem
from app.services.snapshot.snapshot import Snapshot
from app.services.zone import LONDON
from app.web.case_answer import CaseAnswer, answer_case
from app.web.case_form import CaseForm, EnteredEvent, case_body, unshown
from app.web.forms import split_choice
from app.web.questions import find_choice, profile_choices, relevant_facts
from app.web.results import fault_text
from app.web.subjects import Choice, Subject, by_subject, find_events
from app.web.words import event_heading, label, short_day

# Facts of the child that hold for the whole case.
CASE_FACTS = ("child_date_of_birth", "expected_delivery_date")


@dataclass(frozen=True, slots=True)
class EventRow:
    """One event of the form, with the facts that matter to it."""

    number: int
    event: EnteredEvent
    heading: str
    deciding: tuple[FactSpec, ...]
    presumed: tuple[FactSpec, ...]


@dataclass(frozen=True, slots=True)
class CasePage:
    """Everything that the page shows."""

    profiles: tuple[Choice, ...]
    profile: str
    subjects: tuple[Subject, ...]
    search_result: str
    rows: tuple[EventRow, ...]
    case_facts: tuple[FactSpec, ...]
    names: Mapping[str, str]
    answer: CaseAnswer | None
    problem: Problem | None
    faults: tuple[tuple[str, str], ...]
    unshown: str
    as_of: str

    def event_named(self, key: str | None, type_: str | None, occurred_at: str | None) -> str:
        """Name an event by its place in the form and its day: "event 3, strategy discussion, 18 Dec 2025"."""
        heading = self.names.get(type_ or "", label(type_ or ""))
        day = short_day(date.fromisoformat(occurred_at[:10])) if occurred_at else ""
        number = next((row.number + 1 for row in self.rows if row.event.id == key), None)
        return ", ".join(part for part in (f"event {number}" if number else "", heading, day) if part)

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
            answer = answer_case(snapshot, profile.vocabulary, body, form.earlier)
        except Problem as refused:
            problem = refused
            faults = tuple((_field(fault.path), _text(fault.path, fault_text(fault))) for fault in refused.faults)
    return CasePage(
        profiles=profiles,
        profile=chosen,
        subjects=by_subject(profile, matches),
        search_result=f"{len(matches)} of {len(events)} events match" if form.search else "",
        rows=tuple(rows),
        case_facts=tuple(specs[key] for key in CASE_FACTS),
        names={key: event_heading(spec.noun) for key, spec in events.items()},
        answer=answer,
        problem=problem,
        faults=faults,
        unshown=unshown(form),
        as_of=as_of,
    )


def _field(path: str) -> str:
    """Return the id of the field that a fault is about, or an empty text."""
    if not path.startswith("events["):
        return path if path in {"as_of", "until", "profile", "reference"} else ""
    number, _, rest = path.removeprefix("events[").partition("].")
    if rest.startswith("facts."):
        return f"event-{number}-fact-{rest.removeprefix('facts.')}"
    return f"event-{number}-date" if number.isdigit() else ""


def _text(path: str, text: str) -> str:
    """Name the event that a fault is about by its place, counted from 1."""
    number = path.removeprefix("events[").partition("]")[0]
    return f"Event {int(number) + 1}: {text}" if path.startswith("events[") and number.isdigit() else text

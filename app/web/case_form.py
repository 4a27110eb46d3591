"""The form of one case: a profile, dated events with their facts, and the day on which the case is looked at."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from app.engine.facts import FactSpec
from app.services.calculation.fact_parsing import fact_from_text
from app.services.calculation.json_body import parse_json_text
from app.services.problems import Fault, Problem
from app.web.forms import FACT, join_time, split_choice

MAX_EVENTS = 150
MAX_CASE_BYTES = 1024 * 1024
MAX_CASE_FIELDS = 6_000
EVENT_FIELD = re.compile(r"event\.(\d{1,3})\.(id|type|date|time|fact\.[a-z0-9_]+)")
CASE_FACT = "case.fact."
REMOVE = "remove-"
OTHER = "other"


@dataclass(frozen=True, slots=True)
class EnteredEvent:
    """One event as texts. `other` is what a file says of it that has no field here; it is handed on as it is."""

    id: str = ""
    type: str = ""
    date: str = ""
    time: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)
    other: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CaseForm:
    """The fields of the form as texts. `earlier` is the case as it was last answered, as JSON."""

    profile: str = ""
    as_of: str = ""
    until: str = ""
    reference: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)
    events: tuple[EnteredEvent, ...] = ()
    added: EnteredEvent = EnteredEvent()
    search: str = ""
    earlier: str = ""
    other: Mapping[str, Any] = field(default_factory=dict)


def case_from_pairs(pairs: list[tuple[str, str]]) -> CaseForm:
    """Read the form: an event that is being added joins the others, one that is being removed leaves them."""
    fields = {name: text.strip() for name, text in pairs}
    rows: dict[int, dict[str, str]] = {}
    for name, text in fields.items():
        matched = EVENT_FIELD.fullmatch(name)
        if matched is not None:
            rows.setdefault(int(matched[1]), {})[matched[2]] = text
    others = _object(fields.get(OTHER, ""))
    of_events = others.get("events")
    unshown_parts = of_events if isinstance(of_events, dict) else {}
    step = fields.get("step", "")
    events = [_event(row, unshown_parts) for number, row in sorted(rows.items()) if step != f"{REMOVE}{number}"]
    type_, day, time = (fields.get(f"add.{name}", "") for name in ("type", "date", "time"))
    added = EnteredEvent(type=type_, date=day, time=time)
    if added.type and added.date and step != "choose":
        events.append(replace(added, id=_next_id(events)))
        added = EnteredEvent()
    if len(events) > MAX_EVENTS:
        fault = Fault("events", f"the case has more than {MAX_EVENTS} events", "send it to the API, which takes 1,000")
        raise Problem("invalid-request", "The case is too long for this page.", [fault])
    return CaseForm(
        profile=fields.get("profile", ""),
        as_of=fields.get("as_of", ""),
        until=fields.get("until", ""),
        reference=fields.get("reference", ""),
        facts={n.removeprefix(CASE_FACT): t for n, t in fields.items() if n.startswith(CASE_FACT) and t},
        events=tuple(events),
        added=added,
        search=fields.get("search", "")[:200],
        earlier=fields.get("earlier", ""),
        other={name: value for name, value in others.items() if name != "events"},
    )


def _event(row: Mapping[str, str], others: Mapping[str, Any]) -> EnteredEvent:
    facts = {name.removeprefix(FACT): text for name, text in row.items() if name.startswith(FACT) and text}
    identifier = row.get("id", "")
    other = others.get(identifier)
    return EnteredEvent(
        id=identifier,
        type=row.get("type", ""),
        date=row.get("date", ""),
        time=row.get("time", ""),
        facts=facts,
        other=other if isinstance(other, dict) else {},
    )


def _next_id(events: list[EnteredEvent]) -> str:
    taken = {event.id for event in events}
    return next(name for number in range(1, MAX_EVENTS * 2) if (name := f"event-{number}") not in taken)


def _object(text: str) -> dict[str, Any]:
    """Read a JSON object; anything else is an empty one."""
    try:
        value = parse_json_text(text) if text else {}
    except Problem:
        return {}
    return value if isinstance(value, dict) else {}


def case_from_file(text: str) -> CaseForm:
    """Read a case that was saved from this page, or any request for a timeline. Raises `Problem` if it is neither."""
    body = _object(text)
    listed = body.get("events")
    if not isinstance(listed, list) or not all(isinstance(each, dict) for each in listed) or len(listed) > MAX_EVENTS:
        fault = Fault("file", f"it is no case with at most {MAX_EVENTS} events", "open a file that this page saved")
        raise Problem("invalid-request", "The file cannot be read.", [fault])
    events: list[EnteredEvent] = []
    for each in listed:
        day, _, time = str(each.get("occurred_at") or "").partition("T")
        exact = len(time) > 5 and not time.startswith(("00:00:00+", "00:00:00Z"))
        identifier = str(each.get("id") or "") or _next_id(events)
        simple = {name: value for name, value in each.items() if name not in {"id", "type", "occurred_at", "facts"}}
        if exact:
            # Seconds and offsets have no field: the instant goes with the event until its day or time is changed.
            simple["occurred_at"] = each["occurred_at"]
        events.append(
            EnteredEvent(identifier, str(each.get("type") or ""), day, time[:5], _facts(each.get("facts")), simple)
        )
    version = body.get("profile_version")
    profile = str(body.get("profile") or "")
    named = {"profile", "profile_version", "as_of", "until", "reference", "facts", "events", "explain"}
    return CaseForm(
        profile=f"{profile}@{version}" if version else profile,
        as_of=str(body.get("as_of") or "")[:10],
        until=str(body.get("until") or "")[:10],
        reference=str(body.get("reference") or ""),
        facts=_facts(body.get("facts")),
        events=tuple(events),
        other={name: value for name, value in body.items() if name not in named},
    )


def _facts(value: object) -> dict[str, str]:
    if not isinstance(value, dict):
        return {}
    return {
        str(key): ("true" if each else "false") if isinstance(each, bool) else str(each)
        for key, each in value.items()
        if each is not None
    }


def case_body(form: CaseForm, profile: str, as_of: str, specs: Mapping[str, FactSpec]) -> dict[str, Any]:
    """Build the request for the timeline of the case."""
    key, version = split_choice(profile)
    body: dict[str, Any] = {**form.other, "profile": key}
    if version is not None:
        body["profile_version"] = version
    body["as_of"] = as_of
    if form.until:
        body["until"] = form.until
    if form.reference:
        body["reference"] = form.reference
    if form.facts:
        body["facts"] = {name: fact_from_text(specs.get(name), text) for name, text in form.facts.items()}
    body["events"] = [_event_body(event, specs) for event in form.events]
    return body


def _event_body(event: EnteredEvent, specs: Mapping[str, FactSpec]) -> dict[str, Any]:
    when = join_time(event.date, event.time)
    exact = event.other.get("occurred_at")
    body: dict[str, Any] = {
        **event.other,
        "id": event.id,
        "type": event.type,
        "occurred_at": exact if isinstance(exact, str) and exact.startswith(when) else when,
    }
    if event.facts:
        body["facts"] = {name: fact_from_text(specs.get(name), text) for name, text in event.facts.items()}
    return body


def unshown(form: CaseForm) -> str:
    """Return as JSON what the page has no field for, to travel with the form."""
    of_events = {event.id: event.other for event in form.events if event.other}
    return json.dumps({**form.other, **({"events": of_events} if of_events else {})}, ensure_ascii=False)

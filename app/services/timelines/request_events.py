"""Resolve the children and events of a case: facts, names and references checked by the profiles' own words."""

from __future__ import annotations

from dataclasses import dataclass, field

from app.engine.civil_time import Moment
from app.engine.facts import EventSpec, FactSpec
from app.services.calculation.request import check_implied
from app.services.facts import resolve_facts
from app.services.problems import Fault
from app.services.timelines import case as cases
from app.services.timelines.request_parts import MAX_EVENTS, CaseEvent, SharedTimeline
from app.services.validation import Faults, join


@dataclass(slots=True)
class Words:
    """Every event, fact and duty that one of the profiles knows."""

    events: dict[str, EventSpec] = field(default_factory=dict)
    facts: dict[str, FactSpec] = field(default_factory=dict)
    duties: set[str] = field(default_factory=set)


def resolve_children(faults: Faults, request: SharedTimeline, words: Words, path: str) -> list[cases.Child]:
    """Return the children of a case, each with the facts that hold for it; without any, one without a name."""
    shared = resolve_facts(faults, request.facts, words.facts, join(path, "facts"))
    if not request.children:
        return [cases.Child(None, shared)]
    children: list[cases.Child] = []
    for index, child in enumerate(request.children):
        if child is None:
            continue
        where = f"{join(path, 'children')}[{index}]"
        own = resolve_facts(faults, child.facts, words.facts, join(where, "facts"))
        if child.reference is not None and any(other.reference == child.reference for other in children):
            faults.collected.append(
                Fault(join(where, "reference"), "two children have one reference", "give each its own")
            )
        children.append(cases.Child(child.reference, {**shared, **own}))
    return children


def resolve_events(
    faults: Faults, request: SharedTimeline, words: Words, names: list[str | None], path: str
) -> list[cases.CaseEvent]:
    """Return the events of a case, those listed under a child among them, each with the children it is about."""
    listed: list[tuple[str, CaseEvent, str | None]] = [
        (f"{join(path, 'events')}[{index}]", event, None) for index, event in enumerate(request.events or ())
    ]
    for number, child in enumerate(request.children or ()):
        if child is None:
            continue
        where = join(path, f"children[{number}].events")
        listed += [(f"{where}[{index}]", event, child.reference) for index, event in enumerate(child.events or ())]
    if len(listed) > MAX_EVENTS:
        text = f"{len(listed)} events were sent"
        faults.add(join(path, "events"), text, f"send at most {MAX_EVENTS} in a timeline")
        return []
    events = [
        _event(faults, item, where, index, owner, words, names)
        for index, (where, item, owner) in enumerate(listed)
        if item is not None
    ]
    resolved = [event for event in events if event is not None]
    _ids(faults, resolved, [where for where, _, _ in listed])
    return resolved


def _event(
    faults: Faults, event: CaseEvent, path: str, index: int, owner: str | None, words: Words, names: list[str | None]
) -> cases.CaseEvent | None:
    if event.type is not None and event.type not in words.events and words.events:
        faults.unknown(join(path, "type"), "event", event.type, words.events)
    moment: Moment | None = event.occurred_at.moment if event.occurred_at is not None else None
    sent = event.facts or {}
    said = {key: value for key, value in sent.items() if value is not None}
    facts = resolve_facts(faults, said, words.facts, join(path, "facts")) if words.facts else {}
    if moment is not None and event.type in words.events:
        check_implied(faults, words.events[event.type], moment, facts, join(path, "facts"))
    taken_back = [key for key, value in sent.items() if value is None]
    for key in taken_back:
        if words.facts and key not in words.facts:
            faults.unknown(join(path, f"facts.{str(key)[:100]}"), "fact", key, words.facts)
    children = _named(faults, event.child, join(path, "child"), owner, names)
    for duty in event.discharges or ():
        if words.duties and duty not in words.duties:
            faults.unknown(join(path, "discharges"), "duty", duty, words.duties)
    if moment is None or event.type is None:
        return None
    return cases.CaseEvent(
        index,
        event.id,
        event.type,
        event.occurred_at.text,
        moment,
        {**facts, **dict.fromkeys(taken_back)},
        children,
        None if event.replaces is None else tuple(event.replaces),
        event.recorded_at.moment if event.recorded_at is not None else None,
        frozenset(event.discharges or ()),
        event.episode,
    )


def _named(
    faults: Faults, sent: list[str] | None, path: str, owner: str | None, names: list[str | None]
) -> tuple[str | None, ...]:
    """Return the children whom an event is about: those named, or all."""
    if sent is None:
        return (owner,) if owner is not None else tuple(names)
    if owner is not None:
        faults.collected.append(Fault(path, "the event is listed under its child already", "leave child out"))
        return (owner,)
    if any(name not in names for name in sent):
        faults.collected.append(Fault(path, "there is no such child", "name one of the references in children"))
    return tuple(dict.fromkeys(sent))


def _ids(faults: Faults, events: list[cases.CaseEvent], paths: list[str]) -> None:
    seen: dict[str, cases.CaseEvent] = {}
    for event in events:
        if event.id is not None and event.id in seen:
            faults.add(join(paths[event.index], "id"), "two events have one id", "give each its own", event.id)
        elif event.id is not None:
            seen[event.id] = event
    for event in events:
        for name in event.replaces or ():
            if name not in seen or seen[name] is event:
                remedy = "name the id of another event in the list"
                faults.add(join(paths[event.index], "replaces"), "there is no such event", remedy, name)

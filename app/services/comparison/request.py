"""The requests of a comparison: one event under several profiles, or many events under two versions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial
from typing import Annotated, Any, NamedTuple

from pydantic import Discriminator, Field, Tag

from app.engine.facts import FactSpec
from app.services.calculation.fact_parsing import fact_specs
from app.services.calculation.request import CalculationRequest, Event, ResolvedRequest, end_of_day, resolve
from app.services.calculation.response import force_warnings
from app.services.calculation.versions import resolve_profile
from app.services.facts import Facts, resolve_facts
from app.services.snapshot.snapshot import ProfileVersion, Snapshot
from app.services.validation import (
    Day,
    EventTime,
    Faults,
    FromText,
    Maybe,
    Reference,
    RequestModel,
    VersionNumber,
    join,
    unchecked,
    union_tag,
)
from app.services.work import MAX_COMPARED_EVENTS

MAX_PROFILES = 10
MAX_EVENTS = MAX_COMPARED_EVENTS


class ProfileChoice(RequestModel):
    """A profile, or one version of it."""

    profile: str = Field(min_length=1)
    profile_version: Maybe[VersionNumber] = Field(description="Absent: the one in force on the event's day.")


ProfileOrKey = Annotated[ProfileChoice, FromText("profile")]


class ProfileComparisonRequest(RequestModel):
    """One event and its facts under several profiles or versions."""

    profiles: list[ProfileOrKey] = Field(
        min_length=2,
        max_length=MAX_PROFILES,
        description="Keys from /v1/profiles, each with a version or without; a key alone may also be sent as text.",
    )
    event: Event
    facts: Maybe[Facts] = Field(description="Codes from /v1/facts; each profile reads those it knows.")
    calendar: Maybe[str] = Field(description="Absent: each profile's own.")
    calendar_version: Maybe[VersionNumber]
    until: Maybe[Day] = Field(description="Unfold every recurring rule to this day.")
    as_known_on: Maybe[Day] = Field(description="Answer with the versions published by the end of this day.")
    reference: Maybe[Reference]

    def domain_faults(self, faults: Faults, snapshot: Snapshot, path: str = "") -> None:  # noqa: ARG002 - the base's
        """Add what only the published records can find wrong."""
        resolve_profiles(faults, snapshot, self)


class ComparedSide(RequestModel):
    """One of the two sides; a side without a version takes the one in force on each event's day."""

    profile: Maybe[str] = Field(description="Needed in `before`; absent in `after`: the same profile.")
    profile_version: Maybe[VersionNumber]
    calendar: Maybe[str]
    calendar_version: Maybe[VersionNumber]
    as_known_on: Maybe[Day]


class ComparedEvent(RequestModel):
    """One event to compare on both sides."""

    id: Maybe[Reference] = Field(description="Yours; returned.")
    type: str
    occurred_at: EventTime
    facts: Maybe[Facts] = Field(description="Facts of this event, over those that hold for all.")


class DraftImpactRequest(RequestModel):
    """Events under the version in force, or the one named as `before`, and under a draft."""

    before: Maybe[ComparedSide] = Field(description="Absent: the version in force.")
    after: Maybe[ComparedSide] = Field(description="Absent: the draft, from its first day in force.")
    events: list[ComparedEvent] = Field(max_length=MAX_EVENTS)
    facts: Maybe[Facts] = Field(description="Facts that hold for every event.")
    until: Maybe[Day]
    reference: Maybe[Reference]


class ImpactRequest(DraftImpactRequest):
    """Events under two versions: what changes from the one to the other."""

    before: ComparedSide
    after: ComparedSide

    def domain_faults(self, faults: Faults, snapshot: Snapshot, path: str = "") -> None:  # noqa: ARG002 - the base's
        """Add what only the published records can find wrong."""
        resolve_pairs(faults, snapshot, self)


def asks_what_changes(body: object) -> bool:
    """Return True for a list of events under two versions, False for one event under several profiles."""
    if isinstance(body, Mapping):
        return bool(body.keys() & {"events", "before", "after"})
    return isinstance(body, ImpactRequest)


def _tag_of(body: object) -> str:
    return union_tag(ImpactRequest if asks_what_changes(body) else ProfileComparisonRequest)


ComparisonRequest = Annotated[
    Annotated[ProfileComparisonRequest, Tag(union_tag(ProfileComparisonRequest))]
    | Annotated[ImpactRequest, Tag(union_tag(ImpactRequest))],
    Discriminator(_tag_of),
]
"""Either kind: one with `events`, `before` or `after` asks what changes, any other which profile is strictest."""


# --- resolved ------------------------------------------------------------------------------------------------------

SHARED = ("event", "calendar", "calendar_version", "until", "as_known_on")


def resolve_profiles(faults: Faults, snapshot: Snapshot, request: ProfileComparisonRequest) -> list[ResolvedRequest]:
    """Resolve the event under each profile, or find the faults of a sound part."""
    shared = {name: getattr(request, name) for name in SHARED}
    resolved: list[ResolvedRequest] = []
    for index, choice in enumerate(request.profiles or ()):
        if choice is None or choice.profile is None:
            continue
        facts = _without_foreign_facts(snapshot, request.facts, choice.profile)
        own = Faults()
        named = {"profile": choice.profile, "profile_version": choice.profile_version}
        side = unchecked(CalculationRequest, **shared, **named, facts=facts)
        answerable = resolve(own, snapshot, side)
        faults.merge(own, partial(_place_of_choice, index))
        if answerable is not None:
            resolved.append(answerable)
    names = [(item.profile.record.key, item.profile.version) for item in resolved]
    for index, name in enumerate(names):
        if name in names[:index]:
            text = f"version {name[1]} of {name[0]} is listed twice"
            faults.add(f"profiles[{index}]", text, "pin two versions, or name two profiles")
    return resolved


def _place_of_choice(index: int, path: str) -> str:
    return f"profiles[{index}].{path}" if path in ProfileChoice.model_fields else path


def _without_foreign_facts(snapshot: Snapshot, facts: Facts | None, key: str) -> Facts | None:
    """Return the facts without those that only other profiles declare for themselves (`local_…`)."""
    if not facts or key not in snapshot.profiles:
        return facts
    foreign = {name for name in fact_specs(snapshot) if name.startswith("local_")} - set(fact_specs(snapshot, key))
    return {name: value for name, value in facts.items() if name not in foreign}


Side = Mapping[str, Any]


class Pair(NamedTuple):
    """One event on both sides; None where a side starts nothing from it, and `notes` say why."""

    before: ResolvedRequest | None
    after: ResolvedRequest | None
    event: ComparedEvent
    notes: tuple[str, ...] = ()


def resolve_pairs(
    faults: Faults, snapshot: Snapshot, request: DraftImpactRequest, draft: ProfileVersion | None = None
) -> list[Pair]:
    """Resolve each event on both sides, or find the faults of a sound part.

    Each side answers as it would really answer: a draft only from its first day in force, unless the request pins it.
    An event or a fact that one side alone has is no fault.
    """
    before, after = _stated(request.before), _stated(request.after)
    if draft is not None:
        before = {"profile": draft.record.key, **before}
        # What `before` pins is a published version, which the draft is not.
        shared = {name: value for name, value in _inherited(before, after).items() if name != "profile_version"}
        after = {**shared, "profile": draft.record.key, **after}
    else:
        after = {**_inherited(before, after), **after}
    if "profile" not in before and request.before is not None:
        faults.add("before.profile", "this field is missing", "name the profile")
    future = snapshot.with_profile(draft) if draft is not None else snapshot
    profile = before.get("profile")
    # A draft may be the first version of its key: there is nothing before it then.
    has_before = profile is None or profile in snapshot.profiles or profile not in future.profiles
    sides = [_SideOf("after", future, after)]
    if has_before:
        sides.insert(0, _SideOf("before", snapshot, before))
    words = _words_of(future, (before.get("profile"), after.get("profile")))
    shared_facts = resolve_facts(faults, request.facts, words.facts, "facts")
    if not request.events:
        for side in sides:
            own = Faults()
            resolve(own, side.snapshot, unchecked(CalculationRequest, **side.stated))
            faults.merge(own, partial(join, side.name))
    pairs: list[Pair] = []
    for index, event in enumerate(request.events or ()):
        if event is None:
            continue
        facts = {**shared_facts, **(event.facts or {})}
        sent = _EventAsSent(f"events[{index}]", event, facts, request.until)
        notes: list[str] = []
        resolved = {side.name: _resolve(faults, side, sent, words, notes) for side in sides}
        if draft is not None:
            notes += _not_yet_in_force(draft, resolved["after"])
        pairs.append(Pair(resolved.get("before"), resolved["after"], event, tuple(dict.fromkeys(notes))))
    return pairs


class _SideOf(NamedTuple):
    """One side of the comparison: the versions it is answered from, and what was requested of them."""

    name: str
    snapshot: Snapshot
    stated: Side


class _EventAsSent(NamedTuple):
    """One event with every fact that holds for it, and its place in the request."""

    where: str
    event: ComparedEvent
    facts: Mapping[str, Any]
    until: Day | None


class _Words(NamedTuple):
    """The events and facts that either side has in some version."""

    events: frozenset[str]
    facts: Mapping[str, FactSpec]


def _words_of(snapshot: Snapshot, keys: Iterable[str | None]) -> _Words:
    versions = [version for key in dict.fromkeys(keys) if key is not None for version in snapshot.profiles.get(key, ())]
    return _Words(
        frozenset().union(*(version.vocabulary.events for version in versions)),
        {name: spec for version in versions for name, spec in version.vocabulary.facts.items()},
    )


def _stated(side: ComparedSide | None) -> Side:
    return side.model_dump(exclude_none=True) if side is not None else {}


def _inherited(before: Side, after: Side) -> Side:
    """Return what `after` takes over from `before`: a version only of the key that it was pinned for."""
    inherited = dict(before)
    for name in ("profile", "calendar"):
        if name in after and after[name] != before.get(name):
            inherited.pop(f"{name}_version", None)
    return inherited


def _resolve(
    faults: Faults, side: _SideOf, sent: _EventAsSent, words: _Words, notes: list[str]
) -> ResolvedRequest | None:
    """Resolve an event on one side; None after a fault, and where that side starts nothing from it."""
    facts, version = dict(sent.facts), _version_of(side, sent.event)
    if version is not None:
        vocabulary, name = version.profile.vocabulary, f"version {version.version} of {version.record.key}"
        if sent.event.type in words.events - vocabulary.events.keys():
            notes.append(f"{sent.event.type} starts nothing under {name}, which has no such event")
            return None
        foreign = sorted(facts.keys() & (words.facts.keys() - vocabulary.facts.keys()))
        if foreign:
            notes.append(f"{name} has no fact {', '.join(foreign)}")
            facts = {fact: value for fact, value in facts.items() if fact not in foreign}
    event = unchecked(Event, type=sent.event.type, occurred_at=sent.event.occurred_at)
    own = Faults()
    body = {**side.stated, "event": event, "facts": facts, "until": sent.until}
    resolved = resolve(own, side.snapshot, unchecked(CalculationRequest, **body))
    if own.kind == "no-version-in-force" and len(own.collected) == 1:
        notes.append(own.collected[0].message)
        return None

    def place(path: str) -> str:
        path = path.removeprefix("event.")
        if path in ComparedSide.model_fields:
            return f"{side.name}.{path}"
        return path if path == "until" else f"{sent.where}.{path}"

    faults.merge(own, place)
    if resolved is not None and resolved.pinned:
        notes += force_warnings(resolved)
    return resolved


def _version_of(side: _SideOf, event: ComparedEvent) -> ProfileVersion | None:
    """Return the version that answers an event on one side; None where there is none, or the request is at fault."""
    if event.occurred_at is None:
        return None
    stated, known_on = side.stated, side.stated.get("as_known_on")
    known_at = end_of_day(known_on) if known_on is not None else None
    day = event.occurred_at.moment.day
    key, number = stated.get("profile"), stated.get("profile_version")
    return resolve_profile(Faults(), side.snapshot, key, number, day, known_at, "")


def _not_yet_in_force(draft: ProfileVersion, after: ResolvedRequest | None) -> list[str]:
    """Return that a draft does not answer an event, where another version goes on doing so."""
    if after is None or after.profile.record.key != draft.record.key or after.profile.version == draft.version:
        return []
    start = draft.in_force_from.isoformat() if draft.in_force_from is not None else "the beginning"
    said = f"the draft would be in force from {start}: version {after.profile.version} goes on answering this event"
    return [f"{said}; to count it under the draft all the same, send after.profile_version {draft.version}"]

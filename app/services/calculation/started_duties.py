"""Refuse a pair of event and duty that no rule of the profile joins."""

from __future__ import annotations

from app.engine.compiled_profile import Profile
from app.services.catalogue import duties_started
from app.services.validation import Faults

MAX_EVENTS_NAMED = 20


def check_started(faults: Faults, profile: Profile, key: str, event: str, kinds: frozenset[str]) -> None:
    """Add a fault where the event can never start the duty or one of its kinds; it names the events which do.

    `kinds` is the duty with those that are kinds of it. Nothing is added where the facts alone decide.
    """
    if any(kinds & duties_started(item) for item in profile.by_event.get(event, ())):
        return
    events = sorted(
        name for name, rules in profile.by_event.items() if any(kinds & duties_started(item) for item in rules)
    )
    own = Faults()
    own.kind = "event-does-not-start-duty"
    remedy = f"send one of these events: {', '.join(events[:MAX_EVENTS_NAMED])}"
    message = f"{event} never starts this duty under {key}"
    own.add("duty", message, remedy, near=tuple(events[:MAX_EVENTS_NAMED]))
    faults.merge(own)

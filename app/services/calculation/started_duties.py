"""Refuse a duty that a profile lacks, and a pair of event and duty that no rule of the profile joins."""

from __future__ import annotations

from app.engine.compiled_profile import Profile
from app.engine.duties import duties_started
from app.services.silence import missing_rule
from app.services.validation import Faults

MAX_EVENTS_NAMED = 20


def check_started(faults: Faults, profile: Profile, event: str, duty: str) -> None:
    """Add a fault where the event can never start the duty or one of its kinds; it names the events which do.

    A duty that the profile sets no timescale for is said to be that, one that does not exist to be unknown. Nothing is
    added where the facts alone decide.
    """
    kinds = profile.vocabulary.kinds(duty)
    if any(kinds & duties_started(item) for item in profile.by_event.get(event, ())):
        return
    if not check_duty(faults, profile, duty):
        return
    events = sorted(
        name for name, rules in profile.by_event.items() if any(kinds & duties_started(item) for item in rules)
    )
    own = Faults()
    own.kind = "event-does-not-start-duty"
    remedy = f"send one of these events: {', '.join(events[:MAX_EVENTS_NAMED])}"
    message = f"{event} never starts this duty under {profile.key}"
    own.add("duty", message, remedy, near=tuple(events[:MAX_EVENTS_NAMED]))
    faults.merge(own)


def check_duty(faults: Faults, profile: Profile, duty: str) -> bool:
    """Return whether a profile sets a timescale for a duty or one of its kinds; add what is wrong where it does not."""
    if (missing := missing_rule(profile, duty)) is not None:
        faults.add("duty", *missing, duty)
        return False
    if not profile.vocabulary.kinds(duty) & profile.duties:
        faults.unknown("duty", "duty", duty, profile.duties)
        return False
    return True

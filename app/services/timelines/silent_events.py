"""Which kinds of event of a case a profile makes nothing of."""

from __future__ import annotations

from collections.abc import Iterator

from app.engine.compiled_profile import Profile
from app.services.silence import silent_event
from app.services.timelines.child_timeline import ChildTimeline


def silent_events(line: ChildTimeline) -> Iterator[str]:
    """Yield why nothing comes of each kind of event that a profile makes nothing of, once for each kind.

    What meets or ends an obligation, or closes an episode, starts nothing and is not silent: it is seen in the lines.
    """
    profiles = {result.version.version: result.version.profile for result in line.results if not result.event.assumed}
    for number, profile in sorted(profiles.items()):
        sent = {
            result.event.type
            for result in line.results
            if result.version.version == number and not result.event.assumed
        }
        heeded = _heeded(profile)
        for event in sorted(sent - heeded):
            yield silent_event(line.case.snapshot, profile, event)


def _heeded(profile: Profile) -> set[str]:
    """Return the events that a profile starts something from, or that meet or end something in it."""
    acts = {event for rule in profile.rules for event in (*rule.discharged_by, *rule.ends_on)}
    included = {event for event, spec in profile.vocabulary.events.items() if acts.intersection(spec.includes)}
    closing = {event for kind in profile.vocabulary.episodes.values() for event in kind.closed_by}
    return acts | included | closing | set(profile.event_rules)

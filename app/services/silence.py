"""Say why nothing is due: an event from which a profile starts nothing, a duty that it sets no timescale for."""

from __future__ import annotations

from collections.abc import Iterable

from app.engine.citations import NotComputable
from app.engine.compiled_profile import Profile
from app.services.snapshot.snapshot import Snapshot
from app.services.wording import NOT_COMPUTABLE

MAX_LISTED = 5
OR = " or "


def silent_event(snapshot: Snapshot, profile: Profile, event: str) -> str:
    """Return why nothing comes of an event from which a profile starts nothing.

    Names the events from which the profile dates what others date from this one: Wiltshire dates complete_assessment
    from referral_accepted, and nothing from referral_received.
    """
    families = _families_dated(snapshot, profile, event)
    parts = [f"{profile.key} starts nothing from {event}"]
    if acts := sorted({rule.duty for rule in profile.rules if event in rule.discharged_by}):
        parts.append(f"it shows {_listed(acts)} done")
    own = sorted(duty for duty in profile.duties if profile.vocabulary.family(duty) in families)
    if own:
        dated = (f"{duty} from {_listed(_starts(profile, frozenset((duty,))), OR)}" for duty in own)
        parts.append(f"{profile.key} dates {_listed(dated)}")
    elif families:
        parts.append(f"and sets no timescale for what other profiles date from it ({_listed(sorted(families))})")
    if undated := [item.title for item in undated_at(profile, event)]:
        parts.append(f"its document asks for this without a date: {_listed(undated)}")
    return "; ".join(parts).replace("; and sets", " and sets")


def missing_rule(profile: Profile, duty: str) -> tuple[str, str] | None:
    """Return what to say of a duty of the vocabulary for which a profile has no rule, and its remedy; else None."""
    spec = profile.vocabulary.duties.get(duty)
    if spec is None or profile.vocabulary.kinds(duty) & profile.duties:
        return None
    message = f"{profile.key} sets no timescale for {duty} ({spec.definition.rstrip('.')})"
    undated = [item for item in profile.not_computable if item.duty == duty]
    if undated:
        reasons = dict.fromkeys(NOT_COMPUTABLE[item.reason].sentence.rstrip(".") for item in undated)
        sections = dict.fromkeys(source.section for item in undated for source in item.sources)
        message += f"; not computable ({', '.join(sections)}): {'. '.join(reasons)}"
    family = profile.vocabulary.family(duty)
    related = sorted({each for each in profile.duties if profile.vocabulary.family(each) == family})
    remedy = f"ask for {_listed(related)}" if related else "ask another profile: /v1/duties lists those that set one"
    return message, remedy


def undated_at(profile: Profile, event: str) -> tuple[NotComputable, ...]:
    """Return the standards without a date that an event's answers are to show."""
    return tuple(item for item in profile.not_computable if event in item.events)


def _families_dated(snapshot: Snapshot, profile: Profile, event: str) -> set[str]:
    """Return the general duties that any profile dates from an event."""
    return {
        profile.vocabulary.family(duty) for _, outline in snapshot.outlines() for duty in outline.duties.get(event, ())
    }


def _starts(profile: Profile, duties: frozenset[str]) -> list[str]:
    """Return the events that start a rule of a duty, in the order of their names."""
    return sorted({event for rule in profile.rules if duties & rule.duties for event in rule.events})


def _listed(names: Iterable[str], between: str = ", ") -> str:
    listed = list(names)
    more = len(listed) - MAX_LISTED
    return between.join(listed[:MAX_LISTED]) + (f" and {more} more" if more > 0 else "")

"""What lists say of a profile, without its rules."""

from __future__ import annotations

from collections.abc import Mapping
from sys import intern
from typing import NamedTuple

from app.engine.compiled_profile import Profile


class Outline(NamedTuple):
    """What lists say of a profile: small, so that it stays when the profile is let go."""

    rules: int
    not_computable: int
    duties: Mapping[str, frozenset[str]]
    """By each event that starts a rule, the duties of those rules."""
    shown_by: Mapping[str, tuple[str, ...]]
    """By each duty of a rule, the events of the shared vocabulary that show it done."""


def outline_of(profile: Profile) -> Outline:
    """Return what lists say of a compiled profile."""
    # Every profile has its own copy of the same words.
    duties = {
        intern(event): frozenset(intern(duty) for item in started for duty in item.rule.duties)
        for event, started in profile.by_event.items()
    }
    shown_by: dict[str, dict[str, None]] = {}
    for rule in profile.rules:
        shared = (intern(event) for event in rule.discharged_by if not event.startswith("local_"))
        shown_by.setdefault(intern(rule.duty), {}).update(dict.fromkeys(shared))
    shown = {duty: tuple(events) for duty, events in shown_by.items()}
    return Outline(len(profile.rules), len(profile.not_computable), duties, shown)

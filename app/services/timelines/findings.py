"""What is not assumed: events that only happen if something is found, and what hangs on them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from app.engine.compiled_profile import Profile, Rule
from app.engine.facts import EventSpec


@dataclass(frozen=True, slots=True)
class Conditional:
    """A rule that would apply if something were found: the event that it hangs on, and the fact."""

    profile: str
    child: str | None
    rule: Rule
    event: str
    fact: str | None

    def as_json(self) -> dict[str, object]:
        """Return it as it is answered."""
        return {
            "child": self.child,
            "profile": self.profile,
            "rule": self.rule.id,
            "duty": self.rule.duty,
            "title": self.rule.title,
            "hangs_on": {"event": self.event, "fact": self.fact},
        }


def hangs_on(profile: Profile, event: EventSpec) -> str | None:
    """Return the fact that an event's happening shows found: the one presumed, where it implies several."""
    facts = profile.vocabulary.facts
    names = [name for name, value in event.implies.items() if value is True]
    return min(names, key=lambda name: (facts[name].presumed is None, name), default=None)


def finding_facts(profile: Profile) -> Mapping[str, str]:
    """Return the facts that are true because something was found, with the event that would show it."""
    findings: dict[str, str] = {}
    for event in profile.vocabulary.events.values():
        if event.finding:
            for fact, value in event.implies.items():
                if value is True:
                    findings.setdefault(fact, event.key)
    return findings

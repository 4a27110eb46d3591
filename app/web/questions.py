"""What the explorer asks: the profiles, the events, and only the facts that matter to the two chosen."""

from __future__ import annotations

from dataclasses import dataclass

from app.engine.compiled_profile import Profile
from app.engine.facts import EventSpec, FactSpec
from app.services.snapshot.snapshot import ProfileVersion, Snapshot
from app.web.forms import ExplorerForm, split_choice
from app.web.words import event_heading


@dataclass(frozen=True, slots=True)
class Choice:
    """One option of a list."""

    value: str
    text: str


@dataclass(frozen=True, slots=True)
class Questions:
    """The questions of the form for the chosen profile and event."""

    profiles: tuple[Choice, ...]
    events: tuple[Choice, ...]
    profile: str
    event: str
    definition: str
    deciding: tuple[FactSpec, ...]
    presumed: tuple[FactSpec, ...]

    @property
    def facts(self) -> dict[str, FactSpec]:
        """Return every fact in the form, by key."""
        return {spec.key: spec for spec in (*self.deciding, *self.presumed)}


def questions(snapshot: Snapshot, entered: ExplorerForm) -> Questions:
    """Build the form's questions. A profile or event that does not exist is replaced by the first that does."""
    profiles = profile_choices(snapshot)
    offered = [choice.value for choice in profiles]
    chosen = entered.profile if find_choice(snapshot, entered.profile) is not None else (offered[0] if offered else "")
    version = find_choice(snapshot, chosen)
    if version is None:
        return Questions((), (), "", "", "", (), ())
    events = event_choices(version.profile)
    event = entered.event if entered.event in version.profile.by_event else (events[0].value if events else "")
    specs = relevant_facts(version.profile, event)
    other = find_choice(snapshot, entered.compare)
    if other is not None:
        specs = {**relevant_facts(other.profile, event), **specs}
    ordered = sorted(specs.values(), key=lambda spec: spec.key)
    spec: EventSpec | None = version.profile.vocabulary.events.get(event)
    return Questions(
        profiles=profiles,
        events=events,
        profile=chosen,
        event=event,
        definition=spec.definition if spec is not None else "",
        deciding=tuple(item for item in ordered if item.deciding),
        presumed=tuple(item for item in ordered if not item.deciding),
    )


def find_choice(snapshot: Snapshot, choice: str) -> ProfileVersion | None:
    """Find the version that a choice names: the pinned one, else the latest."""
    key, version = split_choice(choice)
    return snapshot.latest_profile(key) if version is None else snapshot.profile_version(key, version)


def profile_choices(snapshot: Snapshot) -> tuple[Choice, ...]:
    """List every profile, followed by each version of those that have several."""
    found = []
    for key in sorted(snapshot.profiles):
        latest = snapshot.latest_profile(key)
        assert latest is not None
        found.append(Choice(key, f"{latest.record.title} ({key})"))
        versions = snapshot.profiles[key]
        if len(versions) > 1:
            numbers = [each.version for each in versions]
            found += [Choice(f"{key}@{number}", f"{key}, version {number} whatever the date") for number in numbers]
    return tuple(found)


def event_choices(profile: Profile) -> tuple[Choice, ...]:
    """List every event that starts something in a profile, by its noun."""
    named = [Choice(key, event_heading(profile.vocabulary.events[key].noun)) for key in profile.by_event]
    return tuple(sorted(named, key=lambda choice: (choice.text.lower(), choice.value)))


def relevant_facts(profile: Profile, event: str) -> dict[str, FactSpec]:
    """Return the facts that some rule of the event reads and that the event does not imply."""
    if event not in profile.by_event:
        return {}
    spec = profile.vocabulary.events[event]
    said = {*spec.implies, *spec.sets}
    keys = {key for started in profile.by_event[event] for key in started.rule.facts()} - said
    return {key: profile.vocabulary.facts[key] for key in keys}

"""What the explorer asks: which profiles and events there are, and only those facts that matter to the two chosen."""

from __future__ import annotations

from dataclasses import dataclass

from app.engine.compiled_profile import Profile
from app.engine.facts import EventSpec, FactSpec
from app.services.snapshot.snapshot import ProfileVersion, Snapshot
from app.web.forms import Asked, split_choice
from app.web.words import noun


@dataclass(frozen=True, slots=True)
class Choice:
    """One line of a list to choose from."""

    value: str
    text: str


@dataclass(frozen=True, slots=True)
class Questions:
    """What the form offers for the profile and event chosen."""

    profiles: tuple[Choice, ...]
    events: tuple[Choice, ...]
    profile: str
    event: str
    definition: str
    deciding: tuple[FactSpec, ...]
    presumed: tuple[FactSpec, ...]

    @property
    def facts(self) -> dict[str, FactSpec]:
        """Every fact asked for, by key."""
        return {spec.key: spec for spec in (*self.deciding, *self.presumed)}


def questions(snapshot: Snapshot, asked: Asked) -> Questions:
    """The form for what was chosen so far; a profile or event that is not there gives way to the first that is."""
    profiles = profile_choices(snapshot)
    offered = [choice.value for choice in profiles]
    chosen = asked.profile if find(snapshot, asked.profile) is not None else (offered[0] if offered else "")
    version = find(snapshot, chosen)
    if version is None:
        return Questions((), (), "", "", "", (), ())
    events = event_choices(version.profile)
    event = asked.event if asked.event in version.profile.by_event else (events[0].value if events else "")
    specs = matter(version.profile, event)
    other = find(snapshot, asked.compare)
    if other is not None:
        specs = {**matter(other.profile, event), **specs}
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


def find(snapshot: Snapshot, choice: str) -> ProfileVersion | None:
    """The version that a choice names: the one pinned, else the latest."""
    key, version = split_choice(choice)
    return snapshot.latest_profile(key) if version is None else snapshot.profile_version(key, version)


def profile_choices(snapshot: Snapshot) -> tuple[Choice, ...]:
    """Every profile, and beneath one that has several versions each of those."""
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
    """Every event that starts something in a profile, by its noun."""
    spoken = [Choice(key, noun(profile.vocabulary.events[key].noun)) for key in profile.by_event]
    return tuple(sorted(spoken, key=lambda choice: (choice.text.lower(), choice.value)))


def matter(profile: Profile, event: str) -> dict[str, FactSpec]:
    """The facts that some rule of the event reads and that the event does not say by itself."""
    if event not in profile.by_event:
        return {}
    spec = profile.vocabulary.events[event]
    said = {*spec.implies, *spec.sets}
    keys = {key for started in profile.by_event[event] for key in started.rule.facts()} - said
    return {key: profile.vocabulary.facts[key] for key in keys}

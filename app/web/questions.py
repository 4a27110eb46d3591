"""What the explorer asks: the profiles, the events, and only the facts that matter to the two chosen."""

from __future__ import annotations

from dataclasses import dataclass

from app.engine.compiled_profile import Profile
from app.engine.facts import EventSpec, FactSpec
from app.services.snapshot.snapshot import ProfileVersion, Snapshot
from app.web.forms import ExplorerForm, split_choice
from app.web.subjects import Choice, Subject, by_subject, find_events, first_event
from app.web.words import event_heading, label


@dataclass(frozen=True, slots=True)
class Questions:
    """The questions of the form for the chosen profile and event."""

    profiles: tuple[Choice, ...]
    subjects: tuple[Subject, ...]
    profile: str
    event: str
    event_text: str
    definition: str
    missing: str
    """What is said where the profile has no rule for the event requested; empty if it has."""
    search_result: str
    """What is said of a search for an event; empty where there was none."""
    deciding: tuple[FactSpec, ...]
    presumed: tuple[FactSpec, ...]
    rules: tuple[Choice, ...]
    """The rules that the event starts, by what they demand."""

    @property
    def facts(self) -> dict[str, FactSpec]:
        """Return every fact in the form, by key."""
        return {spec.key: spec for spec in (*self.deciding, *self.presumed)}


def questions(snapshot: Snapshot, entered: ExplorerForm, *, calculated: bool = False) -> Questions:
    """Build the form's questions.

    A profile that does not exist is replaced by the first that does. An event that the profile lacks is said, and not
    replaced by another: a date for something else would be worse than none. Nor is one chosen for a reader who asks
    for dates (`calculated`) without choosing any.
    """
    profiles = profile_choices(snapshot)
    offered = [choice.value for choice in profiles]
    chosen = entered.profile if find_choice(snapshot, entered.profile) is not None else (offered[0] if offered else "")
    version = find_choice(snapshot, chosen)
    if version is None:
        return Questions((), (), "", "", "", "", "", "", (), (), ())
    profile = version.profile
    event = entered.event or ("" if calculated else first_event(profile))
    missing = ""
    if event and event not in profile.by_event:
        missing = _missing(profile, _profile_text(version.record.key, version.record.title), event)
    event = "" if missing else event
    matches = find_events(snapshot, profile, profile.by_event, entered.search)
    specs = relevant_facts(profile, event)
    other = find_choice(snapshot, entered.compare)
    if other is not None:
        specs = {**relevant_facts(other.profile, event), **specs}
    ordered = sorted(specs.values(), key=lambda spec: spec.key)
    spec: EventSpec | None = profile.vocabulary.events.get(event)
    return Questions(
        profiles=profiles,
        subjects=by_subject(profile, matches),
        profile=chosen,
        event=event,
        event_text=event_heading(spec.noun) if spec is not None else "",
        definition=spec.definition if spec is not None else "",
        missing=missing,
        search_result=_matches(len(matches), len(profile.by_event)) if entered.search else "",
        deciding=tuple(item for item in ordered if item.deciding),
        presumed=tuple(item for item in ordered if not item.deciding),
        rules=rule_choices(profile, event),
    )


def _missing(profile: Profile, title: str, event: str) -> str:
    spec = profile.vocabulary.events.get(event)
    named = event_heading(spec.noun) if spec is not None else label(event)
    return f"{title} has no timescale that starts with this event: {named}. Choose another event or another profile."


def _matches(matches: int, total: int) -> str:
    return f"{matches} of {total} events match" if matches else f"None of the {total} events matches"


def find_choice(snapshot: Snapshot, choice: str) -> ProfileVersion | None:
    """Find the version that a choice names: the pinned one, else the latest."""
    key, version = split_choice(choice)
    return snapshot.latest_profile(key) if version is None else snapshot.profile_version(key, version)


def profile_choices(snapshot: Snapshot) -> tuple[Choice, ...]:
    """List every profile, its key first so that typing it finds it, with each version of those that have several."""
    choices = []
    for key in sorted(snapshot.profiles):
        latest = snapshot.latest_version(key)
        assert latest is not None
        choices.append(Choice(key, _profile_text(key, latest.record.title)))
        versions = snapshot.profiles[key]
        if len(versions) > 1:
            numbers = [each.version for each in versions]
            choices += [Choice(f"{key}@{number}", f"{key}, version {number} whatever the date") for number in numbers]
    return tuple(choices)


def _profile_text(key: str, title: str) -> str:
    """Return a title that begins with the key, so that typing the authority's name finds it in a list."""
    return title if title.lower().startswith(key) else f"{label(key.replace('-', '_'))}: {title}"


def rule_choices(profile: Profile, event: str) -> tuple[Choice, ...]:
    """List the rules that an event starts, by what they demand and how soon."""
    rules = {started.rule.id: started.rule for started in profile.by_event.get(event, ())}
    named = [Choice(rule.id, rule.title) for rule in rules.values()]
    return tuple(sorted(named, key=lambda choice: (choice.text.lower(), choice.value)))


def relevant_facts(profile: Profile, event: str) -> dict[str, FactSpec]:
    """Return the facts that some rule of the event reads and that the event does not imply."""
    if event not in profile.by_event:
        return {}
    spec = profile.vocabulary.events[event]
    said = {*spec.implies, *spec.sets}
    keys = {key for started in profile.by_event[event] for key in started.rule.facts()} - said
    return {key: profile.vocabulary.facts[key] for key in keys}

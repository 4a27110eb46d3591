"""The events by subject, in the order in which a case meets them, and a search for the right one."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib import resources

from app.engine.compiled_profile import Profile
from app.services.snapshot.snapshot import Snapshot
from app.services.words import find_words
from app.web.reading import contains_all, rule_text
from app.web.words import event_heading, label

# The order of practice; a subject that is not named here follows, by its name.
ORDER = (
    "referral",
    "assessment",
    "child_protection",
    "child_in_need",
    "unborn",
    "court",
    "looked_after",
    "placement",
    "education",
    "missing",
    "leaving_care",
)
LOCAL = "Of this authority alone"
# Where practice starts, so that a first visit to a page opens on something everybody has met.
STARTS = ("referral_received", "referral_accepted", "strategy_discussion_held", "contact_received")


@dataclass(frozen=True, slots=True)
class Choice:
    """One option of a list."""

    value: str
    text: str


@dataclass(frozen=True, slots=True)
class Subject:
    """A heading of the list of events, with its events by noun."""

    heading: str
    events: tuple[Choice, ...]


@cache
def _subject_of_event() -> dict[str, str]:
    """Return the subject of each shared event: the vocabulary keeps one file for each."""
    folder = resources.files("app.profiles.vocabulary").joinpath("events")
    files = [file for file in folder.iterdir() if file.name.endswith(".toml")]
    return {key: file.name.removesuffix(".toml") for file in files for key in tomllib.loads(file.read_text("utf-8"))}


def by_subject(profile: Profile, events: Iterable[str]) -> tuple[Subject, ...]:
    """Group events under their subjects."""
    grouped: dict[str, list[Choice]] = {}
    for event in events:
        choice = Choice(event, event_heading(profile.vocabulary.events[event].noun))
        grouped.setdefault(_subject_of_event().get(event, ""), []).append(choice)
    return tuple(
        Subject(label(subject) if subject else LOCAL, tuple(sorted(grouped[subject], key=lambda one: one.text.lower())))
        for subject in sorted(grouped, key=_place)
    )


def _place(subject: str) -> tuple[bool, int, str]:
    return not subject, ORDER.index(subject) if subject in ORDER else len(ORDER), subject


def first_event(profile: Profile) -> str:
    """Return the event that a page opens on: a referral or a strategy discussion, if the profile starts from one."""
    return next((event for event in STARTS if event in profile.by_event), min(profile.by_event, default=""))


def find_events(snapshot: Snapshot, profile: Profile, events: Iterable[str], query: str) -> list[str]:
    """Return the events that a query finds by the sector's words, else by the text of the rules that they start.

    A section number (13.3) stands in the rules alone.
    """
    if not query.strip():
        return list(events)
    by_words = {hit.word.key for hit in find_words(snapshot, query, ("event",))}
    offered = list(events)
    words = query.lower().split()
    return [event for event in offered if event in by_words] or [
        event for event in offered if contains_all(words, _rules_text(profile, event))
    ]


def _rules_text(profile: Profile, event: str) -> str:
    return " ".join(rule_text(profile, started.rule) for started in profile.by_event.get(event, ()))

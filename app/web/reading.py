"""A profile as a practice lead reads it: by section or by event, with a search."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import cast

from app.engine.citations import NotComputable
from app.engine.compiled_profile import Profile, Rule
from app.engine.phases import First, Phase
from app.engine.series import Series
from app.services.calculation.response import Json
from app.services.catalogue import describe_phase, summarise_rule
from app.services.snapshot.snapshot import ProfileVersion
from app.web.words import UNDATED_REASONS, event_heading

CHAPTER = re.compile(r"(\d+)[.\d]*")


@dataclass(frozen=True, slots=True)
class PhaseWords:
    """One phase of a series, in words."""

    id: str
    title: str
    timing: str
    section: str
    reading: str


@dataclass(frozen=True, slots=True)
class RuleInWords:
    """One rule, in words."""

    summary: Json
    phases: tuple[PhaseWords, ...]
    events: tuple[str, ...]
    restarts: tuple[str, ...]
    met_by: tuple[str, ...]
    ends_on: tuple[str, ...]
    anchor: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """Rules under one heading. `event` is the event that the heading names, if any."""

    heading: str
    anchor: str
    rules: tuple[RuleInWords, ...]
    event: str = ""
    definition: str = ""


@dataclass(frozen=True, slots=True)
class ProfileView:
    """One version, grouped and searched."""

    groups: tuple[Group, ...]
    not_computable: tuple[tuple[str, tuple[NotComputable, ...]], ...]
    selected: int
    total: int


def read(version: ProfileVersion, by: str, query: str) -> ProfileView:
    """Group the rules that contain every search word, by section or event, and the undated standards by reason."""
    profile = version.profile
    words = query.lower().split()
    selected = [rule for rule in profile.rules if contains_all(words, rule_text(profile, rule))]
    groups = by_event(profile, selected) if by == "event" else by_section(profile, selected)
    undated: dict[str, list[NotComputable]] = {}
    for item in profile.not_computable:
        sections = [source.section for source in item.sources]
        if contains_all(
            words, " ".join((item.id, item.title, item.note or "", UNDATED_REASONS.get(item.reason, ""), *sections))
        ):
            undated.setdefault(item.reason, []).append(item)
    return ProfileView(
        groups=groups,
        not_computable=tuple((reason, tuple(items)) for reason, items in sorted(undated.items())),
        selected=len(selected),
        total=len(profile.rules),
    )


def contains_all(words: list[str], text: str) -> bool:
    """Return True if a text contains every word, in any case."""
    lowered = text.lower()
    return all(word in lowered for word in words)


def rule_text(profile: Profile, rule: Rule) -> str:
    """Return all the text of a rule that a search looks at."""
    summary = summarise_rule(profile, rule)
    nouns = [profile.vocabulary.events[event].noun for event in (*rule.events, *rule.restarts)]
    texts = [str(value) for value in summary.values()]
    readable = [text.replace("_", " ") for text in texts]
    return " ".join((*texts, *readable, *nouns, *(phase.title for phase in phases(profile, rule))))


def describe_rule(profile: Profile, rule: Rule, anchor: str = "", event: str | None = None) -> RuleInWords:
    """Describe one rule in words, for one of the events that start or restart it."""
    events = profile.vocabulary.events
    return RuleInWords(
        summary=summarise_rule(profile, rule, event),
        phases=phases(profile, rule),
        events=tuple(events[event].noun for event in rule.events),
        restarts=tuple(events[event].noun for event in rule.restarts),
        met_by=tuple(events[event].noun for event in rule.discharged_by),
        ends_on=tuple(events[event].noun for event in rule.ends_on),
        anchor=anchor,
    )


def phases(profile: Profile, rule: Rule) -> tuple[PhaseWords, ...]:
    """Describe the phases of a series, including its first due date."""
    timing = rule.readings[0].timing
    if not isinstance(timing, Series):
        return ()
    steps: list[Phase | First] = [*([timing.first] if timing.first is not None else []), *timing.phases]
    if len(steps) < 2:
        return ()
    return tuple(
        PhaseWords(
            id=step.overrides.id,
            title=step.overrides.title,
            timing=describe_phase(profile, rule.events[0], step),
            section=", ".join(step.overrides.sections),
            reading=step.overrides.reading,
        )
        for step in steps
    )


def by_section(profile: Profile, rules: Iterable[Rule]) -> tuple[Group, ...]:
    """Group rules by chapter of the document, in its order; with several documents, by document first."""
    documents = {source.document for rule in profile.rules for source in rule.sources}
    by_place: dict[tuple[str, str], list[Rule]] = {}
    for rule in rules:
        source = rule.sources[0]
        by_place.setdefault((source.document if len(documents) > 1 else "", chapter(source.section)), []).append(rule)
    return tuple(
        Group(
            heading=f"{document}: {name}" if document else name,
            anchor=f"group-{number}",
            rules=tuple(
                describe_rule(profile, rule, f"rule-{rule.id}")
                for rule in sorted(
                    by_place[document, name], key=lambda rule: (natural(rule.sources[0].section), rule.id)
                )
            ),
        )
        for number, (document, name) in enumerate(
            sorted(by_place, key=lambda item: (item[0], natural(item[1]))), start=1
        )
    )


def by_event(profile: Profile, rules: Iterable[Rule]) -> tuple[Group, ...]:
    """Group rules by each event that starts or restarts them. A rule's anchor is at its first place."""
    selected = {rule.id for rule in rules}
    placed: set[str] = set()
    groups = []
    events = sorted(profile.by_event, key=lambda event: event_heading(profile.vocabulary.events[event].noun).lower())
    for number, event in enumerate(events, start=1):
        members = []
        for rule_id in dict.fromkeys(started.rule.id for started in profile.by_event[event]):
            rule = cast(Rule, profile.rule(rule_id))
            if rule_id in selected:
                members.append(describe_rule(profile, rule, "" if rule_id in placed else f"rule-{rule_id}", event))
                placed.add(rule_id)
        if members:
            spec = profile.vocabulary.events[event]
            groups.append(Group(event_heading(spec.noun), f"group-{number}", tuple(members), event, spec.definition))
    return tuple(groups)


def chapter(section: str) -> str:
    """Return the chapter of a section: 13.3 is in section 13; "Standard 4" is a chapter of its own."""
    match = CHAPTER.match(section)
    return f"Section {match[1]}" if match else section


def natural(text: str) -> tuple[tuple[int, int, str], ...]:
    """Return a sort key that puts 9.2 before 13.1."""
    parts = re.findall(r"\d+|\D+", text)
    return tuple((0, int(part), "") if part.isdecimal() else (1, 0, part) for part in parts)

"""Render a profile as a Markdown report: what is due when, after which event, from which section; and what has no date.

It is made from the compiled rules alone, so that what a practice lead signs off is what the service calculates with.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from app.engine.citations import Source
from app.engine.compiled_profile import ApplicableRule, Profile, Rule
from app.engine.phases import First, Phase
from app.engine.series import Series
from app.services.catalogue import describe_phase
from app.services.snapshot.snapshot import ProfileVersion, Snapshot
from app.services.usual_reading import usual_reading
from app.services.wording import NOT_COMPUTABLE, SECONDARY


def profile_report(version: ProfileVersion) -> str:
    """Return the report of one profile version."""
    profile = version.profile
    parts = [
        f"# {profile.title}",
        _about(version),
        _contents(profile),
        *(_event(profile, event) for event in _events(profile)),
        _without_date(profile),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def profile_index(snapshot: Snapshot) -> str:
    """Return the page that lists the reports."""
    rows = []
    for key in sorted(snapshot.profiles):
        profile = snapshot.profiles[key][-1].profile
        rows.append((f"[{key}]({key}.md)", profile.title, str(len(profile.rules)), str(len(profile.not_computable))))
    return (
        "# The packaged profiles\n\n"
        "Each page is generated from its profile with `make docs`: what is due, when and by whom, event by event, with "
        "the section of the document, how unclear paragraphs were read, and what no date can be given for. Questions "
        "that the documents leave open are decided in [decisions.md](decisions.md).\n\n"
        + _table(("Profile", "Document", "Rules", "Standards without a date"), rows)
        + "\n"
    )


def _about(version: ProfileVersion) -> str:
    document, profile = version.record.resolved, version.profile
    start = profile.in_force_from
    lines = [
        f"- Profile: `{profile.key}`" + (f", of {document['authority']}" if document.get("authority") else ""),
        f"- In force: {'from ' + start.isoformat() if start else 'no date is printed; from the beginning'}",
        f"- Calendar: `{profile.calendar}`",
        f"- Rules: {len(profile.rules)}; standards that no date can be given for: {len(profile.not_computable)}",
    ]
    documents = document.get("documents")
    if isinstance(documents, Mapping):
        lines += [f"- Document: {_document(item)}" for item in documents.values() if isinstance(item, Mapping)]
    lines += [
        f"- Events from {item.starts.isoformat()} on are answered with a warning: {item.text}"
        for item in profile.warnings
    ]
    intro = (
        "Days are counted as docs/counting.md says: the day of the event is day 0; a working day is Monday to Friday "
        "and not in the calendar."
    )
    return "\n".join(lines) + f"\n\n{intro}"


def _document(item: Mapping[str, object]) -> str:
    issued = f" ({item['issued']})" if item.get("issued") else ""
    address = f", <{item['url']}>" if item.get("url") else ""
    return f"{item['title']}{issued}{address}"


def _events(profile: Profile) -> list[str]:
    return sorted(profile.by_event, key=lambda event: profile.vocabulary.events[event].noun.removeprefix("the "))


def _heading(profile: Profile, event: str) -> str:
    return f"After {profile.vocabulary.events[event].noun}"


def _contents(profile: Profile) -> str:
    lines = [
        f"- [{_heading(profile, event)}](#{_anchor(_heading(profile, event))}): {len(profile.by_event[event])}"
        for event in _events(profile)
    ]
    return "## What starts a clock\n\n" + "\n".join(lines)


def _anchor(heading: str) -> str:
    """Return the anchor of a heading, as code hosts and most Markdown renderers make it."""
    letters = "".join(letter for letter in heading.lower() if letter.isalnum() or letter in " -")
    return letters.replace(" ", "-")


def _event(profile: Profile, event: str) -> str:
    spec = profile.vocabulary.events[event]
    started = profile.by_event[event]
    rows = [
        (
            item.rule.title + (" (counted again)" if item.restarted else ""),
            item.descriptions[usual_reading(item)],
            _when(item.rule) or "always",
            ", ".join(item.rule.responsible),
            item.rule.strength,
            _sections(item.templates[usual_reading(item)].sources),
        )
        for item in started
    ]
    table = _table(("What", "By when", "Only if", "By whom", "Strength", "Section"), rows)
    notes = [note for item in started if not item.restarted for note in _notes(profile, item, event)]
    notes += [
        f"- Without a date: {_escape(item.title)} ({_sections(item.sources)})"
        for item in profile.not_computable
        if event in item.events
    ]
    parts = [f"## {_heading(profile, event)}", f"`{event}`: {spec.definition}", table]
    return "\n\n".join([*parts, "\n".join(notes)] if notes else parts)


def _when(rule: Rule) -> str:
    conditions = [rule.when.describe()] if rule.when is not None else []
    if rule.exception_to is not None:
        conditions.append(f"instead of {rule.exception_to}")
    if rule.in_force_from is not None:
        conditions.append(f"from {rule.in_force_from.isoformat()}")
    if rule.in_force_to is not None:
        conditions.append(f"until {rule.in_force_to.isoformat()}")
    return "; ".join(conditions)


def _notes(profile: Profile, item: ApplicableRule, event: str) -> Iterator[str]:
    """Yield a rule's reading, its other readings, its phases, and the events that discharge and end it."""
    rule, usual = item.rule, usual_reading(item)
    lines: list[str] = []
    timing = rule.readings[usual].timing
    if isinstance(timing, Series) and (timing.first is not None or len(timing.phases) > 1):
        phases: list[Phase | First] = [*([timing.first] if timing.first is not None else []), *timing.phases]
        lines += [f"phase: {_phase(profile, event, phase)}" for phase in phases]
    if rule.reading:
        lines.append(f"reading: {rule.reading}")
    for place, other in enumerate(item.cited_readings):
        if place != usual:
            section = f" ({other.section})" if other.section else ""
            lines.append(f"otherwise: {other.text}{section}")
    if rule.discharged_by:
        lines.append(f"met by: {_nouns(profile, rule.discharged_by)}")
    if rule.ends_on:
        lines.append(f"no longer required after: {_nouns(profile, rule.ends_on)}")
    if rule.certainty == "secondary":
        lines.append(f"certainty: {SECONDARY}")
    if rule.note:
        lines.append(f"note: {rule.note}")
    if lines:
        yield f"- **{_escape(rule.title)}** (`{rule.id}`)"
        for line in lines:
            yield f"  - {_escape(line)}"


def _phase(profile: Profile, event: str, phase: Phase | First) -> str:
    said = [describe_phase(profile, event, phase)]
    overrides = phase.overrides
    if isinstance(phase, Phase) and phase.when is not None:
        said.append(f"if {phase.when.describe()}")
    if overrides.title:
        said.insert(0, f"{overrides.title}:")
    if overrides.responsible:
        said.append(f"by {', '.join(overrides.responsible)}")
    if overrides.sections:
        said.append(f"({', '.join(overrides.sections)})")
    if overrides.reading:
        said.append(f"- {overrides.reading}")
    return " ".join(said)


def _nouns(profile: Profile, events: Sequence[str]) -> str:
    return ", ".join(profile.vocabulary.events[event].noun for event in events)


def _without_date(profile: Profile) -> str:
    items = profile.not_computable
    if not items:
        return ""
    parts = ["## What no date can be given for"]
    for reason in dict.fromkeys(
        item.reason for item in sorted(items, key=lambda item: list(NOT_COMPUTABLE).index(item.reason))
    ):
        chosen = [item for item in items if item.reason == reason]
        rows = [(item.title, _nouns(profile, item.events), _sections(item.sources), item.note or "") for item in chosen]
        parts.append(f"### {NOT_COMPUTABLE[reason].label}\n\n{NOT_COMPUTABLE[reason].sentence}")
        parts.append(_table(("Standard", "Asked about at", "Section", "Note"), rows))
    return "\n\n".join(parts)


def _sections(sources: Iterable[Source]) -> str:
    return ", ".join(dict.fromkeys(source.section for source in sources))


def _table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [columns, ["---"] * len(columns), *([_escape(cell) for cell in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _escape(text: str) -> str:
    """Return text on one line, with Markdown's own characters escaped."""
    return " ".join(text.replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;").replace("*", "\\*").split())

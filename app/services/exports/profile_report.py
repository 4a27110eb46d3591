"""A profile as a page to read: what is due when, after which event, from which section; and what has no date, and why.

It is written from the compiled rules alone, so that what a practice lead signs off is what answers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from app.engine.compiled_profile import NotComputable, Profile, Rule, Source
from app.engine.phases import First, Phase
from app.engine.series import Series
from app.services.catalogue import describe_phase
from app.services.snapshot.snapshot import ProfileVersion, Snapshot

REASONS = {
    "no_interval_printed": "The document asks for it without saying how soon or how often.",
    "no_event": "Nothing that a caller records starts the clock.",
    "outside_calendar_needed": "It needs a calendar that is not held here, such as school terms.",
    "status_not_duty": "It describes how things should stand, not something to be done by a day.",
    "accumulated_history_needed": "It depends on a history that a caller does not send.",
}
STRENGTHS = {"must": "must", "should": "should", "suggested": "suggested"}


def profile_report(version: ProfileVersion) -> str:
    """The page of one profile version, as Markdown."""
    profile = version.profile
    parts = [
        f"# {profile.title}",
        _about(version),
        _contents(profile),
        *(_event(profile, event) for event in _events(profile)),
        _without_date(profile.not_computable),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def profile_index(snapshot: Snapshot) -> str:
    """The page that lists the others."""
    rows = []
    for key in sorted(snapshot.profiles):
        profile = snapshot.profiles[key][-1].profile
        rows.append((f"[{key}]({key}.md)", profile.title, str(len(profile.rules)), str(len(profile.not_computable))))
    return (
        "# The packaged profiles\n\n"
        "Each page is generated from its profile with `make docs`: what is due, when and by whom, event by event, with "
        "the section of the document, how unclear paragraphs were read, and what no date can be given for.\n\n"
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
    """The address of a heading, as code hosts and most Markdown readers make it."""
    kept = "".join(letter for letter in heading.lower() if letter.isalnum() or letter in " -")
    return kept.replace(" ", "-")


def _event(profile: Profile, event: str) -> str:
    spec = profile.vocabulary.events[event]
    started = profile.by_event[event]
    rows = [
        (
            item.rule.title + (" (counted anew)" if item.restarted else ""),
            item.rule.words(profile.vocabulary.events[item.rule.events[0]].noun),
            _when(item.rule),
            ", ".join(item.rule.responsible),
            STRENGTHS[item.rule.strength],
            _sections(item.rule.sources),
        )
        for item in started
    ]
    table = _table(("What", "By when", "Only if", "By whom", "Strength", "Section"), rows)
    notes = [note for item in started if not item.restarted for note in _notes(profile, item.rule)]
    parts = [f"## {_heading(profile, event)}", f"`{event}`: {spec.definition}", table]
    return "\n\n".join([*parts, "\n".join(notes)] if notes else parts)


def _when(rule: Rule) -> str:
    conditions = [rule.when.words()] if rule.when is not None else []
    if rule.exception_to is not None:
        conditions.append(f"instead of {rule.exception_to}")
    if rule.in_force_from is not None:
        conditions.append(f"from {rule.in_force_from.isoformat()}")
    if rule.in_force_to is not None:
        conditions.append(f"until {rule.in_force_to.isoformat()}")
    return "; ".join(conditions)


def _notes(profile: Profile, rule: Rule) -> Iterator[str]:
    """How the rule's text was read, its other readings, its phases, what meets and what ends it."""
    noun = profile.vocabulary.events[rule.events[0]].noun
    lines: list[str] = []
    timing = rule.readings[0].timing
    if isinstance(timing, Series) and (timing.first is not None or len(timing.phases) > 1):
        phases: list[Phase | First] = [*([timing.first] if timing.first is not None else []), *timing.phases]
        lines += [f"phase: {_phase(profile, rule, phase)}" for phase in phases]
    if rule.reading:
        lines.append(f"reading: {rule.reading}")
    for other in rule.readings[1:]:
        section = f" ({other.section})" if other.section else ""
        worded = other.timing.words(noun)
        lines.append(f"otherwise: {other.text or worded}{section}")
    if rule.discharged_by:
        lines.append(f"met by: {_nouns(profile, rule.discharged_by)}")
    if rule.ends_on:
        lines.append(f"no longer owed after: {_nouns(profile, rule.ends_on)}")
    if rule.note:
        lines.append(f"note: {rule.note}")
    if lines:
        yield f"- **{_plain(rule.title)}** (`{rule.id}`)"
        for line in lines:
            yield f"  - {_plain(line)}"


def _phase(profile: Profile, rule: Rule, phase: Phase | First) -> str:
    said = [describe_phase(profile, rule, phase)]
    says = phase.says
    if isinstance(phase, Phase) and phase.when is not None:
        said.append(f"if {phase.when.words()}")
    if says.title:
        said.insert(0, f"{says.title}:")
    if says.responsible:
        said.append(f"by {', '.join(says.responsible)}")
    if says.sections:
        said.append(f"({', '.join(says.sections)})")
    if says.reading:
        said.append(f"- {says.reading}")
    return " ".join(said)


def _nouns(profile: Profile, events: Sequence[str]) -> str:
    return ", ".join(profile.vocabulary.events[event].noun for event in events)


def _without_date(items: Sequence[NotComputable]) -> str:
    if not items:
        return ""
    parts = ["## What no date can be given for"]
    for reason in dict.fromkeys(
        item.reason for item in sorted(items, key=lambda item: list(REASONS).index(item.reason))
    ):
        chosen = [item for item in items if item.reason == reason]
        rows = [(item.title, _sections(item.sources), item.note or "") for item in chosen]
        parts.append(f"### {reason.replace('_', ' ').capitalize()}\n\n{REASONS[reason]}")
        parts.append(_table(("Standard", "Section", "Note"), rows))
    return "\n\n".join(parts)


def _sections(sources: Iterable[Source]) -> str:
    return ", ".join(dict.fromkeys(source.section for source in sources))


def _table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [columns, ["---"] * len(columns), *([_plain(cell) for cell in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _plain(text: str) -> str:
    """Text that Markdown shows as it is, on one line."""
    return " ".join(text.replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;").replace("*", "\\*").split())

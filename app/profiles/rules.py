"""One rule of a document, read into the engine's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import cast

from app.engine.compiled_profile import Basis, Reading, Rule, Source, Vocabulary
from app.engine.conditions import Condition
from app.engine.facts import AfterEnd, EventSpec
from app.engine.phases import Strength
from app.engine.series import Series
from app.engine.timing import Undated
from app.profiles.conditions import read_condition
from app.profiles.reader import Reader, Table, listed
from app.profiles.timings import BESIDE, ONE_OFF, RECURRING, STRENGTHS, Names, Variant, read_timing

RULE_KEYS = frozenset(
    {
        "id",
        "duty",
        "title",
        "event",
        "restarts_on",
        "restart_when",
        "when",
        "timing",
        "responsible",
        "strength",
        "basis",
        "source",
        "exception_to",
        "discharged_by",
        "discharged_when",
        "ends_on",
        "reading",
        "alternatives",
        "keep_declared",
        "in_force",
        "note",
        "episode",
        "not_owed_when",
        "excused_when",
        "after_end",
        "done_before",
        "occasion",
        "rests_during",
    }
)
REQUIRED = frozenset({"id", "duty", "title", "event", "timing", "strength", "source"})
AFTER_END: tuple[AfterEnd, ...] = ("ends", "stays")
BASES = ("local", "statute", "regulations", "statutory_guidance", "court_rules")
TIMING_KEYS = ONE_OFF | RECURRING | frozenset().union(*BESIDE.values())
ALTERNATIVE_KEYS = frozenset({"timing", "reading", "section", "unit_stated"})
UNSTATED_READING = "the unit is printed only as days: both calendar and working days are given, the stricter being main"


@dataclass(frozen=True, slots=True)
class Documents:
    """The titles a source may name, and the one that stands where it names none."""

    titles: Mapping[str, str]
    default: str | None


def read_rule(
    reader: Reader, value: object, path: str, vocabulary: Vocabulary, documents: Documents, names: Names, basis: Basis
) -> Rule | None:
    """One rule; None where its faults leave nothing to go on."""
    table = value if isinstance(value, Mapping) else {}
    rule_id = table.get("id")
    with reader.rule(rule_id if isinstance(rule_id, str) else None):
        return _rule(reader, reader.table(value, path, RULE_KEYS, REQUIRED), path, vocabulary, documents, names, basis)


def _rule(
    reader: Reader, table: Table, path: str, vocabulary: Vocabulary, documents: Documents, names: Names, basis: Basis
) -> Rule | None:
    duty = reader.text(table, "duty", path)
    if duty:
        reader.known(duty, f"{path}.duty", "duty", vocabulary.duties)
    events = _events(reader, table, "event", path, vocabulary.events)
    restarts = _events(reader, table, "restarts_on", path, vocabulary.events)
    variants = read_timing(reader, table.get("timing"), f"{path}.timing", names) if "timing" in table else []
    recurring = bool(variants) and isinstance(variants[0].timing, Series)
    if restarts and variants and not recurring:
        reader.fault(
            f"{path}.restarts_on", "only a series restarts", "name the event under event, or make it recurring"
        )
    if "restart_when" in table and not restarts:
        reader.fault(f"{path}.restart_when", "nothing restarts this rule", "add restarts_on")
    for overlap in set(events) & set(restarts):
        reader.fault(f"{path}.restarts_on", f"{overlap} both starts and restarts the series", "name it once")
    sources, cited = read_sources(reader, table, path, documents)
    alternatives = _alternatives(reader, table, path, names, recurring=recurring) if variants else []
    readings = _readings(variants, alternatives, sources)
    reading = reader.text(table, "reading", path) or None
    if alternatives and reading is None:
        reader.fault(path, "a rule with alternatives says how it reads the text", "add reading")
    if reading is None and len(readings) > 1:
        reading = UNSTATED_READING
    strength = reader.text(table, "strength", path, "must")
    if strength not in STRENGTHS:
        reader.fault(f"{path}.strength", f"'{strength}' is no strength", f"use one of {', '.join(STRENGTHS)}")
    own_basis = reader.text(table, "basis", path, basis)
    if own_basis not in BASES:
        reader.fault(f"{path}.basis", f"'{own_basis}' is no basis", f"use one of {', '.join(BASES)}")
    force = reader.table(table.get("in_force", {}), f"{path}.in_force", frozenset({"from", "to"}))
    rule = Rule(
        id=reader.text(table, "id", path),
        duty=duty,
        title=reader.text(table, "title", path),
        events=events,
        restarts=restarts,
        when=_condition(reader, table, "when", path, names),
        restart_when=_condition(reader, table, "restart_when", path, names),
        # A rule without a readable timing is read to its end all the same, for its other faults.
        readings=readings or (Reading(Undated(""), "", None, explicit=True),),
        reading=reading,
        settled=reader.flag(table, "keep_declared", path),
        responsible=reader.texts(table, "responsible", path),
        strength=cast(Strength, strength),
        basis=cast(Basis, own_basis),
        sources=sources,
        exception_to=reader.text(table, "exception_to", path) or None,
        discharged_by=_events(reader, table, "discharged_by", path, vocabulary.events),
        discharged_when=_condition(reader, table, "discharged_when", path, names),
        ends_on=_events(reader, table, "ends_on", path, vocabulary.events),
        in_force_from=reader.day(force, "from", f"{path}.in_force"),
        in_force_to=reader.day(force, "to", f"{path}.in_force"),
        note=reader.text(table, "note", path) or None,
        documents=cited,
        episodes=_kinds(reader, table, "episode", path, vocabulary),
        not_owed_when=_condition(reader, table, "not_owed_when", path, names),
        excused_when=_condition(reader, table, "excused_when", path, names),
        after_end=_after_end(reader, table, path, duty, vocabulary),
        done_before=_kind(reader, table, "done_before", path, vocabulary),
        occasion=reader.flag(table, "occasion", path),
        rests_during=_kinds(reader, table, "rests_during", path, vocabulary),
    )
    return rule if readings and events else None


def _condition(reader: Reader, table: Table, key: str, path: str, names: Names) -> Condition | None:
    return read_condition(reader, table[key], f"{path}.{key}", names.facts) if key in table else None


def _kinds(reader: Reader, table: Table, key: str, path: str, vocabulary: Vocabulary) -> tuple[str, ...]:
    named = reader.texts(table, key, path)
    return tuple(kind for kind in named if reader.known(kind, f"{path}.{key}", "episode", vocabulary.episodes))


def _kind(reader: Reader, table: Table, key: str, path: str, vocabulary: Vocabulary) -> str | None:
    kind = reader.text(table, key, path)
    return kind if kind and reader.known(kind, f"{path}.{key}", "episode", vocabulary.episodes) else None


def _after_end(reader: Reader, table: Table, path: str, duty: str, vocabulary: Vocabulary) -> AfterEnd:
    """Whether the rule's limits end with their episode: as it says, else as its duty does."""
    spec = vocabulary.duties.get(duty)
    said = reader.text(table, "after_end", path, spec.after_end if spec is not None else AFTER_END[0])
    if said not in AFTER_END:
        reader.fault(f"{path}.after_end", f"'{said}' says nothing of an end", f"use one of {listed(AFTER_END)}")
    return cast(AfterEnd, said)


def _events(reader: Reader, table: Table, key: str, path: str, events: Mapping[str, EventSpec]) -> tuple[str, ...]:
    named = reader.texts(table, key, path)
    return tuple(name for name in dict.fromkeys(named) if reader.known(name, f"{path}.{key}", "event", events))


def read_sources(
    reader: Reader, table: Table, path: str, documents: Documents
) -> tuple[tuple[Source, ...], tuple[str, ...]]:
    """The cited paragraphs, and the keys of the documents they stand in."""
    sources: list[Source] = []
    cited: list[str] = []
    entries = reader.tables(table, "source", path)
    if "source" in table and not entries:
        reader.fault(f"{path}.source", "nothing is cited", 'write source = [{ section = "13.3" }]')
    for where, item in entries:
        entry = reader.table(item, where, frozenset({"section", "document"}), frozenset({"section"}))
        key = reader.text(entry, "document", where) or documents.default
        if not documents.titles:
            continue  # that the profile names no document is said already, and once
        if key is None:
            known = listed(documents.titles)
            reader.fault(where, "it is not said which document this section stands in", f"add document, one of {known}")
            continue
        if key not in documents.titles:
            known = listed(documents.titles)
            reader.fault(f"{where}.document", f"'{key}' is not a document of this profile", f"name one of {known}")
            continue
        section = reader.text(entry, "section", where)
        if section:
            sources.append(Source(documents.titles[key], section))
            cited.append(key)
    return tuple(sources), tuple(dict.fromkeys(cited))


def _alternatives(reader: Reader, table: Table, path: str, names: Names, *, recurring: bool) -> list[Variant]:
    found: list[Variant] = []
    for where, item in reader.tables(table, "alternatives", path):
        entry = reader.table(item, where, ALTERNATIVE_KEYS, frozenset({"timing", "reading"}))
        text = reader.text(entry, "reading", where)
        section = reader.text(entry, "section", where) or None
        stated = reader.flag(entry, "unit_stated", where) if "unit_stated" in entry else True
        if "timing" not in entry:
            continue
        for variant in read_timing(reader, entry["timing"], f"{where}.timing", names):
            is_series = isinstance(variant.timing, Series)
            if is_series is not recurring and not isinstance(variant.timing, Undated):
                reader.fault(
                    f"{where}.timing", "an alternative is of the rule's own kind", "make both recurring, or neither"
                )
            found.append(Variant(variant.timing, text, section, variant.explicit and stated))
    return found


def _readings(variants: list[Variant], alternatives: list[Variant], sources: tuple[Source, ...]) -> tuple[Reading, ...]:
    """The declared timing's own readings, then the alternatives; one that repeats another's timing adds nothing."""
    section = sources[0].section if sources else None
    kept: list[Reading] = []
    for variant in [*variants, *alternatives]:
        repeated = next((n for n, item in enumerate(kept) if item.timing == variant.timing), None)
        if repeated is None:
            kept.append(Reading(variant.timing, variant.text, variant.section or section, variant.explicit))
        elif variant.explicit and not kept[repeated].explicit:
            kept[repeated] = replace(kept[repeated], explicit=True)
    return tuple(kept)

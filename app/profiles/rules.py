"""Read one rule of a document into the engine's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import cast

from app.documents.faults import listed
from app.documents.reader import Reader, Table
from app.engine.citations import Source
from app.engine.compiled_profile import Basis, Certainty, Reading, Rule, duties_of_phases
from app.engine.conditions import Condition
from app.engine.facts import AfterEnd, EventSpec
from app.engine.phases import Strength
from app.engine.series import Series
from app.engine.timing import Timing, Undated, Within
from app.engine.vocabulary import Vocabulary
from app.profiles.conditions import read_condition
from app.profiles.grammar import DAY, FLAG, KEY, TEXT, TEXTS, Shape, list_of, one_of, ref, shape
from app.profiles.series_timings import STRENGTHS
from app.profiles.timing_kind import Names, Variant
from app.profiles.timings import read_timing

AFTER_END: tuple[AfterEnd, ...] = ("ends", "stays")
CERTAINTIES: tuple[Certainty, ...] = ("verified", "secondary")
CLOSURES = ("skip", "count")
BASES = ("local", "statute", "regulations", "statutory_guidance", "court_rules")
SOURCE = shape("section", section=TEXT, document=TEXT)
ALTERNATIVE = shape(
    *("timing", "reading"),
    timing=ref("timing"),
    event=ref("event"),
    reading=TEXT,
    section=TEXT,
    document=TEXT,
    unit_stated=FLAG,
)
IN_FORCE = Shape({"from": DAY, "to": DAY})
RULE = Shape(
    {
        "id": KEY,
        "duty": ref("duty"),
        "title": TEXT,
        "event": ref("events"),
        "restarts_on": ref("events"),
        "restart_when": ref("condition"),
        "when": ref("condition"),
        "timing": ref("timing"),
        "responsible": TEXTS,
        "strength": one_of(STRENGTHS),
        "basis": one_of(BASES),
        "source": ref("sources"),
        "exception_to": KEY,
        "discharged_by": {"anyOf": [ref("event"), list_of(ref("event"))]},
        "discharged_when": ref("condition"),
        "ends_on": ref("events"),
        "reading": TEXT,
        "alternatives": list_of(ALTERNATIVE.schema()),
        "keep_declared": FLAG,
        "in_force": IN_FORCE.schema(),
        "note": TEXT,
        "episode": ref("episodes"),
        "not_owed_when": ref("condition"),
        "excused_when": ref("condition"),
        "after_end": one_of(AFTER_END),
        "done_before": ref("episode"),
        "occasion": FLAG,
        "rests_during": ref("episodes"),
        "certainty": one_of(CERTAINTIES),
        "closures": one_of(CLOSURES),
    },
    frozenset({"id", "duty", "title", "event", "timing", "strength", "source"}),
)
NO_EVENT = frozenset({"none", "no", "n/a", "na", "nothing", "-", "nil"})
"""How people write that no event shows a duty done."""
UNSTATED_READING = "the unit is printed only as days: both calendar and working days are given, the stricter being main"


@dataclass(frozen=True, slots=True)
class Documents:
    """The documents that a source may name."""

    titles: Mapping[str, str]
    default: str | None
    """The only document, which a source need not name."""


def read_rule(
    reader: Reader, value: object, path: str, vocabulary: Vocabulary, documents: Documents, names: Names, basis: Basis
) -> Rule | None:
    """Read one rule; None where it has no readable timing or event."""
    table = value if isinstance(value, Mapping) else {}
    rule_id = table.get("id")
    with reader.within_rule(rule_id if isinstance(rule_id, str) else None):
        return _rule(reader, RULE.read(reader, value, path), path, vocabulary, documents, names, basis)


def _rule(
    reader: Reader, table: Table, path: str, vocabulary: Vocabulary, documents: Documents, names: Names, basis: Basis
) -> Rule | None:
    duty = reader.text(table, "duty", path)
    if duty:
        reader.name(duty, f"{path}.duty", "duty", vocabulary.duties)
    events = read_events(reader, table, "event", path, vocabulary.events)
    restarts = read_events(reader, table, "restarts_on", path, vocabulary.events)
    variants = read_timing(reader, table.get("timing"), f"{path}.timing", names) if "timing" in table else []
    recurring = bool(variants) and isinstance(variants[0].timing, Series)
    if restarts and variants and not recurring:
        reader.fault(
            f"{path}.restarts_on",
            "only a recurring rule can restart",
            "name the event under event, or make it recurring",
        )
    if "restart_when" in table and not restarts:
        reader.fault(f"{path}.restart_when", "nothing restarts this rule", "add restarts_on")
    for overlap in set(events) & set(restarts):
        reader.fault(f"{path}.restarts_on", f"{overlap} both starts and restarts the series", "name it once")
    sources, cited = read_sources(reader, table, path, documents)
    alternatives = _alternatives(reader, table, path, vocabulary, names, documents, recurring) if variants else []
    readings = _readings(variants, alternatives, sources, documents)
    cited = tuple(dict.fromkeys((*cited, *(each.document for each in alternatives if each.document))))
    reading = reader.text(table, "reading", path) or None
    if alternatives and reading is None:
        reader.fault(path, "a rule with alternatives must say how it reads the text", "add reading")
    if reading is None and len(readings) > 1:
        reading = UNSTATED_READING
    in_force = IN_FORCE.read(reader, table.get("in_force", {}), f"{path}.in_force")
    rule = Rule(
        id=reader.key(table, "id", path, "rule id"),
        duty=duty,
        title=reader.text(table, "title", path),
        events=events,
        restarts=restarts,
        when=_condition(reader, table, "when", path, names),
        restart_when=_condition(reader, table, "restart_when", path, names),
        # A rule without a readable timing is read to its end all the same, for its other faults.
        readings=readings or (Reading(Undated(""), "", None, explicit=True),),
        reading=reading,
        keeps_declared=reader.flag(table, "keep_declared", path),
        responsible=reader.texts(table, "responsible", path),
        strength=cast(Strength, reader.choice(table, "strength", path, STRENGTHS, "must")),
        basis=cast(Basis, reader.choice(table, "basis", path, BASES, basis)),
        sources=sources,
        exception_to=reader.text(table, "exception_to", path) or None,
        discharged_by=read_events(reader, table, "discharged_by", path, vocabulary.events),
        discharged_when=_condition(reader, table, "discharged_when", path, names),
        ends_on=read_events(reader, table, "ends_on", path, vocabulary.events),
        in_force_from=reader.day(in_force, "from", f"{path}.in_force"),
        in_force_to=reader.day(in_force, "to", f"{path}.in_force"),
        note=reader.text(table, "note", path) or None,
        documents=cited,
        episodes=_kinds(reader, table, "episode", path, vocabulary),
        not_owed_when=_condition(reader, table, "not_owed_when", path, names),
        excused_when=_condition(reader, table, "excused_when", path, names),
        after_end=_after_end(reader, table, path, duty, vocabulary),
        done_before=_kind(reader, table, "done_before", path, vocabulary),
        occasion=reader.flag(table, "occasion", path),
        rests_during=_kinds(reader, table, "rests_during", path, vocabulary),
        certainty=cast(Certainty, reader.choice(table, "certainty", path, CERTAINTIES, "verified")),
        closures_count=_closures_count(reader, table, path, frozenset((duty, *duties_of_phases(readings))), vocabulary),
        closures_stated="closures" in table,
    )
    return rule if readings and events else None


def _condition(reader: Reader, table: Table, key: str, path: str, names: Names) -> Condition | None:
    return read_condition(reader, table[key], f"{path}.{key}", names.facts) if key in table else None


def _kinds(reader: Reader, table: Table, key: str, path: str, vocabulary: Vocabulary) -> tuple[str, ...]:
    named = reader.texts(table, key, path)
    return tuple(kind for kind in named if reader.name(kind, f"{path}.{key}", "episode", vocabulary.episodes))


def _kind(reader: Reader, table: Table, key: str, path: str, vocabulary: Vocabulary) -> str | None:
    kind = reader.text(table, key, path)
    return kind if kind and reader.name(kind, f"{path}.{key}", "episode", vocabulary.episodes) else None


def _after_end(reader: Reader, table: Table, path: str, duty: str, vocabulary: Vocabulary) -> AfterEnd:
    """Read whether the rule's limits end with their episode: as it says, else as its duty does."""
    spec = vocabulary.duties.get(duty)
    default = spec.after_end if spec is not None else "ends"
    return cast(AfterEnd, reader.choice(table, "after_end", path, AFTER_END, default))


def _closures_count(reader: Reader, table: Table, path: str, duties: frozenset[str], vocabulary: Vocabulary) -> bool:
    """Read whether a council's closure days count as working days: as the rule says, else where it protects a child."""
    default = "count" if any(vocabulary.protection(duty) for duty in duties) else "skip"
    return reader.choice(table, "closures", path, CLOSURES, default) == "count"


def read_events(reader: Reader, table: Table, key: str, path: str, events: Mapping[str, EventSpec]) -> tuple[str, ...]:
    """Return the events that a key names, once each; a fault for every name that the vocabulary does not have."""
    named = reader.texts(table, key, path)
    if key == "discharged_by" and len(named) == 1 and named[0].casefold() in NO_EVENT:
        message = f"'{named[0]}' is no event"
        reader.fault(f"{path}.{key}", message, "where no event shows it done: discharged_by = []")
        return ()
    return tuple(name for name in dict.fromkeys(named) if reader.name(name, f"{path}.{key}", "event", events))


def read_sources(
    reader: Reader, table: Table, path: str, documents: Documents
) -> tuple[tuple[Source, ...], tuple[str, ...]]:
    """Read the cited paragraphs, and the keys of the documents that contain them."""
    sources: list[Source] = []
    cited: list[str] = []
    entries = reader.tables(table, "source", path)
    if isinstance(table.get("source"), list | tuple) and not entries:
        reader.fault(f"{path}.source", "no source is cited", 'write source = [{ section = "5.1" }]')
    for where, item in entries:
        entry = SOURCE.read(reader, item, where)
        key = reader.text(entry, "document", where) or documents.default
        if not documents.titles:
            continue  # the profile names no document, which is one fault already
        if key is None:
            names = listed(documents.titles)
            reader.fault(where, "the document that contains this section is not named", f"add document, one of {names}")
            continue
        if key not in documents.titles:
            names = listed(documents.titles)
            reader.fault(f"{where}.document", f"'{key}' is not a document of this profile", f"name one of {names}")
            continue
        section = reader.text(entry, "section", where)
        if section:
            sources.append(Source(documents.titles[key], section))
            cited.append(key)
    return tuple(sources), tuple(dict.fromkeys(cited))


def _alternatives(
    reader: Reader,
    table: Table,
    path: str,
    vocabulary: Vocabulary,
    names: Names,
    documents: Documents,
    recurring: bool,
) -> list[Variant]:
    alternatives: list[Variant] = []
    for where, item in reader.tables(table, "alternatives", path):
        entry = ALTERNATIVE.read(reader, item, where)
        text = reader.text(entry, "reading", where)
        section = reader.text(entry, "section", where) or None
        document = _other_document(reader, entry, where, documents)
        stated = reader.flag(entry, "unit_stated", where, default=True)
        if "timing" not in entry:
            continue
        variants = read_timing(reader, entry["timing"], f"{where}.timing", names)
        if "event" in entry:
            variants = _starting_from(reader, entry, where, variants, vocabulary)
        for variant in variants:
            is_series = isinstance(variant.timing, Series)
            if is_series is not recurring and not isinstance(variant.timing, Undated):
                reader.fault(
                    f"{where}.timing",
                    "an alternative must be recurring where its rule is, and only there",
                    "make both recurring, or neither",
                )
            alternatives.append(Variant(variant.timing, text, section, document, variant.explicit and stated))
    return alternatives


def _other_document(reader: Reader, entry: Table, path: str, documents: Documents) -> str | None:
    """Read the key of the document that prints an alternative; None where it is the one that its rule cites first."""
    key = reader.text(entry, "document", path) or None
    if key is not None and key not in documents.titles:
        remedy = f"name one of {listed(documents.titles)}"
        reader.fault(f"{path}.document", f"'{key}' is not a document of this profile", remedy)
        return None
    if key is not None and "section" not in entry:
        reader.fault(path, "the section of that document is missing", "add section, or leave document out")
    return key


def _starting_from(
    reader: Reader, table: Table, path: str, variants: list[Variant], vocabulary: Vocabulary
) -> list[Variant]:
    """Return an alternative's timings counted from another event: from its date where one is set, else undated."""
    name = reader.text(table, "event", path)
    if not reader.name(name, f"{path}.event", "event", vocabulary.events):
        return []
    event = vocabulary.events[name]
    counted = []
    for variant in variants:
        timing = variant.timing
        if not isinstance(timing, Within) or timing.since is not None:
            message = "only a length after its event can be counted from another event"
            reader.fault(f"{path}.event", message, "write timing = { within = { … } } or { at = { … } }")
            return []
        dates = [vocabulary.facts[fact] for fact in event.sets if fact in vocabulary.facts]
        other = replace(timing, since=dates[0]) if dates else Undated(timing.describe(event.noun))
        counted.append(replace(variant, timing=other))
    return counted


def _readings(
    variants: list[Variant], alternatives: list[Variant], sources: tuple[Source, ...], documents: Documents
) -> tuple[Reading, ...]:
    """Return the declared timing's own readings, then the alternatives, each timing once."""
    section = sources[0].section if sources else None
    # A phase's alternative cites its section by the phase alone: the other phases are the rule's.
    own = {
        id(other): Source(documents.titles[other.document] if other.document else sources[0].document, other.section)
        for other in alternatives
        if other.section and sources
    }
    readings: dict[Timing | Series, Reading] = {}
    for variant in [*variants, *alternatives]:
        before = readings.get(variant.timing)
        if before is None:
            readings[variant.timing] = Reading(
                variant.timing, variant.text, variant.section or section, variant.explicit, own.get(id(variant))
            )
        elif variant.explicit and not before.explicit:
            readings[variant.timing] = replace(before, explicit=True)
    return tuple(readings.values())

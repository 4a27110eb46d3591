"""Read a whole profile document, TOML or JSON, strictly into a compiled profile."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, time, timedelta
from typing import cast

from app.documents.faults import Fault, listed
from app.documents.nesting import is_deeper_than
from app.documents.reader import Reader, Table
from app.engine.citations import DatedWarning, NotComputable
from app.engine.compile_profile import compile_profile
from app.engine.compiled_profile import Basis, Profile, Rule
from app.engine.phase_ends import Projection, UntilHeld
from app.engine.phases import First, Phase
from app.engine.series import Series
from app.engine.timing import Timing
from app.engine.vocabulary import Vocabulary
from app.profiles.faults import InvalidProfile
from app.profiles.grammar import DAY, EXAMPLES, KEY, TEXT, Shape, list_of, one_of, ref, shape
from app.profiles.misplaced import put_in_place
from app.profiles.rules import BASES, Documents, read_events, read_rule, read_sources
from app.profiles.series_timings import PendingUntilHeld
from app.profiles.timing_kind import Names
from app.profiles.vocabulary import (
    VOCABULARY,
    WORD,
    check_vocabulary,
    read_vocabulary,
    shared_vocabulary,
    with_own_nouns,
)
from app.profiles.vocabulary.search import nearest_in_meaning

# No condition that a person can follow is nested like this.
MAX_DEPTH = 60
FORMAT = 1
DOCUMENT = shape(
    "title",
    title=TEXT,
    issued={"anyOf": [TEXT, DAY]},
    url=TEXT,
    note=TEXT,
    superseded_on=DAY,
    superseded_by=TEXT,
)
WARNING = Shape({"from": DAY, "to": DAY, "document": TEXT, "text": TEXT}, frozenset({"from", "text"}))
REASONS = (
    "no_interval_printed",
    "no_event",
    "outside_calendar_needed",
    "status_not_duty",
    "accumulated_history_needed",
    "not_verified",
    "decided_case_by_case",
)
NOT_COMPUTABLE = shape(
    *("id", "title", "reason", "source"),
    id=TEXT,
    title=TEXT,
    reason=one_of(REASONS),
    source=ref("sources"),
    note=TEXT,
    event=ref("events"),
    duty=ref("duty"),
)
BASE = shape("key", "version", key=TEXT, version={"type": "integer", "minimum": 1})
PROFILE = Shape(
    {
        "format": {"const": FORMAT},
        "key": KEY,
        "title": TEXT,
        "authority": TEXT,
        "calendar": {**TEXT, "description": "A calendar's key, such as england-and-wales."},
        "basis": one_of(BASES),
        "in_force_from": DAY,
        "review_due": DAY,
        "documents": {"type": "object", "minProperties": 1, "additionalProperties": ref("document")},
        "warnings": list_of(WARNING.schema()),
        "vocabulary": ref("vocabulary"),
        "rules": list_of(ref("rule")),
        "not_computable": list_of(ref("not_computable")),
        "extends": BASE.schema(),
        "remove_rules": list_of(TEXT),
    },
    frozenset({"format", "key", "title", "calendar", "documents", "rules"}),
)


@dataclass(frozen=True, slots=True)
class Loaded:
    """A compiled profile with the document that it was read from."""

    profile: Profile
    document: Mapping[str, object]


def load_profile(document: Mapping[str, object], file: str | None = None) -> Loaded:
    """Read and compile a profile document. Raises InvalidProfile with every fault at once."""
    if is_deeper_than(document, MAX_DEPTH):
        raise InvalidProfile([Fault("", "the document is nested too deeply", "write flatter conditions")], file)
    reader = Reader(nearest_in_meaning, EXAMPLES)
    table = PROFILE.read(reader, put_in_place(reader, document, PROFILE, DOCUMENT), "")
    if "format" in table and table["format"] != FORMAT:
        reader.fault("format", f"this is not format {FORMAT}", f"write format = {FORMAT}")
    for key in ("extends", "remove_rules"):
        if key in table:
            reader.fault(key, "this document extends another one", "resolve it before it is compiled")
    vocabulary = _vocabulary(reader, table)
    documents, warnings = _documents(reader, table)
    basis = cast(Basis, reader.choice(table, "basis", "", BASES, "local"))
    reader.text(table, "authority")
    key, title, calendar = reader.key(table, "key"), reader.text(table, "title"), reader.text(table, "calendar")
    warnings += _warnings(reader, table, documents)
    starts = reader.day(table, "in_force_from")
    rules = _rules(reader, table, vocabulary, documents, basis)
    not_computable = _not_computable(reader, table, documents, vocabulary)
    if reader.faults:
        raise InvalidProfile(reader.faults, file)
    profile = compile_profile(
        key=key,
        title=title,
        calendar=calendar,
        rules=rules,
        vocabulary=vocabulary,
        warnings=tuple(warnings),
        not_computable=not_computable,
        in_force_from=starts,
    )
    return Loaded(profile, document)


def _vocabulary(reader: Reader, table: Table) -> Vocabulary:
    """Return the shared words and the profile's own, which start with local_."""
    shared = shared_vocabulary()
    if "vocabulary" not in table:
        return shared
    own = VOCABULARY.read(reader, table["vocabulary"], "vocabulary")
    nouns = reader.table(own.get("nouns", {}), "vocabulary.nouns", None)
    tables = {name: cast(Table, own[name]) for name in own if name != "nouns" and isinstance(own[name], Mapping)}
    for name, words in tables.items():
        for word in words:
            if not str(word).startswith("local_") or not WORD.fullmatch(str(word)):
                message = f"'{word}' is not a valid name: a profile's own word starts with local_"
                reader.fault(f"vocabulary.{name}.{word}", message, f"call it local_{word}")
    local = read_vocabulary(reader, tables, "vocabulary.")
    joined = Vocabulary(
        {**shared.events, **local.events},
        {**shared.facts, **local.facts},
        {**shared.duties, **local.duties},
        {**shared.episodes, **local.episodes},
    )
    check_vocabulary(reader, joined, "vocabulary.", local)
    return with_own_nouns(reader, nouns, joined, "vocabulary.nouns")


def _documents(reader: Reader, table: Table) -> tuple[Documents, list[DatedWarning]]:
    value = table.get("documents", {})
    titles: dict[str, str] = {}
    warnings: list[DatedWarning] = []
    if "documents" not in table:
        return Documents(titles, None), warnings
    if not isinstance(value, Mapping) or not value:
        reader.fault(
            "documents", "a profile must name at least one document", 'write [documents.main] with title = "…"'
        )
        return Documents(titles, None), warnings
    for key, item in value.items():
        path = f"documents.{key}"
        entry = DOCUMENT.read(reader, item, path)
        titles[str(key)] = reader.text(entry, "title", path)
        gone = reader.day(entry, "superseded_on", path)
        if gone is not None:
            by = reader.text(entry, "superseded_by", path)
            text = f"{titles[str(key)]} was superseded on {gone.isoformat()}" + (f" by {by}" if by else "")
            warnings.append(
                DatedWarning(gone, f"{text}: its limits are still given, unchecked against the newer text", str(key))
            )
    return Documents(titles, next(iter(titles)) if len(titles) == 1 else None), warnings


def _warnings(reader: Reader, table: Table, documents: Documents) -> list[DatedWarning]:
    """Return the document's own warnings, and one from the day after its review date."""
    warnings: list[DatedWarning] = []
    review = reader.day(table, "review_due")
    if review is not None:
        text = f"the document's own review date, {review.isoformat()}, had passed on the day of the event"
        warnings.append(DatedWarning(review + timedelta(days=1), text))
    for where, item in reader.tables(table, "warnings"):
        entry = WARNING.read(reader, item, where)
        starts, ends = reader.day(entry, "from", where), reader.day(entry, "to", where)
        document = reader.text(entry, "document", where) or None
        if document is not None and document not in documents.titles:
            message = f"'{document}' is not a document of this profile"
            reader.fault(f"{where}.document", message, f"name one of {listed(documents.titles)}")
        if starts is not None:
            warnings.append(DatedWarning(starts, reader.text(entry, "text", where), document, ends))
    return warnings


def _rules(
    reader: Reader, table: Table, vocabulary: Vocabulary, documents: Documents, basis: Basis
) -> tuple[Rule, ...]:
    names = Names(vocabulary.facts, vocabulary.duties)
    rules: dict[str, tuple[str, Rule]] = {}
    for path, item in reader.tables(table, "rules"):
        rule = read_rule(reader, item, path, vocabulary, documents, names, basis)
        if rule is None:
            continue
        if rule.id and rule.id in rules:
            reader.fault(f"{path}.id", f"rule {rule.id} is declared twice", "give each rule an id of its own")
        rules[rule.id] = (path, rule)
    for path, rule in rules.values():
        if rule.exception_to is not None and rule.exception_to not in rules:
            with reader.within_rule(rule.id):
                reader.name(rule.exception_to, f"{path}.exception_to", "rule", rules)
    return tuple(_joined(reader, path, rule, rules, vocabulary) for path, rule in rules.values())


def _joined(
    reader: Reader, path: str, rule: Rule, rules: Mapping[str, tuple[str, Rule]], vocabulary: Vocabulary
) -> Rule:
    """Return the rule with every phase that ends with another rule's event joined to that rule's due date."""

    def series(timing: Timing | Series) -> Timing | Series:
        if not isinstance(timing, Series):
            return timing
        return replace(timing, phases=tuple(phase_of(phase) for phase in timing.phases))

    def phase_of(phase: Phase) -> Phase:
        if not isinstance(phase.end, PendingUntilHeld):
            return phase
        pending = phase.end
        projection = None
        if pending.projected_by:
            with reader.within_rule(rule.id):
                projection = _projection(reader, path, pending.projected_by, rules, vocabulary)
        return replace(phase, end=UntilHeld(pending.held_on, projection, pending.counts_from))

    return replace(rule, readings=tuple(replace(reading, timing=series(reading.timing)) for reading in rule.readings))


def _projection(
    reader: Reader, path: str, rule_id: str, rules: Mapping[str, tuple[str, Rule]], vocabulary: Vocabulary
) -> Projection | None:
    if not reader.name(rule_id, f"{path}.timing", "rule", rules):
        return None
    other = rules[rule_id][1]
    timing = other.readings[0].timing
    first = timing.first if isinstance(timing, Series) else timing
    if isinstance(first, First):
        first = first.timing
    dates = vocabulary.events[other.events[0]].sets
    if first is None or not dates:
        reader.fault(
            f"{path}.timing",
            f"{rule_id} has no first due date counted from a dated event",
            "name a rule whose event sets a date and whose first due date is one-off",
        )
        return None
    return Projection(first, vocabulary.facts[dates[0]])


def _not_computable(
    reader: Reader, table: Table, documents: Documents, vocabulary: Vocabulary
) -> tuple[NotComputable, ...]:
    standards: list[NotComputable] = []
    for path, item in reader.tables(table, "not_computable"):
        entry = NOT_COMPUTABLE.read(reader, item, path)
        reason = reader.choice(entry, "reason", path, REASONS, "")
        sources, _ = read_sources(reader, entry, path, documents)
        text = reader.text(entry, "note", path) or None
        duty = reader.text(entry, "duty", path) or None
        if duty is not None:
            reader.name(duty, f"{path}.duty", "duty", vocabulary.duties)
        standards.append(
            NotComputable(
                id=reader.text(entry, "id", path),
                title=reader.text(entry, "title", path),
                reason=reason,
                sources=sources,
                note=text,
                events=read_events(reader, entry, "event", path, vocabulary.events),
                duty=duty,
            )
        )
    return tuple(standards)


def as_json(value: object) -> object:
    """Return the document as JSON: dates and times become text, tables keep their keys."""
    if isinstance(value, Mapping):
        return {str(key): as_json(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [as_json(item) for item in value]
    return value.isoformat() if isinstance(value, date | time) else value

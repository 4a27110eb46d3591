"""A whole profile document, TOML or JSON, read strictly into a compiled profile."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import cast

from app.engine.compiled_profile import Basis, DatedWarning, NotComputable, Profile, Rule, Vocabulary, compile_profile
from app.engine.phase_ends import Projection, UntilHeld
from app.engine.phases import First, Phase
from app.engine.series import Series
from app.engine.timing import Timing
from app.profiles.faults import Fault, InvalidProfile
from app.profiles.reader import Reader, Table, listed
from app.profiles.rules import BASES, Documents, read_rule, read_sources
from app.profiles.timings import Names, PendingUntilHeld
from app.profiles.vocabulary import check_vocabulary, read_vocabulary, shared_vocabulary

# No condition that a person can follow is nested like this.
DEEPEST = 60
FORMAT = 1
TOP_KEYS = frozenset(
    {
        "format",
        "key",
        "title",
        "authority",
        "calendar",
        "basis",
        "in_force_from",
        "review_due",
        "documents",
        "warnings",
        "vocabulary",
        "rules",
        "not_computable",
        "extends",
        "remove_rules",
    }
)
REQUIRED = frozenset({"format", "key", "title", "calendar", "documents", "rules"})
DOCUMENT_KEYS = frozenset({"title", "issued", "url", "note", "superseded_on", "superseded_by"})
REASONS = (
    "no_interval_printed",
    "no_event",
    "outside_calendar_needed",
    "status_not_duty",
    "accumulated_history_needed",
)
KEY = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
WORD = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True, slots=True)
class Loaded:
    """A document that was read: the compiled profile, the document as given, and the warnings of its reading."""

    profile: Profile
    document: Mapping[str, object]
    warnings: tuple[Fault, ...]


def load_profile(document: Mapping[str, object], file: str | None = None) -> Loaded:
    """Read and compile a profile document. Raises InvalidProfile with every fault at once."""
    if _deeper_than(document, DEEPEST):
        raise InvalidProfile((Fault("", "the document is nested too deeply", "write flatter conditions"),), file)
    reader = Reader()
    table = reader.table(document, "profile", TOP_KEYS, REQUIRED)
    if "format" in table and table["format"] != FORMAT:
        reader.fault("format", f"this is not format {FORMAT}", f"write format = {FORMAT}")
    for key in ("extends", "remove_rules"):
        if key in table:
            reader.fault(
                key, "this document rests on another and must be resolved first", "resolve it before it is compiled"
            )
    key = reader.text(table, "key", "profile")
    if key and not KEY.fullmatch(key):
        reader.fault("key", f"'{key}' is no key", "use small letters, digits and single hyphens")
    vocabulary = _vocabulary(reader, table)
    documents, warnings = _documents(reader, table)
    review = reader.day(table, "review_due", "profile")
    if review is not None:
        text = f"the document's own review date, {review.isoformat()}, had passed on the day of the event"
        warnings.append(DatedWarning(review + timedelta(days=1), text))
    for where, item in reader.tables(table, "warnings", ""):
        entry = reader.table(item, where, frozenset({"from", "text"}), frozenset({"from", "text"}))
        starts = reader.day(entry, "from", where)
        if starts is not None:
            warnings.append(DatedWarning(starts, reader.text(entry, "text", where)))
    basis = reader.text(table, "basis", "profile", "local")
    if basis not in BASES:
        reader.fault("basis", f"'{basis}' is no basis", f"use one of {', '.join(BASES)}")
        basis = "local"
    title, calendar = reader.text(table, "title", "profile"), reader.text(table, "calendar", "profile")
    reader.text(table, "authority", "profile")
    starts = reader.day(table, "in_force_from", "profile")
    rules = _rules(reader, table, vocabulary, documents, cast(Basis, basis))
    left_out = _not_computable(reader, table, documents)
    if any(fault.severity == "error" for fault in reader.faults):
        raise InvalidProfile(tuple(fault for fault in reader.faults if fault.severity == "error"), file)
    profile = compile_profile(
        key=key,
        title=title,
        calendar=calendar,
        rules=rules,
        vocabulary=vocabulary,
        warnings=tuple(warnings),
        not_computable=left_out,
        in_force_from=starts,
    )
    return Loaded(profile, document, tuple(fault for fault in reader.faults if fault.severity == "warning"))


def _deeper_than(document: object, levels: int) -> bool:
    """Whether tables and lists lie in one another deeper than so many levels; without recursion of its own."""
    layer: list[object] = [document]
    for _ in range(levels):
        inner: list[object] = []
        for item in layer:
            if isinstance(item, Mapping):
                inner.extend(item.values())
            elif isinstance(item, list):
                inner.extend(item)
        layer = [item for item in inner if isinstance(item, Mapping | list)]
        if not layer:
            return False
    return True


def _vocabulary(reader: Reader, table: Table) -> Vocabulary:
    """The shared words and the profile's own, which are prefixed local_."""
    shared = shared_vocabulary()
    if "vocabulary" not in table:
        return shared
    own = reader.table(table["vocabulary"], "vocabulary", frozenset({"events", "facts", "duties", "episodes"}))
    tables = {name: cast(Table, own[name]) for name in own if isinstance(own[name], Mapping)}
    for name, words in tables.items():
        for word in words:
            if not str(word).startswith("local_") or not WORD.fullmatch(str(word)):
                reader.fault(
                    f"vocabulary.{name}.{word}", "a profile's own word starts with local_", f"call it local_{word}"
                )
    local = read_vocabulary(reader, tables, "vocabulary.")
    joined = Vocabulary(
        {**shared.events, **local.events},
        {**shared.facts, **local.facts},
        {**shared.duties, **local.duties},
        {**shared.episodes, **local.episodes},
    )
    check_vocabulary(reader, joined, "vocabulary.", local)
    return joined


def _documents(reader: Reader, table: Table) -> tuple[Documents, list[DatedWarning]]:
    value = table.get("documents", {})
    titles: dict[str, str] = {}
    warnings: list[DatedWarning] = []
    if "documents" not in table:
        return Documents(titles, None), warnings
    if not isinstance(value, Mapping) or not value:
        reader.fault("documents", "a profile names at least one document", 'write [documents.main] with title = "…"')
        return Documents(titles, None), warnings
    for key, item in value.items():
        path = f"documents.{key}"
        entry = reader.table(item, path, DOCUMENT_KEYS, frozenset({"title"}))
        titles[str(key)] = reader.text(entry, "title", path)
        gone = reader.day(entry, "superseded_on", path)
        if gone is not None:
            by = reader.text(entry, "superseded_by", path)
            text = f"{titles[str(key)]} was superseded on {gone.isoformat()}" + (f" by {by}" if by else "")
            warnings.append(
                DatedWarning(gone, f"{text}: its limits are still given, unchecked against the newer text", str(key))
            )
    return Documents(titles, next(iter(titles)) if len(titles) == 1 else None), warnings


def _rules(
    reader: Reader, table: Table, vocabulary: Vocabulary, documents: Documents, basis: Basis
) -> tuple[Rule, ...]:
    names = Names(vocabulary.facts, vocabulary.duties)
    found: dict[str, tuple[str, Rule]] = {}
    for path, item in reader.tables(table, "rules", ""):
        rule = read_rule(reader, item, path, vocabulary, documents, names, basis)
        if rule is None:
            continue
        if not KEY.fullmatch(rule.id):
            reader.fault(f"{path}.id", f"'{rule.id}' is no rule id", "use small letters, digits and single hyphens")
        if rule.id in found:
            reader.fault(f"{path}.id", f"rule {rule.id} stands twice", "give each rule an id of its own")
        found[rule.id] = (path, rule)
    for path, rule in found.values():
        if rule.exception_to is not None and rule.exception_to not in found:
            with reader.rule(rule.id):
                reader.known(rule.exception_to, f"{path}.exception_to", "rule", found)
    return tuple(_joined(reader, path, rule, found, vocabulary) for path, rule in found.values())


def _joined(
    reader: Reader, path: str, rule: Rule, rules: Mapping[str, tuple[str, Rule]], vocabulary: Vocabulary
) -> Rule:
    """The rule with every phase that ends with another rule's event joined to that rule's limit."""

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
            with reader.rule(rule.id):
                projection = _projection(reader, path, pending.projected_by, rules, vocabulary)
        return replace(phase, end=UntilHeld(pending.held_on, projection, pending.counts_from))

    return replace(rule, readings=tuple(replace(reading, timing=series(reading.timing)) for reading in rule.readings))


def _projection(
    reader: Reader, path: str, rule_id: str, rules: Mapping[str, tuple[str, Rule]], vocabulary: Vocabulary
) -> Projection | None:
    if not reader.known(rule_id, f"{path}.timing", "rule", rules):
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
            f"{rule_id} has no first limit counted from a dated event",
            "name a rule whose event sets a date and whose first limit is one-off",
        )
        return None
    return Projection(first, vocabulary.facts[dates[0]])


def _not_computable(reader: Reader, table: Table, documents: Documents) -> tuple[NotComputable, ...]:
    found: list[NotComputable] = []
    for path, item in reader.tables(table, "not_computable", ""):
        entry = reader.table(
            item,
            path,
            frozenset({"id", "title", "reason", "source", "note"}),
            frozenset({"id", "title", "reason", "source"}),
        )
        reason = reader.text(entry, "reason", path)
        if "reason" in entry and reason not in REASONS:
            reader.fault(f"{path}.reason", f"'{reason}' is no reason", f"use one of {listed(REASONS)}")
        sources, _ = read_sources(reader, entry, path, documents)
        text = reader.text(entry, "note", path) or None
        found.append(
            NotComputable(reader.text(entry, "id", path), reader.text(entry, "title", path), reason, sources, text)
        )
    return tuple(found)


def as_json(value: object) -> object:
    """The document as JSON holds it: dates become text, tables keep their keys."""
    if isinstance(value, Mapping):
        return {str(key): as_json(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [as_json(item) for item in value]
    return value.isoformat() if isinstance(value, date) else value

"""The profile format as a JSON Schema, for editors and for callers that check a document before they send it.

It is built from the loader's own tables and the shared vocabulary. The loader knows more than a schema can say: that
names are declared, phases do not overlap, sources cite declared documents.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from app.engine.compiled_profile import Vocabulary
from app.engine.facts import FactSpec
from app.engine.units import UNITS
from app.profiles import conditions, document, rules, timings, vocabulary
from app.profiles.durations import LENGTHS

Schema = dict[str, Any]

DIALECT = "https://json-schema.org/draft/2020-12/schema"
TEXT: Schema = {"type": "string", "pattern": r"\S"}
TEXTS: Schema = {"anyOf": [TEXT, {"type": "array", "items": TEXT}]}
FLAG: Schema = {"type": "boolean"}
DAY: Schema = {"type": "string", "format": "date", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}
KEY: Schema = {"type": "string", "pattern": f"^{document.KEY.pattern}$"}


def profile_schema() -> Schema:
    """The whole schema."""
    words = vocabulary.shared_vocabulary()
    return {
        "$schema": DIALECT,
        "title": "Practice Deadlines profile",
        "description": "One body's time rules as data: which event starts what, by when, from which paragraph.",
        **_table(
            document.TOP_KEYS,
            document.REQUIRED - {"calendar", "documents", "rules"},
            {
                "format": {"const": document.FORMAT},
                "key": KEY,
                "title": TEXT,
                "authority": TEXT,
                "calendar": {**TEXT, "description": "A calendar's key, such as england-and-wales."},
                "basis": {"enum": list(rules.BASES)},
                "in_force_from": DAY,
                "review_due": DAY,
                "documents": {"type": "object", "minProperties": 1, "additionalProperties": _ref("document")},
                "warnings": _list(_table({"from", "text"}, {"from", "text"}, {"from": DAY, "text": TEXT})),
                "vocabulary": _ref("vocabulary"),
                "rules": _list(_ref("rule")),
                "not_computable": _list(_ref("not_computable")),
                "extends": _table(
                    {"key", "version"}, {"key", "version"}, {"key": TEXT, "version": {"type": "integer", "minimum": 1}}
                ),
                "remove_rules": {"type": "array", "items": TEXT},
            },
        ),
        # A document that extends another takes from it what it does not say.
        "if": {"not": {"required": ["extends"]}},
        "then": {"required": ["calendar", "documents", "rules"]},
        "$defs": _definitions(words),
    }


def _definitions(words: Vocabulary) -> Schema:
    return {
        "event": _word(words.events, "An event of the shared vocabulary, or one declared as local_."),
        "fact": _word(words.facts, "A fact of the shared vocabulary, or one declared as local_."),
        "duty": _word(words.duties, "A duty of the shared vocabulary, or one declared as local_."),
        "episode": _word(words.episodes, "A kind of episode of the shared vocabulary, or one declared as local_."),
        "events": {"anyOf": [_ref("event"), {"type": "array", "items": _ref("event"), "minItems": 1}]},
        "document": _table(
            document.DOCUMENT_KEYS,
            {"title"},
            {
                "title": TEXT,
                "issued": {"anyOf": [TEXT, DAY]},
                "url": TEXT,
                "note": TEXT,
                "superseded_on": DAY,
                "superseded_by": TEXT,
            },
        ),
        "source": _table({"section", "document"}, {"section"}, {"section": TEXT, "document": TEXT}),
        "sources": {"type": "array", "items": _ref("source"), "minItems": 1},
        "duration": _one_of_units(UNITS, "A length of time: the unit is the key."),
        "length": _one_of_units(LENGTHS, "A length of time; days_unstated where the document says only days."),
        "age": {
            **_table({"years", "months"}, (), {"years": _number(0, 10_000), "months": _number(0, 11)}),
            "minProperties": 1,
        },
        "condition": _condition(words.facts.values()),
        "timing": _timing(),
        "end": _end(),
        "phase": _phase(),
        "first": _first(),
        "rule": _rule(),
        "not_computable": _table(
            {"id", "title", "reason", "source", "note"},
            {"id", "title", "reason", "source"},
            {
                "id": TEXT,
                "title": TEXT,
                "reason": {"enum": list(document.REASONS)},
                "source": _ref("sources"),
                "note": TEXT,
            },
        ),
        "vocabulary": _vocabulary(),
    }


def _rule() -> Schema:
    return _table(
        rules.RULE_KEYS,
        rules.REQUIRED,
        {
            "id": KEY,
            "duty": _ref("duty"),
            "title": TEXT,
            "event": _ref("events"),
            "restarts_on": _ref("events"),
            "restart_when": _ref("condition"),
            "when": _ref("condition"),
            "timing": _ref("timing"),
            "responsible": TEXTS,
            "strength": {"enum": list(timings.STRENGTHS)},
            "basis": {"enum": list(rules.BASES)},
            "source": _ref("sources"),
            "exception_to": KEY,
            "discharged_by": _ref("events"),
            "discharged_when": _ref("condition"),
            "ends_on": _ref("events"),
            "reading": TEXT,
            "alternatives": _list(
                _table(
                    rules.ALTERNATIVE_KEYS,
                    {"timing", "reading"},
                    {"timing": _ref("timing"), "reading": TEXT, "section": TEXT, "unit_stated": FLAG},
                )
            ),
            "keep_declared": FLAG,
            "in_force": _table({"from", "to"}, (), {"from": DAY, "to": DAY}),
            "note": TEXT,
            "episode": {"anyOf": [_ref("episode"), {"type": "array", "items": _ref("episode"), "minItems": 1}]},
            "not_owed_when": _ref("condition"),
            "excused_when": _ref("condition"),
            "after_end": {"enum": list(vocabulary.AFTER_END)},
            "done_before": _ref("episode"),
            "occasion": FLAG,
            "rests_during": {"anyOf": [_ref("episode"), {"type": "array", "items": _ref("episode"), "minItems": 1}]},
        },
    )


def _timing_parts() -> Schema:
    """Every kind of timing, and what may stand beside one."""
    zero = {"working_days": {"const": 0}, "days": {"const": 0}}
    opening = {"anyOf": [_ref("duration"), *(_table({unit}, {unit}, {unit: zero[unit]}) for unit in sorted(zero))]}
    weeks = _table({"weeks"}, {"weeks"}, {"weeks": _number(1, 42)})
    several = {"type": "array", "items": _ref("timing"), "minItems": 2}
    return {
        "within": _ref("length"),
        "at": _ref("length"),
        "same_day": {"const": True},
        "immediately": {"const": True},
        "before": {"anyOf": [_ref("length"), _table({"nothing"}, {"nothing"}, {"nothing": {"const": True}})]},
        "lookback": _ref("length"),
        "not_before": _ref("length"),
        "window": _table({"opens", "closes"}, {"opens", "closes"}, {"opens": opening, "closes": _ref("duration")}),
        "at_age": _ref("age"),
        "by_age": _ref("age"),
        "before_age": _ref("age"),
        "not_before_age": _ref("age"),
        "at_gestation": weeks,
        "by_gestation": weeks,
        "school_year": _table({"year"}, {"year"}, {"year": _number(0, 13)}),
        "earliest_of": several,
        "latest_of": several,
        "undated": TEXT,
        "every": _ref("length"),
        "phases": {"type": "array", "items": _ref("phase"), "minItems": 1},
        "quota": _table({"times", "per"}, {"times", "per"}, {"times": _number(1, 10_000), "per": _ref("duration")}),
        "from": _ref("fact"),
        "event_day": {"enum": [0, 1]},
        "first": _ref("first"),
        "until": _ref("end"),
        "counter": _ref("fact"),
    }


def _timing() -> Schema:
    """Exactly one kind, with what may stand beside it."""
    parts = _timing_parts()
    kinds = sorted(timings.ONE_OFF | timings.RECURRING)
    return {
        "type": "object",
        "description": "One kind of timing; the unit of a length is its key.",
        "oneOf": [
            _table({kind, *timings.BESIDE.get(kind, ())}, {kind}, _only(parts, {kind, *timings.BESIDE.get(kind, ())}))
            for kind in kinds
        ],
    }


SAYINGS: Schema = {
    "id": TEXT,
    "title": TEXT,
    "responsible": TEXTS,
    "section": TEXTS,
    "reading": TEXT,
}


def _phase() -> Schema:
    planned = _table({"fact", "at_least_every"}, {"fact"}, {"fact": _ref("fact"), "at_least_every": _ref("duration")})
    other = _table(
        {"every", "reading", "section"},
        {"every", "reading"},
        {"every": _ref("length"), "reading": TEXT, "section": TEXT},
    )
    parts = {
        **SAYINGS,
        "every": _ref("length"),
        "as_planned": planned,
        "when": _ref("condition"),
        "until": _ref("end"),
        "duty": _ref("duty"),
        "strength": {"enum": list(timings.STRENGTHS)},
        "alternatives": _list(other),
    }
    return {
        **_table(timings.PHASE_KEYS, (), parts),
        "oneOf": [{"required": ["every"]}, {"required": ["as_planned"]}],
    }


def _first() -> Schema:
    alternative = {
        "type": "object",
        "required": ["reading"],
        "properties": {**_timing_parts(), "reading": TEXT, "section": TEXT},
    }
    parts = {
        **_timing_parts(),
        **SAYINGS,
        "duty": _ref("duty"),
        "strength": {"enum": list(timings.STRENGTHS)},
        "alternatives": _list(alternative),
    }
    return _table(timings.FIRST_KEYS, (), _only(parts, timings.FIRST_KEYS))


def _end() -> Schema:
    held = {"held": _ref("fact"), "projected_by": KEY, "counts_from": _ref("fact")}
    return {
        "description": "Where a phase ends, in one of four ways.",
        "oneOf": [
            _table(held, {"held"}, held),
            _table({"after", "from"}, {"after", "from"}, {"after": _ref("duration"), "from": _ref("fact")}),
            _table({"age"}, {"age"}, {"age": _ref("age")}),
            _table({"date"}, {"date"}, {"date": _ref("fact")}),
        ],
    }


def _condition(facts: Iterable[FactSpec]) -> Schema:
    several = {"type": "array", "items": _ref("condition"), "minItems": 1}
    age = {"at_least": _ref("age"), "under": _ref("age")}
    return {
        "type": "object",
        "description": "Facts and what each must be; all of it must hold.",
        "properties": {
            "any": several,
            "all": several,
            "not": _ref("condition"),
            "age": {**_table(conditions.AGE_OPERATORS, (), age), "minProperties": 1},
            **{spec.key: _test(spec) for spec in sorted(facts, key=lambda spec: spec.key)},
        },
        "patternProperties": {"^local_": {}},
        "additionalProperties": False,
    }


def _test(spec: FactSpec) -> Schema:
    """What a condition may say of a fact."""
    value: Schema = {
        "bool": FLAG,
        "int": {"type": "integer"},
        "date": DAY,
        "choice": {"enum": list(spec.values)},
    }[spec.type]
    values = {"anyOf": [value, {"type": "array", "items": value, "minItems": 1}]}
    operators: Schema = {"not": values}
    if spec.type == "int":
        operators |= {"at_least": _number(0, 10_000), "at_most": _number(0, 10_000)}
    if spec.type == "date":
        operators |= {"happened": FLAG, "at_least_ago": _ref("duration"), "less_than_ago": _ref("duration")}
    tested = {**_table(operators, (), operators), "minProperties": 1}
    return {"description": spec.definition, "anyOf": [*values["anyOf"], tested]}


def _vocabulary() -> Schema:
    def words(entry: Schema) -> Schema:
        return {"type": "object", "propertyNames": {"pattern": "^local_[a-z0-9_]+$"}, "additionalProperties": entry}

    value: Schema = {"type": ["boolean", "integer", "string"]}
    event = {
        "noun": TEXT,
        "definition": TEXT,
        "implies": {"type": "object", "additionalProperties": value},
        "sets": TEXTS,
        "counterpart": TEXT,
        "first_since": {"type": "object", "additionalProperties": TEXT},
        "brings": TEXTS,
        "episode": TEXT,
        "includes": TEXTS,
        "finding": FLAG,
    }
    fact = {
        "type": {"enum": list(vocabulary.TYPES)},
        "definition": TEXT,
        "values": TEXTS,
        "presumed": value,
        "history": FLAG,
        "counterpart": TEXT,
        "noun": TEXT,
        "minimum": _number(0, 10_000),
        "maximum": _number(0, 10_000),
        "scope": TEXTS,
        "counts": TEXTS,
        "presumed_until_end": FLAG,
        "not_after": TEXTS,
    }
    duty = {"definition": TEXT, "family": TEXT, "after_end": {"enum": list(vocabulary.AFTER_END)}}
    episode = {
        "noun": TEXT,
        "definition": TEXT,
        "opened_by": TEXTS,
        "opened_when": {"type": "object", "additionalProperties": _ref("condition")},
        "joined_by": TEXTS,
        "closed_by": TEXTS,
        "closed_when": {"type": "object", "additionalProperties": _ref("condition")},
        "within": TEXT,
        "several": FLAG,
        "unbroken": FLAG,
    }
    parts = {
        "events": words(_table(vocabulary.EVENT_KEYS, {"definition", "noun"}, event)),
        "facts": words(_table(vocabulary.FACT_KEYS, vocabulary.FACT_REQUIRED, fact)),
        "duties": words(_table(vocabulary.DUTY_KEYS, vocabulary.DUTY_REQUIRED, duty)),
        "episodes": words(_table(vocabulary.EPISODE_KEYS, {"definition", "noun"}, episode)),
    }
    return _table(parts, (), parts)


def _word(names: Iterable[str], text: str) -> Schema:
    return {
        "description": text,
        "anyOf": [{"enum": sorted(names)}, {"type": "string", "pattern": "^local_[a-z0-9_]+$"}],
    }


def _one_of_units(units: Iterable[str], text: str) -> Schema:
    found = sorted(units)
    return {
        **_table(found, (), {unit: _number(1, 10_000) for unit in found}),
        "minProperties": 1,
        "maxProperties": 1,
    } | {"description": text}


def _number(least: int, most: int) -> Schema:
    return {"type": "integer", "minimum": least, "maximum": most}


def _list(entry: Schema) -> Schema:
    return {"type": "array", "items": entry}


def _ref(name: str) -> Schema:
    return {"$ref": f"#/$defs/{name}"}


def _only(parts: Schema, names: Collection[str]) -> Schema:
    return {name: parts[name] for name in parts if name in names}


def _table(known: Iterable[str], required: Iterable[str], parts: Schema) -> Schema:
    """A closed object. Raises ValueError where a key of the loader has no schema: neither may drift from the other."""
    names = set(known)
    if names != set(parts):
        raise ValueError(f"the loader's keys and the schema's differ: {sorted(names ^ set(parts))}")
    return {
        "type": "object",
        "properties": {name: parts[name] for name in sorted(names)},
        **({"required": sorted(required)} if set(required) else {}),
        "additionalProperties": False,
    }

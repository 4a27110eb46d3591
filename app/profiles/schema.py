"""The profile format as a JSON Schema, for editors and for callers that check a document before they send it.

Made from the tables that the loader reads by and from the shared vocabulary. The loader finds more than a schema can
say: that names are declared, phases do not overlap, sources cite declared documents.
"""

from __future__ import annotations

from collections.abc import Iterable

from app.engine.units import UNITS
from app.engine.vocabulary import Vocabulary
from app.profiles.conditions import condition_schema
from app.profiles.document import DOCUMENT, NOT_COMPUTABLE, PROFILE
from app.profiles.durations import AGE, LENGTHS, length_schema
from app.profiles.grammar import Schema, list_of, one_or_more, ref
from app.profiles.rules import RULE, SOURCE
from app.profiles.series_timings import ENDS, FIRST, PHASE
from app.profiles.timings import timing_schema
from app.profiles.vocabulary import VOCABULARY, shared_vocabulary

DIALECT = "https://json-schema.org/draft/2020-12/schema"
FROM_THE_BASE = frozenset({"calendar", "documents", "rules"})
"""What a document that extends another takes from it where it does not say otherwise."""


def profile_schema() -> Schema:
    """Return the whole schema."""
    return {
        "$schema": DIALECT,
        "title": "Practice Deadlines profile",
        "description": "One body's time rules as data: which event starts what, by when, from which paragraph.",
        **PROFILE.schema(PROFILE.required - FROM_THE_BASE),
        "if": {"not": {"required": ["extends"]}},
        "then": {"required": sorted(FROM_THE_BASE)},
        "$defs": _definitions(shared_vocabulary()),
    }


def _definitions(words: Vocabulary) -> Schema:
    ends = [end.schema() for end in ENDS.values()]
    return {
        "event": _word(words.events, "An event of the shared vocabulary, or one declared as local_."),
        "fact": _word(words.facts, "A fact of the shared vocabulary, or one declared as local_."),
        "duty": _word(words.duties, "A duty of the shared vocabulary, or one declared as local_."),
        "episode": _word(words.episodes, "A kind of episode of the shared vocabulary, or one declared as local_."),
        "episodes": one_or_more(ref("episode"), 1),
        "events": one_or_more(ref("event"), 1),
        "document": DOCUMENT.schema(),
        "source": SOURCE.schema(),
        "sources": list_of(ref("source"), 1),
        "duration": length_schema(UNITS, "A length of time: the unit is the key."),
        "length": length_schema(LENGTHS, "A length of time; days_unstated where the document says only days."),
        "age": {**AGE.schema(), "minProperties": 1},
        "condition": condition_schema(words.facts.values()),
        "timing": timing_schema(),
        "end": {"description": "Where a phase ends, in one of four ways.", "oneOf": ends},
        "phase": {**PHASE.schema(), "oneOf": [{"required": ["every"]}, {"required": ["as_planned"]}]},
        "first": FIRST.schema(),
        "rule": RULE.schema(),
        "not_computable": NOT_COMPUTABLE.schema(),
        "vocabulary": VOCABULARY.schema(),
    }


def _word(names: Iterable[str], text: str) -> Schema:
    own = {"type": "string", "pattern": "^local_[a-z0-9_]+$"}
    return {"description": text, "anyOf": [{"enum": sorted(names)}, own]}

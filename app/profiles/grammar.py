"""The parts that the profile format is put together from: each table's keys are declared once.

The loader takes the keys of a table from its `Shape`, and `schema.py` the JSON Schema of the same keys.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from app.documents.reader import KEY as KEY_PATTERN
from app.documents.reader import MAX_NUMBER, OWN_NAME, Reader, Table

Schema = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Shape:
    """One table of the format."""

    keys: Mapping[str, Schema]
    """What each key may hold, as JSON Schema."""
    required: frozenset[str] = frozenset()

    def read(self, reader: Reader, value: object, path: str) -> Table:
        """Return the table after checking its keys; an empty one where the value is no table."""
        return reader.table(value, path, self.keys, self.required)

    def schema(self, required: Iterable[str] | None = None) -> Schema:
        """Return the table's JSON Schema: a closed object."""
        needed = sorted(self.required if required is None else required)
        return {
            "type": "object",
            "properties": {name: self.keys[name] for name in sorted(self.keys)},
            **({"required": needed} if needed else {}),
            "additionalProperties": False,
        }


def shape(*required: str, **keys: Schema) -> Shape:
    """Return a table with these keys."""
    return Shape(keys, frozenset(required))


def closed(*required: str, **keys: Schema) -> Schema:
    """Return the JSON Schema of a table with these keys."""
    return shape(*required, **keys).schema()


def ref(name: str) -> Schema:
    """Return a reference to one of the schema's definitions."""
    return {"$ref": f"#/$defs/{name}"}


def number(least: int, most: int = MAX_NUMBER) -> Schema:
    """Return the schema of a whole number."""
    return {"type": "integer", "minimum": least, "maximum": most}


def list_of(entry: Schema, least: int = 0) -> Schema:
    """Return the schema of a list."""
    return {"type": "array", "items": entry, **({"minItems": least} if least else {})}


def one_or_more(entry: Schema, least: int = 0) -> Schema:
    """Return the schema of a list for which a single entry may stand."""
    return {"anyOf": [entry, list_of(entry, least)]}


def one_of(choices: Iterable[str | int]) -> Schema:
    """Return the schema of one of a few values."""
    return {"enum": list(choices)}


TEXT: Schema = {"type": "string", "pattern": r"\S"}
TEXTS: Schema = one_or_more(TEXT)
FLAG: Schema = {"type": "boolean"}
TRUE: Schema = {"const": True}
DAY: Schema = {"type": "string", "format": "date", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}
KEY: Schema = {"type": "string", "pattern": f"^{KEY_PATTERN.pattern}$"}
VALUE: Schema = {"type": ["boolean", "integer", "string"]}

EXAMPLES: Mapping[str, str] = {
    "format": "format = 1",
    "key": 'key = "my-council"',
    "title": 'title = "Practice standards"',
    "calendar": 'calendar = "england-and-wales"',
    "documents": '[documents.main], and under it title = "Practice standards"',
    "rules": "[[rules]], and under it the lines of the first rule",
    "id": 'id = "icpc-held"',
    "duty": 'duty = "hold_icpc"',
    "event": 'event = "strategy_discussion_held"',
    "timing": "timing = { within = { working_days = 15 } }",
    "strength": 'strength = "must"',
    "source": 'source = [{ section = "5.1" }]',
    "section": 'section = "5.1"',
    "reason": 'reason = "no_interval_printed"',
    "reading": 'reading = "45 days as calendar days"',
    "noun": 'noun = "the early help visit", as a sentence speaks of the event',
    "definition": 'definition = "A child with an early help plan is visited."',
    "type": 'type = "bool" (yes or no), "date", "int" (a number) or "choice" (one of some values)',
    "scope": 'scope = "child" (it always holds), "event", or a kind of episode, such as "placement"',
    "family": f'family = "{OWN_NAME}", its own name, or the general duty that it is a kind of',
    "after_end": 'after_end = "ends" or "stays" (owed after the plan or placement has ended)',
    "month": "month = 2",
    "day": "day = 15",
    "times": "times = 3",
    "per": "per = { years = 1 }",
    "opens": "opens = { working_days = 0 }",
    "closes": "closes = { working_days = 10 }",
    "from": 'from = "placement_started_on"',
}
"""A line for each key that a table cannot do without, for whoever left it out."""

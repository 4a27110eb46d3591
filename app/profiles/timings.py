"""The registry of the kinds of timing: the loader, the schema, the template and the documentation are made from it."""

from __future__ import annotations

from collections.abc import Mapping

from app.documents.reader import Reader
from app.profiles.grammar import Schema, Shape
from app.profiles.one_off_timings import ONE_OFF_KINDS
from app.profiles.series_timings import SERIES_KINDS
from app.profiles.timing_kind import Names, TimingKind, Variant, read_kind

KINDS: Mapping[str, TimingKind] = {**ONE_OFF_KINDS, **SERIES_KINDS}


def read_timing(reader: Reader, value: object, path: str, names: Names) -> list[Variant]:
    """Read one timing table: every reading of it, the declared one first."""
    return read_kind(reader, value, path, names, KINDS)


def timing_schema() -> Schema:
    """Return the JSON Schema of a timing: exactly one kind, with the options that may stand next to it."""
    kinds = [KINDS[key] for key in sorted(KINDS)]
    return {
        "type": "object",
        "description": "One kind of timing; the unit of a length is its key.",
        "oneOf": [Shape({kind.key: kind.schema, **kind.options}, frozenset({kind.key})).schema() for kind in kinds],
    }


def timing_examples() -> str:
    """Return every kind of timing once, as commented lines of a profile, each with what it means."""
    lines = []
    for kind in KINDS.values():
        lines.append(f"# {kind.meaning} ({kind.result})".replace("`", ""))
        lines += [f"#   timing = {{ {example} }}" for example in kind.examples]
    return "\n".join(lines)


def timing_table() -> str:
    """Return the Markdown table of every kind of timing."""
    rows = [
        f"| {kind.meaning} | {'<br>'.join(f'`{{ {example} }}`' for example in kind.examples)} | {kind.result} |"
        for kind in KINDS.values()
    ]
    return "\n".join(["| kind | example | what comes out |", "|---|---|---|", *rows])

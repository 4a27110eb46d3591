"""What a kind of timing declares of itself, and how the timing of a document is read by its kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from app.documents.faults import describe
from app.documents.reader import Reader, Table
from app.engine.facts import FactSpec, FactType
from app.engine.series import Series
from app.engine.timing import Timing
from app.engine.units import Days, Duration, WorkingDays
from app.profiles.durations import UnstatedDays
from app.profiles.grammar import Schema


@dataclass(frozen=True, slots=True)
class Variant:
    """One timing that the document's words allow."""

    timing: Timing | Series
    text: str = ""
    section: str | None = None
    document: str | None = None
    """The key of the document with that section, where it is not the one that the rule cites first."""
    explicit: bool = True
    """False where the document does not state the unit."""


@dataclass(frozen=True, slots=True)
class Names:
    """What a timing may refer to."""

    facts: Mapping[str, FactSpec]
    duties: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class TimingTable:
    """A timing table while it is read."""

    reader: Reader
    table: Table
    key: str
    """The key of its kind."""
    path: str
    names: Names

    @property
    def value(self) -> object:
        """Return what its kind's key holds."""
        return self.table[self.key]

    @property
    def where(self) -> str:
        """Return the path of that value."""
        return f"{self.path}.{self.key}"


Read = Callable[[TimingTable], list[Variant]]


@dataclass(frozen=True, slots=True)
class TimingKind:
    """One kind of timing of the format."""

    key: str
    read: Read
    schema: Schema
    """What the key may hold."""
    meaning: str
    result: str
    examples: tuple[str, ...]
    """Whole timings, as TOML between the braces."""
    options: Mapping[str, Schema] = field(default_factory=dict)
    """The keys that may stand next to it."""
    opens_series: bool = False
    """True where a series may open with it."""


def stated_or_both(length: Duration | UnstatedDays | None) -> list[tuple[Duration, bool]]:
    """Return the lengths a document's words allow, and whether it states the unit: two for an unstated one."""
    if isinstance(length, UnstatedDays):
        return [(Days(length.amount), False), (WorkingDays(length.amount), False)]
    return [] if length is None else [(length, True)]


def read_fact(
    reader: Reader, table: Table, key: str, path: str, names: Names, kind: FactType = "date"
) -> FactSpec | None:
    """Read the name of a fact of one type; None where absent or not valid."""
    name = reader.text(table, key, path)
    if not name or not reader.name(name, f"{path}.{key}", "fact", names.facts):
        return None
    spec = names.facts[name]
    if spec.type != kind:
        reader.fault(f"{path}.{key}", f"{name} is not of type {kind}", f"name a fact of type {kind}")
        return None
    return spec


def read_kind(reader: Reader, value: object, path: str, names: Names, kinds: Mapping[str, TimingKind]) -> list[Variant]:
    """Read a timing of one of some kinds: every reading of it, the declared one first."""
    if not isinstance(value, Mapping):
        message = f"a timing must be a table, not {describe(value)}"
        reader.fault(path, message, "write { within = { working_days = 15 } }")
        return []
    chosen = [kinds[key] for key in value if key in kinds]
    if len(chosen) != 1:
        remedy = "write one kind, such as { within = { working_days = 15 } }; docs/profile-format.md lists them all"
        for key in () if chosen else value:
            reader.fault(f"{path}.{key}", f"unknown kind of timing '{key}'", remedy, reader.nearest(key, kinds))
        if chosen or not value:
            reader.fault(path, "a timing must have exactly one kind", remedy)
        return []
    kind = chosen[0]
    table = reader.table(value, path, {kind.key, *kind.options})
    return kind.read(TimingTable(reader, table, kind.key, path, names))

"""Resolve the rows of a table of events: each distinct value is validated once, and what rows share is resolved once.

Most rows of a table differ in the day and the facts alone. A row that says more, or in which anything is wrong, is left
to the one reader of requests, so that its faults are those of any other request.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterator, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import TypeAdapter, ValidationError
from pydantic_core import PydanticCustomError

from app.engine.facts import FactSpec, FactValue
from app.profiles.vocabulary import shared_vocabulary
from app.services.bulk.arrow_values import python_values, take_rows
from app.services.bulk.plan import FACTS, Plan
from app.services.calculation.fact_parsing import fact_specs
from app.services.calculation.request import ResolvedRequest, read_request
from app.services.facts import read_fact
from app.services.problems import Problem
from app.services.snapshot.snapshot import Snapshot
from app.services.standards.values import as_sent
from app.services.validation import ABSENT, EventTime, Reference

if TYPE_CHECKING:
    import pyarrow as pa

SHARED = ("profile", "event", "profile_version", "calendar", "calendar_version")
OWN = ("at", "reference")
T = TypeVar("T")


def resolved_rows(plan: Plan, snapshot: Snapshot, batch: pa.RecordBatch) -> list[ResolvedRequest | None]:
    """Return the request of each row, None for a row that is left to the reader of requests.

    What is remembered of a batch is forgotten with it.
    """
    names = set(batch.schema.names)
    maps = {"until", FACTS}
    left = plan.until is not None or any(batch.column(name).null_count < batch.num_rows for name in maps & names)
    if left or any(_is_nested(batch.column(name)) for name in {*SHARED, *OWN} & names):
        return [None] * batch.num_rows
    facts, unsound = _facts(batch, fact_columns(plan, snapshot, names, {*SHARED, *OWN, *maps}))
    moments = _each_once(_column(batch, "at"), _moment)
    references = _each_once(_column(batch, "reference"), _reference)
    resolver = _Resolver(plan, snapshot)
    shared = zip(*(_column(batch, name) for name in SHARED), strict=True)
    return [
        None
        if moment is None or reference is UNSOUND or row in unsound
        else resolver.resolve(key, moment, facts[row], reference)
        for row, (key, moment, reference) in enumerate(zip(shared, moments, references, strict=True))
    ]


def fact_columns(plan: Plan, snapshot: Snapshot, names: Collection[str], fields: Collection[str]) -> list[str]:
    """Return the columns that are facts, each by its name. A fact that passes through counts as well."""
    specs = fact_specs(snapshot) if plan.passing else {}
    columns = (name for name in names if name not in fields and name != FACTS)
    return [name for name in columns if name not in plan.passing or name in specs]


class _Resolver:
    """Resolves the rows of a batch; the first of each event, profile and version as any other request."""

    def __init__(self, plan: Plan, snapshot: Snapshot) -> None:
        self._plan = plan
        self._snapshot = snapshot
        self._resolved: dict[Hashable, ResolvedRequest | None] = {}

    def resolve(
        self, said: tuple[Any, ...], moment: EventTime, facts: dict[str, FactValue], reference: str | None
    ) -> ResolvedRequest | None:
        """Return the request of one row, None where it is left to the reader of requests."""
        day = moment.moment.day
        profile, event, pinned = said[0] or self._plan.profile, said[1], said[2]
        # Which version is in force depends on the day. Where none is, the reader says so.
        version = self._snapshot.profile_in_force(str(profile), day) if pinned in ABSENT else None
        key = (said, version.version if version is not None else None)
        if key not in self._resolved:
            self._resolved[key] = self._first(said, moment)
        shared = self._resolved[key]
        if shared is None or not shared.calendar.calendar.covers(day):
            return None
        if facts:
            spec = shared.profile.profile.vocabulary.events[event]
            if not (facts.keys().isdisjoint(spec.implies) and facts.keys().isdisjoint(spec.sets)):
                return None
        return ResolvedRequest(
            shared.profile,
            shared.calendar,
            shared.event,
            moment.text,
            moment.moment,
            facts,
            None,
            shared.explain,
            reference,
            shared.pinned,
            shared.silence,
            shared.behind,
        )

    def _first(self, said: tuple[Any, ...], moment: EventTime) -> ResolvedRequest | None:
        body = {name: value for name, value in zip(SHARED, said, strict=True) if value not in ABSENT}
        body["event"] = {"type": body.pop("event", None), "occurred_at": moment.text}
        if self._plan.profile is not None:
            body.setdefault("profile", self._plan.profile)
        if self._plan.explain:
            body["explain"] = True
        try:
            return read_request(self._snapshot, body)
        except Problem:
            return None


class _Unsound:
    """What a value is that does not fit its column: it may be None, which is sound."""


UNSOUND: Any = _Unsound()


def _facts(batch: pa.RecordBatch, names: Collection[str]) -> tuple[list[dict[str, FactValue]], set[int]]:
    """Return the facts of each row, and the rows with a fact that does not fit or is a profile's own."""
    facts: list[dict[str, FactValue]] = [{} for _ in range(batch.num_rows)]
    unsound: set[int] = set()
    specs = shared_vocabulary().facts
    for name in names:
        spec = specs.get(name)
        column = batch.column(name)
        rows, values = present(column)
        if spec is None or _is_nested(column):
            unsound.update(rows)
            continue
        for row, value in zip(rows, _each_once(values, _reader(spec)), strict=True):
            if value is UNSOUND:
                unsound.add(row)
            elif value is not None:
                facts[row][name] = value
    return facts, unsound


def present(column: pa.Array) -> tuple[Sequence[int], list[Any]]:
    """Return the rows of the values that are not null, and those values: most facts of a wide table are null."""
    import pyarrow.compute as pc

    if column.null_count == len(column):
        return (), []
    if not column.null_count:
        return range(len(column)), python_values(column)
    rows = pc.indices_nonzero(column.is_valid())
    return rows.to_pylist(), python_values(take_rows(column, rows))


def _is_nested(column: pa.Array) -> bool:
    import pyarrow as pa

    return bool(pa.types.is_nested(column.type))


def _column(batch: pa.RecordBatch, name: str) -> list[Any]:
    return python_values(batch.column(name)) if name in batch.schema.names else [None] * batch.num_rows


def _each_once(values: Sequence[Any], read: Callable[[Any], T]) -> Iterator[T]:
    """Read each distinct value of a column once; a column has values of one type."""
    once = cache(read)
    return map(once, values)


def _reader(spec: FactSpec) -> Callable[[Any], Any]:
    def read(value: Any) -> Any:
        if value in ABSENT:
            return None
        fact = read_fact(spec, as_sent(value))
        return UNSOUND if fact is None else fact

    return read


def _moment(value: Any) -> EventTime | None:
    try:
        return EventTime.read(as_sent(value))
    except PydanticCustomError:
        return None


def _reference(value: Any) -> Any:
    if value in ABSENT:
        return None
    try:
        return _references().validate_python(as_sent(value), strict=True)
    except ValidationError:
        return UNSOUND


@cache
def _references() -> TypeAdapter[str]:
    return TypeAdapter(Reference)

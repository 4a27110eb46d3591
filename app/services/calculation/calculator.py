"""Calculate under one snapshot and serialise the answers, with what does not change from request to request cached.

What an obligation says whatever its date, and what a rule yields on a day whatever the child, is put together once and
serialised once. Every cache belongs to one `Calculator`, which is replaced with its snapshot.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, TypeVar, cast

import orjson

from app.engine.compiled_profile import ObligationTemplate
from app.engine.result_cache import CachedObligation, DayResultCache
from app.engine.results import Calculation, Obligation, Undetermined
from app.services.calculation.request import ResolvedRequest, read_json_request
from app.services.calculation.response import (
    OBLIGATION_VALUES,
    Json,
    calculate,
    calculate_uncounted,
    calendar_stamp,
    fill_obligation,
    obligation_template,
    profile_stamp,
    response_body,
    undetermined,
)
from app.services.observability import metrics
from app.services.snapshot.snapshot import CalendarVersion, ProfileVersion, Snapshot, require_ready

if TYPE_CHECKING:
    from app.services.snapshot.holder import SnapshotHolder

# About 25 MB when full.
MAX_CACHED = 16_384
# Several for each rule: which facts it lacks differs from case to case.
MAX_UNDETERMINED = 2_000

S = TypeVar("S")
T = TypeVar("T")
Calculated = tuple[ResolvedRequest, Calculation | None]
"""A request and its result; None where the answer may be long, and is left to be calculated by itself."""
Answer = tuple[ResolvedRequest, bytes | None]
"""A request and the response body, None likewise."""
CALCULATED: type[Calculated] = tuple
"""What `isinstance` knows of Calculated."""


class Calculator:
    """Calculates and serialises the requests of one snapshot.

    The caches hold nothing about a child: the profiles' own words, and days that follow from an event's day alone.
    """

    def __init__(self, snapshot: Snapshot, max_cached: int = MAX_CACHED) -> None:
        self.snapshot = snapshot
        self.days = DayResultCache(max_cached)
        self._max_cached = max_cached
        self._start_caches()
        snapshot.compiled.caches.add(self)

    def forget(self) -> None:
        """Empty the caches, which hold on to compiled versions. May be called from another thread at any time."""
        self.days.clear()
        self._start_caches()

    def _start_caches(self) -> None:
        # Objects are found by identity, and each entry holds on to its object, so that no identity is reused.
        self._stamps: dict[int, tuple[object, orjson.Fragment]] = {}
        self._templates: dict[int, tuple[ObligationTemplate, Json]] = {}
        self._obligations: dict[int, tuple[CachedObligation, orjson.Fragment]] = {}
        self._undetermined: dict[tuple[int, str, str, tuple[str, ...]], tuple[Undetermined, orjson.Fragment]] = {}

    def calculate(self, request: ResolvedRequest) -> Calculation:
        """Return the engine's result for a request. Raises Problem where the answer would be too long."""
        return calculate(request, self.days)

    def answer(self, request: ResolvedRequest) -> bytes:
        """Calculate a request, and return the response body as JSON. Raises Problem where it would be too long."""
        return self.serialize(request, calculate(request, self.days))

    def answer_together(self, bodies: Sequence[bytes], what: str = "body") -> list[Answer | Exception]:
        """Return the answer to each JSON body, or what was raised: Problem where it has faults.

        All are read, then calculated, then serialised: a step that is repeated at once finds its code and data in the
        processor's caches, which saves a third of the time. `what` names the bodies in a problem: a body, a line.
        """
        snapshot = self.snapshot
        requests = _each(lambda body: read_json_request(snapshot, body, what), bytes, bodies)
        calculated = _each(self._calculate_usual, ResolvedRequest, requests)
        _count(calculated)
        return _each(self._to_answer, CALCULATED, calculated)

    def _calculate_usual(self, request: ResolvedRequest) -> Calculated:
        """Calculate what is due next. What may be long (series unfolded, explanations) is left: None."""
        if request.until is not None or request.explain:
            return request, None
        return request, calculate_uncounted(request, self.days)

    def _to_answer(self, calculated: Calculated) -> Answer:
        request, result = calculated
        return request, None if result is None else self.serialize(request, result)

    def serialize(self, request: ResolvedRequest, result: Calculation) -> bytes:
        """Return the response body of a result as JSON: the bytes of `to_response`, written faster."""
        written = self._obligations
        obligations = []
        for item in result.obligations:
            # An identity in the cache is that of the cached object, which stays alive, so no other can have it.
            cached = written.get(id(item))
            obligations.append(self._obligation(item) if cached is None else cached[1])
        waiting = list(map(self._waiting, result.undetermined)) if result.undetermined else []
        profile, calendar = self._stamp(request.profile), self._stamp(request.calendar)
        return orjson.dumps(response_body(request, result, profile, calendar, obligations, waiting))

    def _stamp(self, version: ProfileVersion | CalendarVersion) -> orjson.Fragment:
        cached = self._stamps.get(id(version))
        if cached is None:
            stamp = profile_stamp(version) if isinstance(version, ProfileVersion) else calendar_stamp(version)
            cached = self._stamps[id(version)] = (version, _fragment(stamp))
        return cached[1]

    def _obligation(self, item: Obligation) -> object:
        if type(item) is not CachedObligation:
            return fill_obligation(self._template(item.template), item)
        if len(self._obligations) >= self._max_cached:
            self._obligations.clear()
        written = _fragment(fill_obligation(self._template(item.template), item))
        self._obligations[id(item)] = (item, written)
        return written

    def _template(self, parts: ObligationTemplate) -> Json:
        cached = self._templates.get(id(parts))
        if cached is None:
            cached = self._templates[id(parts)] = (parts, _serialize_constants(obligation_template(parts)))
        return cached[1]

    def _waiting(self, item: Undetermined) -> object:
        if item.from_date is not None:
            return undetermined(item)
        key = (id(item.rule), item.timing, item.reason, item.needs)
        cached = self._undetermined.get(key)
        if cached is None:
            if len(self._undetermined) >= MAX_UNDETERMINED:
                self._undetermined.clear()
            cached = self._undetermined[key] = (item, _fragment(undetermined(item)))
        return cached[1]


def _count(calculated: Iterable[Calculated | Exception]) -> None:
    """Count what was calculated in the metrics, once for each version."""
    versions = [item[0].profile for item in calculated if isinstance(item, tuple) and item[1] is not None]
    numbers = Counter(map(id, versions))
    for version in {id(version): version for version in versions}.values():
        metrics.count_calculations(version.record.key, version.record.version, numbers[id(version)])


def _each(step: Callable[[T], S], kind: type[T], items: Iterable[T | Exception]) -> list[S | Exception]:
    """Return what a step makes of each item of a kind, or the exception that it or a step before it raised."""
    outcomes: list[S | Exception] = []
    for item in items:
        # This way round: that an item is no exception takes ten times as long to find out.
        if isinstance(item, kind):
            try:
                outcomes.append(step(item))
            except Exception as error:  # noqa: BLE001 - whatever it is, one request must not take the others with it
                outcomes.append(error)
        else:
            outcomes.append(cast(Exception, item))
    return outcomes


def _fragment(value: object) -> orjson.Fragment:
    return orjson.Fragment(orjson.dumps(value))


def _serialize_constants(template: Json) -> Json:
    """Serialise each run of constant fields once, as the value of its first field that includes the fields after it.

    `{"rule": "a", "duty": "b", "occurrence": 1}` becomes `{"rule": <"a","duty":"b">, "occurrence": 1}`.
    """
    serialized: Json = {}
    for constant, run in groupby(template.items(), lambda field: field[0] not in OBLIGATION_VALUES):
        fields = dict(run)
        if constant:
            first = next(iter(fields))
            fields = {first: orjson.Fragment(orjson.dumps(fields)[len(f'{{"{first}":') : -1])}
        serialized.update(fields)
    return serialized


class CalculationService:
    """Gives the calculator of the snapshot in use; a newly published snapshot gets a new one, with empty caches."""

    def __init__(self, holder: SnapshotHolder) -> None:
        self._holder = holder
        self._calculator: Calculator | None = None

    def current(self) -> Calculator:
        """Return the calculator of the snapshot in use. Raises Problem while no snapshot can answer."""
        snapshot = self._holder.snapshot
        calculator = self._calculator
        if calculator is None or calculator.snapshot is not snapshot:
            self._calculator = Calculator(require_ready(snapshot))
            if calculator is not None:
                calculator.forget()
            return self._calculator
        return calculator

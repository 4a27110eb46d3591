"""Count cases in several processes, in order, with only a few portions in progress at a time."""

from __future__ import annotations

import multiprocessing
import signal
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from app.services.calculation.response import Json
    from app.services.measures.request import YearRequest
    from app.services.measures.year import YearPart
    from app.services.ports import StoredState
    from app.services.snapshot.snapshot import Snapshot

PORTION = 100
AHEAD = 3
# Two processes take a second to start: fewer cases than these are counted sooner by one.
ALONE = 400

_ready: list[tuple[Snapshot, YearRequest]] = []


class Portion(NamedTuple):
    """The figures and rows of some cases."""

    figures: YearPart
    obligations: list[Json]
    acts: list[Json]


def count_cases(
    cases: Iterable[tuple[str, object]], state: StoredState, request: YearRequest, processes: int
) -> Iterator[Portion]:
    """Yield the figures of each portion of the cases, in order. With one process, or few cases, it counts here."""
    rest = iter(cases)
    first = list(islice(rest, ALONE))
    if processes == 1 or len(first) < ALONE:
        _start(state, request, interrupts=True)
        for portion in _portions(first, rest):
            yield _count(portion)
        return
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, mp_context=context, initializer=_start, initargs=(state, request)) as pool:
        under_way: deque[Future[Portion]] = deque()
        try:
            for portion in _portions(first, rest):
                under_way.append(pool.submit(_count, portion))
                if len(under_way) >= processes * AHEAD:
                    yield under_way.popleft().result()
            while under_way:
                yield under_way.popleft().result()
        finally:
            for future in under_way:
                future.cancel()


def _portions(
    first: list[tuple[str, object]], rest: Iterator[tuple[str, object]]
) -> Iterator[list[tuple[str, object]]]:
    for start in range(0, len(first), PORTION):
        yield first[start : start + PORTION]
    while portion := list(islice(rest, PORTION)):
        yield portion


def _start(state: StoredState, request: YearRequest, *, interrupts: bool = False) -> None:
    """Compile the snapshot once for each process. The parent handles interrupts."""
    from app.services.snapshot.snapshot import build_snapshot

    if not interrupts:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    _ready.append((build_snapshot(state), request))


def _count(portion: list[tuple[str, object]]) -> Portion:
    from app.services.measures import YearFigures

    snapshot, request = _ready[-1]
    figures = YearFigures(snapshot, request)
    obligations: list[Json] = []
    acts: list[Json] = []
    for place, case in portion:
        for_case, outcomes = figures.take(place, case)
        obligations += for_case
        acts += outcomes
    return Portion(figures.part(), obligations, acts)

"""Measure the engine alone: a resolved request to obligations as objects, with and without explanation."""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from app.engine.calculate import calculate
from app.engine.compile_profile import compile_profile
from app.engine.compiled_profile import Profile
from app.engine.result_cache import DayResultCache
from app.services.calculation.request import ResolvedRequest, read_request
from app.services.zone import LONDON
from bench.cases import OBLIGATIONS, Case, heaviest, snapshot, twelve
from bench.table import Row, best
from bench.working_days import numpy_offset_seconds

COPIES = 9
ROUNDS = 5


def rows() -> Iterator[Row]:
    """Yield each profile's heaviest event, the ratios to numpy and lexdays, and the growth with the profile's size."""
    simple = {case: _seconds(case) for case in heaviest()}
    explained = {case: _seconds(case, explained=True) for case in heaviest()}
    cached = {case: _seconds(case, cache=DayResultCache(10_000)) for case in heaviest()}
    for case in heaviest():
        yield Row(
            f"engine, {case.profile}, `{case.event}`{_unfolded(case)}: {case.obligations} obligations",
            "; ".join(
                f"{what}{seconds_of[case] * 1e6:.0f} µs"
                for what, seconds_of in (("", simple), ("day in the cache ", cached), ("explained ", explained))
            ),
            "one obligation",
            f"{simple[case] / case.obligations * 1e6:.1f} µs; {explained[case] / case.obligations * 1e6:.1f} µs",
        )
    yield _of_numpy(f"engine, {OBLIGATIONS} obligations ({twelve().profile})", twelve(), 1.0)
    slowest = _slowest(simple)
    unfolded = "series unfolded with their other readings: the slowest rate"
    yield _of_numpy(f"engine, {OBLIGATIONS} obligations, {unfolded} ({slowest.profile})", slowest, 2.5)
    slowest = _slowest(explained)
    yield from _lexdays(slowest.profile, explained[slowest] / slowest.obligations * OBLIGATIONS)
    largest = max(heaviest(), key=lambda case: len(snapshot().profiles[case.profile][-1].profile.rules))
    yield from _growth(largest, simple[largest])
    yield Row("duly", "left out", "no such package can be installed", "")


def _slowest(seconds_of: Mapping[Case, float]) -> Case:
    """Return the case that takes longest for an obligation."""
    return max(seconds_of, key=lambda each: seconds_of[each] / each.obligations)


def _of_numpy(what: str, case: Case, most: float) -> Row:
    """Measure what twelve obligations take at a case's rate, in turn with numpy: a processor's clock moves."""
    rounds = [(_seconds(case), numpy_offset_seconds()) for _ in range(ROUNDS)]
    seconds = OBLIGATIONS * min(own for own, _ in rounds) / case.obligations
    offsets = OBLIGATIONS * min(numpy for _, numpy in rounds)
    peer = f"{OBLIGATIONS} scalar numpy `busday_offset` calls, {offsets * 1e6:.0f} µs"
    return _ratio(what, seconds, peer, offsets, most)


def _ratio(what: str, seconds: float, peer: str, peer_seconds: float, most: float) -> Row:
    ratio = seconds / peer_seconds
    return Row(what, f"{seconds * 1e6:.0f} µs", peer, f"{ratio:.2f}", f"at most {most:g}", ratio <= most)


def _unfolded(case: Case) -> str:
    return f" until {case.body['until']}" if "until" in case.body else ""


def _seconds(case: Case, *, explained: bool = False, cache: DayResultCache | None = None) -> float:
    request = read_request(snapshot(), case.body)
    return best(lambda: _run(request.profile.profile, request, explained=explained, cache=cache))


def _run(
    profile: Profile, request: ResolvedRequest, *, explained: bool = False, cache: DayResultCache | None = None
) -> object:
    return calculate(
        profile,
        request.event,
        request.moment,
        request.facts,
        request.calendar.calendar,
        LONDON,
        until=request.until,
        explained=explained,
        cache=cache,
    )


def _growth(case: Case, seconds: float) -> Iterator[Row]:
    """Measure the same event under the same profile with its other rules copied nine times over."""
    request = read_request(snapshot(), case.body)
    profile = request.profile.profile
    others = [rule for rule in profile.rules if case.event not in (*rule.events, *rule.restarts)]
    copies = tuple(replace(rule, id=f"{rule.id}-{n}", exception_to=None) for n in range(COPIES) for rule in others)
    larger = compile_profile(
        key=profile.key,
        title=profile.title,
        calendar=profile.calendar,
        rules=(*profile.rules, *copies),
        vocabulary=profile.vocabulary,
        warnings=profile.warnings,
    )
    ratio = best(lambda: _run(larger, request)) / seconds
    yield Row(
        f"engine, the same event in a profile of {len(larger.rules)} rules",
        f"{seconds * ratio * 1e6:.0f} µs",
        f"in {len(profile.rules)} rules",
        f"{ratio:.2f}",
        "about 1: grows with the rules the event starts",
        ratio < 1.25,
    )


def _lexdays(profile: str, seconds: float) -> Iterator[Row]:
    what = f"engine, {OBLIGATIONS} obligations, explained: the slowest rate ({profile})"
    try:
        lexdays: Any = importlib.import_module("lexdays")
    except ImportError:
        yield Row(what, f"{seconds * 1e6:.0f} µs", "lexdays is not installed")
        return
    peer = best(lambda: lexdays.compute("gb-eaw/cpr", "2025-10-20", "P15D"))
    yield _ratio(what, seconds, f"lexdays, one deadline with its trace, {peer * 1e6:.0f} µs", peer, 1.0)

"""The engine alone: an event and its facts, read already, to obligations as objects, with and without explanation."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from app.engine.calculate import calculate
from app.engine.compiled_profile import Profile, compile_profile
from app.engine.result_cache import Almanac
from app.services.calculation.request import Request, read_request
from app.services.zone import LONDON
from bench.cases import OBLIGATIONS, Case, heaviest, snapshot
from bench.table import Row, best

COPIES = 9


def rows() -> Iterator[Row]:
    """Each profile's heaviest event, the growth with the profile's size, and the one peer that can be installed."""
    plain = {case: _seconds(case, explained=False) for case in heaviest()}
    told = {case: _seconds(case, explained=True) for case in heaviest()}
    again = {case: _seconds(case, explained=False, almanac=Almanac(10_000)) for case in heaviest()}
    for case in heaviest():
        yield Row(
            f"engine, {case.profile}, `{case.event}`{_unfolded(case)}: {case.obligations} obligations",
            "; ".join(
                f"{what}{found[case] * 1e6:.0f} µs"
                for what, found in (("", plain), ("day met before ", again), ("explained ", told))
            ),
            "one obligation",
            f"{plain[case] / case.obligations * 1e6:.1f} µs; {told[case] / case.obligations * 1e6:.1f} µs",
        )
    for name, found, limit in (("", plain, 60), (", on a day met before", again, 60), (", explained", told, 200)):
        for which, cases in (
            ("of one event's next limits", [case for case in found if "until" not in case.body]),
            ("where series are unfolded, each limit beside its other readings", list(found)),
        ):
            slowest = max(cases, key=lambda case: found[case] / case.obligations)
            micro = found[slowest] / slowest.obligations * OBLIGATIONS * 1e6
            what = f"engine, {OBLIGATIONS} obligations{name}, {which}: the slowest rate ({slowest.profile})"
            yield Row(what, f"{micro:.0f} µs", "", "", f"under {limit} µs", micro < limit)
    largest = max(heaviest(), key=lambda case: len(snapshot().profiles[case.profile][-1].profile.rules))
    yield from _growth(largest, plain[largest])
    yield from _lexdays(plain[largest] / largest.obligations)
    yield Row("duly", "left out", "no such package can be installed", "")


def _unfolded(case: Case) -> str:
    return f" until {case.body['until']}" if "until" in case.body else ""


def _seconds(case: Case, *, explained: bool, almanac: Almanac | None = None) -> float:
    request = read_request(snapshot(), case.body)
    return best(lambda: _run(request.profile.profile, request, explained=explained, almanac=almanac))


def _run(profile: Profile, request: Request, *, explained: bool = False, almanac: Almanac | None = None) -> object:
    return calculate(
        profile,
        request.event,
        request.moment,
        request.facts,
        request.calendar.calendar,
        LONDON,
        until=request.until,
        explained=explained,
        almanac=almanac,
    )


def _growth(case: Case, seconds: float) -> Iterator[Row]:
    """The same event under the same profile with its other rules copied nine times over."""
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


def _lexdays(one: float) -> Iterator[Row]:
    try:
        lexdays: Any = importlib.import_module("lexdays")
    except ImportError:
        yield Row("lexdays", "left out", "not installed", "")
        return
    seconds = best(lambda: lexdays.compute("gb-eaw/cpr", "2025-10-20", "P15D"))
    yield Row(
        "lexdays, one deadline with its trace", f"{seconds * 1e6:.0f} µs", "one obligation", f"{seconds / one:.0f}"
    )

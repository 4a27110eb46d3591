"""The cache of a day's results changes no answer, is bounded, and holds no fact about anybody."""

from __future__ import annotations

import gc
import random
from datetime import date, timedelta
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.engine.calculate import calculate
from app.engine.compiled_profile import ObligationTemplate
from app.engine.result_cache import CachedObligation, DayResultCache
from app.services.calculation.calculator import Calculator
from app.services.calculation.request import ResolvedRequest, read_request
from app.services.problems import Problem
from app.services.snapshot.offline import packaged_snapshot
from app.services.zone import LONDON

SNAPSHOT = packaged_snapshot()
EVENTS = [
    (key, event) for key, versions in sorted(SNAPSHOT.profiles.items()) for event in versions[-1].profile.by_event
]
SHARED = DayResultCache(2_000)
BORN, PLANTED = "2011-02-13", "planted-reference-of-a-child"


def asked(key: str, event: str, when: str, facts: dict[str, Any], until: str | None = None) -> ResolvedRequest:
    event_sent = {"type": event, "occurred_at": when}
    body = {"profile": key, "event": event_sent, "facts": facts, "until": until, "reference": PLANTED}
    return read_request(SNAPSHOT, body)


def found(request: ResolvedRequest, cache: DayResultCache | None) -> Any:
    return calculate(
        request.profile.profile,
        request.event,
        request.moment,
        request.facts,
        request.calendar.calendar,
        LONDON,
        until=request.until,
        cache=cache,
    )


def some_facts(key: str, event: str, day: date, pick: random.Random) -> dict[str, Any]:
    profile = SNAPSHOT.profiles[key][-1].profile
    spec = profile.vocabulary.events[event]
    facts: dict[str, Any] = {}
    for fact in sorted({fact for started in profile.by_event[event] for fact in started.rule.facts()}):
        of = profile.vocabulary.facts[fact]
        if fact in spec.implies or fact in spec.sets or pick.random() < 0.3:
            continue
        facts[fact] = {
            "bool": pick.random() < 0.5,
            "int": max(of.minimum or 0, pick.randrange(1, 5)),
            "choice": pick.choice(of.values) if of.values else None,
            "date": (day - timedelta(days=pick.randrange(-60, 6_500))).isoformat(),
        }[of.type]
    return facts


@given(
    st.sampled_from(EVENTS),
    st.dates(date(2021, 1, 1), date(2027, 12, 31)).map(lambda day: day.replace(day=1 + day.day % 3))
    | st.sampled_from([date(2025, 10, 26), date(2026, 3, 29), date(2026, 10, 25)]),
    st.sampled_from(["", "T09:30", "T00:45", "T01:30", "T23:59:59.5"]),
    st.integers(0, 3),
    st.none() | st.integers(-5, 500),
)
def test_the_cache_changes_no_answer(which: tuple[str, str], day: date, clock: str, seed: int, reach: int) -> None:
    key, event = which
    # Few days, so that cached days are met again, and those on which the clocks change.
    until = None if reach is None else (day + timedelta(days=reach)).isoformat()
    facts = some_facts(key, event, day, random.Random(f"{key} {event} {seed}"))  # noqa: S311 - examples
    try:
        request = asked(key, event, f"{day}{clock}", facts, until)
    except Problem as refused:
        # No version was in force yet, or the clocks skip the time.
        assert refused.kind in {"no-version-in-force", "invalid-request"}  # noqa: PT017 - what it is decides
        return
    uncached = found(request, None)
    assert found(request, SHARED) == uncached
    assert found(request, SHARED) == uncached


def test_what_is_held_has_an_end() -> None:
    cache = DayResultCache(100)
    gc.collect()
    before = sum(isinstance(item, CachedObligation) for item in gc.get_objects())
    for n in range(3_000):
        day = (date(2020, 1, 1) + timedelta(days=n)).isoformat()
        found(asked("swindon", "became_looked_after", day, {}), cache)
    gc.collect()
    cached_count = sum(isinstance(item, CachedObligation) for item in gc.get_objects()) - before
    mine = {
        id(item)
        for cached in cache.days.values()
        for each in (cached.certain, cached.assumed)
        for items in each.values()
        for item in items
    }
    assert len(mine) <= 100 + 20
    assert len(cache.days) <= 100 + 1
    assert mine
    assert cached_count <= 100 + 20


def test_it_is_met_again_by_who_asks_for_the_same_day() -> None:
    cache = DayResultCache(1_000)
    first = found(asked("york", "became_looked_after", "2025-12-18T09:00", {}), cache)
    again = found(asked("york", "became_looked_after", "2025-12-18T16:45", {"review_number": 2}), cache)
    cached_ids = {id(item) for item in first.obligations if isinstance(item, CachedObligation)}
    assert cached_ids & {id(item) for item in again.obligations}


def test_an_event_dated_by_a_birth_is_never_cached() -> None:
    cache = DayResultCache(1_000)
    for key, versions in SNAPSHOT.profiles.items():
        profile = versions[-1].profile
        for event in profile.by_event:
            if "child_date_of_birth" in profile.vocabulary.events[event].sets:
                found(asked(key, event, "2025-12-18", {}), cache)
    assert cache.days == {}


def reached(root: object) -> list[object]:
    """Everything that an object leads to, but modules, types and the profiles themselves."""
    seen: dict[int, object] = {}
    waiting = [root]
    skipped = {id(versions[-1].profile) for versions in SNAPSHOT.profiles.values()}
    skipped |= {id(versions[-1].calendar) for versions in SNAPSHOT.calendars.values()}
    skipped.add(id(SNAPSHOT))
    while waiting:
        item = waiting.pop()
        if id(item) in seen or id(item) in skipped or isinstance(item, type | ObligationTemplate):
            continue
        seen[id(item)] = item
        # A fragment does not show the collector what it holds.
        waiting += [orjson.dumps(item).decode()] if isinstance(item, orjson.Fragment) else gc.get_referents(item)
    return list(seen.values())


def test_no_fact_no_reference_and_no_day_that_follows_from_a_fact_is_held() -> None:
    """A calculator's caches after every event of every profile, with what was serialised."""
    calculator = Calculator(SNAPSHOT)
    followed = 0
    for key, event in EVENTS:
        vocabulary = SNAPSHOT.profiles[key][-1].profile.vocabulary
        born = {"child_date_of_birth": BORN} if "child_date_of_birth" in vocabulary.facts else {}
        for until in (None, "2031-12-31"):
            try:
                answer = calculator.answer(asked(key, event, "2025-12-18T14:37:11", born, until))
            except Problem as refused:
                assert refused.kind == "invalid-request"  # noqa: PT017 - a birth on another day than the one sent
                continue
            followed += BORN[4:].encode() in answer
    cached_count = reached(calculator)
    assert followed
    assert any(isinstance(item, CachedObligation) for item in cached_count)
    assert any(isinstance(item, orjson.Fragment) for item in cached_count)
    texts = [str(item) for item in cached_count if isinstance(item, str | date)]
    assert not any(planted in text for text in texts for planted in (BORN, BORN[4:], PLANTED, "14:37"))


@pytest.mark.parametrize("most", [0, 1])
def test_a_cache_that_may_hold_nothing_still_answers(most: int) -> None:
    cache = DayResultCache(most)
    request = asked("swindon", "became_looked_after", "2025-12-18", {})
    assert found(request, cache) == found(request, None)

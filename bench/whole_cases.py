"""Measure whole cases: one event followed for 25 years, and a case of a thousand events; and how both grow."""

from __future__ import annotations

import gc
import time
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from app.api.process import GC_THRESHOLDS
from app.services.timelines import timeline
from bench.cases import snapshot
from bench.table import Row

START = date(2026, 1, 5)
YEARS, FEWER_YEARS = 25, 10
EVENTS, FEWER_EVENTS = 1_000, 400
# A test sees that work grows in proportion (tests/services/test_linear_work.py); a garbage collection adds to the time.
MAX_GROWTH = 1.25
ROUNDS = 5


def rows() -> Iterator[Row]:
    """Yield each case's seconds, and how many times they are those of a shorter case, next to how much longer it is."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*GC_THRESHOLDS)  # as the service does
    for key in ("swindon", "barnet"):
        name = f"timeline, one `cp_plan_started` ({key}) followed for {YEARS} years"
        bodies = (followed(key, YEARS), followed(key, FEWER_YEARS))
        yield _row(name, bodies, f"{FEWER_YEARS} years", YEARS / FEWER_YEARS, 0.3)
    name = f"timeline, {EVENTS:,} events of one child (swindon), a start for each act"
    yield _row(name, (visited(EVENTS), visited(FEWER_EVENTS)), f"{FEWER_EVENTS} events", EVENTS / FEWER_EVENTS, 0.5)


def followed(profile: str, years: int) -> dict[str, Any]:
    """Return a case of one protection plan, with everything that is to come of it."""
    return {
        "profile": profile,
        "events": [{"type": "cp_plan_started", "occurred_at": START.isoformat()}],
        "as_of": (START + timedelta(days=1)).isoformat(),
        "until": START.replace(year=START.year + years).isoformat(),
    }


def visited(events: int) -> dict[str, Any]:
    """Return a case of placements and visits in turn."""
    kinds = ("placement_started", "cla_visit_made")
    days = [START + timedelta(days=5 * place) for place in range(events)]
    return {
        "profile": "swindon",
        "events": [
            {
                "type": kinds[place % 2],
                "occurred_at": day.isoformat(),
                "facts": {"placement_type": "foster"} if place % 2 == 0 else {},
            }
            for place, day in enumerate(days)
        ],
        "as_of": days[-1].isoformat(),
        "until": days[-1].isoformat(),
    }


def _row(what: str, bodies: tuple[dict[str, Any], dict[str, Any]], shorter: str, longer: float, most: float) -> Row:
    seconds, fewer = (min(_seconds(body) for _ in range(ROUNDS)) for body in bodies)
    ratio = seconds / fewer / longer
    return Row(
        what,
        f"{seconds:.2f} s",
        f"{longer:g} times that of {shorter}, {fewer * longer:.2f} s",
        f"{ratio:.2f}",
        f"at most {MAX_GROWTH:g}; under {most:g} s",
        ratio <= MAX_GROWTH and seconds < most,
    )


def _seconds(body: dict[str, Any]) -> float:
    began = time.process_time()
    timeline(snapshot(), body)
    return time.process_time() - began

"""Resolve what the source of a case could have shown: a return by its name, or the events and days as they are sent."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from functools import cache

from app.services.returns.mapping import SOURCES, load_mapping
from app.services.timelines.coverage import Coverage
from app.services.timelines.request_parts import CaseDefaults
from app.services.validation import Faults, join


def resolve_coverage(
    faults: Faults, request: CaseDefaults, events: AbstractSet[str], path: str = ""
) -> Coverage | None:
    """Return what the source could have shown, None where nothing is said of it.

    `events` are the types of event that the profiles know.
    """
    named = request.source is not None, request.observed_events is not None
    first, last = request.observed_from, request.observed_until
    if all(named):
        remedy = "send source, or observed_events"
        faults.add(join(path, "observed_events"), "source says already what could have been observed", remedy)
    if first is not None and last is not None and last < first:
        where = join(path, "observed_until")
        faults.add(where, "the days observed end before they begin", "send a later day", last.isoformat())
    if not any(named) and first is None and last is None:
        return None
    recorded, latest = _of_source(faults, request.source, path)
    if request.observed_events is not None:
        recorded = frozenset(request.observed_events)
        for place, event in enumerate(request.observed_events):
            if event not in events:
                where = f"{join(path, 'observed_events')}[{place}]"
                faults.unknown(where, "event", event, events)
    return Coverage(recorded, first, last, latest)


def _of_source(faults: Faults, source: str | None, path: str) -> tuple[frozenset[str] | None, frozenset[str]]:
    """Return the events that a return records, and those of which it gives the latest alone."""
    if source is None:
        return None, frozenset()
    if source not in SOURCES:
        faults.unknown(join(path, "source"), "source", source, set(SOURCES))
        return None, frozenset()
    return _recorded(source)


@cache
def _recorded(source: str) -> tuple[frozenset[str], frozenset[str]]:
    mapping = load_mapping(source)
    every, latest = mapping.events(), mapping.latest_events()
    return every | latest, latest - every

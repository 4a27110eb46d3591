"""Two or more standards side by side: one event under several profiles, or many events under two versions."""

from __future__ import annotations

from collections.abc import Mapping

from app.services.calculation.response import Json
from app.services.comparison.impact import Candidate, impact
from app.services.comparison.profiles import compare_profiles
from app.services.snapshot.snapshot import Snapshot


def compare(snapshot: Snapshot, body: object, candidate: Candidate | None = None) -> Json:
    """Answer either kind of comparison: one with `events` asks what changes, one with `event` who is stricter.

    `candidate` is a draft, of a profile or of a calendar, that stands for `after`. Raises Problem with every fault.
    """
    if candidate is not None or (isinstance(body, Mapping) and body.keys() & {"events", "before", "after"}):
        return impact(snapshot, body, candidate)
    return compare_profiles(snapshot, body)


__all__ = ["Candidate", "compare", "compare_profiles", "impact"]

"""Compare standards: one event under several profiles, or many events under two versions."""

from __future__ import annotations

from app.services.calculation.response import Json
from app.services.comparison.impact import impact
from app.services.comparison.profiles import compare_profiles
from app.services.comparison.request import asks_what_changes
from app.services.snapshot.snapshot import Snapshot


def compare(snapshot: Snapshot, body: object) -> Json:
    """Run either kind of comparison: `events` asks what changes, `event` asks which profile is strictest.

    `body` is a request's model or its JSON value. Raises Problem with every fault.
    """
    return impact(snapshot, body) if asks_what_changes(body) else compare_profiles(snapshot, body)


__all__ = ["compare", "compare_profiles", "impact"]

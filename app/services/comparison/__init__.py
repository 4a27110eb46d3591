"""Compare standards: one event under several profiles, or many events under two versions."""

from __future__ import annotations

from collections.abc import Mapping

from app.services.calculation.response import Json
from app.services.comparison.impact import impact
from app.services.comparison.profiles import compare_profiles
from app.services.snapshot.snapshot import ProfileVersion, Snapshot


def compare(snapshot: Snapshot, body: object, draft: ProfileVersion | None = None) -> Json:
    """Run either kind of comparison: `events` asks what changes, `event` asks which profile is strictest.

    `draft` is a version that is not published yet, compared as `after`. Raises Problem with every fault.
    """
    if draft is not None or (isinstance(body, Mapping) and body.keys() & {"events", "before", "after"}):
        return impact(snapshot, body, draft)
    return compare_profiles(snapshot, body)


__all__ = ["compare", "compare_profiles", "impact"]

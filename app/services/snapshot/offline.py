"""The packaged profiles and calendars as a snapshot, without a database."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache

from app.services.ports import PACKAGE, StoredState
from app.services.snapshot.packaged import packaged_calendars, packaged_profiles
from app.services.snapshot.snapshot import Snapshot, build_snapshot

PACKAGED_AT = datetime(1970, 1, 1, tzinfo=UTC)
"""No publication took place: whatever is packaged counts as known from the start."""


@cache
def packaged_state() -> StoredState:
    """Return every packaged document as the first version of its key, as a freshly loaded store would.

    The answers and their calculation ids are the same as with such a store.
    """
    return StoredState(
        token="package",  # noqa: S106 - the name of a state, not a secret
        profiles=tuple(item.as_stored(1, at=PACKAGED_AT, by=PACKAGE) for item in packaged_profiles()),
        calendars=tuple(item.as_stored(1, at=PACKAGED_AT, by=PACKAGE) for item in packaged_calendars()),
        keys=(),
    )


@cache
def packaged_snapshot() -> Snapshot:
    """Return the packaged profiles and calendars, ready to calculate with."""
    return build_snapshot(packaged_state())

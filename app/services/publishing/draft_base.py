"""Choose the version that a draft is compared with: the one whose events it would answer instead."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from app.services.snapshot.snapshot import ProfileVersion, Snapshot


@dataclass(frozen=True, slots=True)
class DraftBase:
    """The version that a draft is compared with, and whether it is the one in force on the draft's first day."""

    version: ProfileVersion
    first_day: date
    in_force: bool


def base_of_draft(snapshot: Snapshot, key: str, first_day: date, begun_from: int | None) -> DraftBase | None:
    """Return the version in force on a draft's first day, else the one it was begun from, else the latest.

    None where its key has no version yet. A later version that is in force only from a day in the future is the base of
    a draft from that day on, though another one answers today.
    """
    replaced = snapshot.profile_in_force(key, first_day)
    if replaced is not None:
        return DraftBase(replaced, first_day, in_force=True)
    named = snapshot.profile_version(key, begun_from) if begun_from is not None else None
    other = named or snapshot.latest_profile(key)
    return DraftBase(other, first_day, in_force=False) if other is not None else None


def before_publication(snapshot: Snapshot, key: str, published: int) -> Snapshot:
    """Return the snapshot as it was for a draft before it was published as a version, for its page to say the same."""
    earlier = tuple(each for each in snapshot.profiles.get(key, ()) if each.version < published)
    others = {name: versions for name, versions in snapshot.profiles.items() if name != key}
    return replace(snapshot, profiles={**others, key: earlier} if earlier else others)

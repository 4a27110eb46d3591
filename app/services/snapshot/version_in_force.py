"""Which version answers for a day.

The version that answers is the latest one published, not withdrawn, and in force from a day on or before the one
asked about. So a later version ends an earlier one's force from its own first day on, and one that starts as early as
an earlier one replaces it altogether. Nothing has to be closed or kept apart: whatever is
published, at most one version answers for a day. Publishing a correction from the same first day is legal for that
reason, and withdrawing the correction gives the earlier version its force back.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Protocol, TypeVar


class Dated(Protocol):
    """What of a version decides its force."""

    @property
    def version(self) -> int:
        """Its number."""

    @property
    def in_force_from(self) -> date | None:
        """Its first day, None for the beginning."""

    @property
    def published_at(self) -> datetime:
        """When it was published."""

    @property
    def withdrawn_at(self) -> datetime | None:
        """When its force was ended, if it was."""


Version = TypeVar("Version", bound=Dated)


@dataclass(frozen=True, slots=True)
class Period:
    """A run of days, both ends included; None stands for no end on that side."""

    first: date | None
    last: date | None

    def __contains__(self, day: date) -> bool:
        return (self.first is None or self.first <= day) and (self.last is None or day <= self.last)


def version_in_force(versions: Iterable[Version], on: date, *, known_at: datetime | None = None) -> Version | None:
    """The version of one key that answers for a day, or None.

    With `known_at`, as it was known at that instant: what was published later did not exist yet, and what was
    withdrawn later still stood.
    """
    found: Version | None = None
    for each in versions:
        if (
            (each.in_force_from is None or each.in_force_from <= on)
            and (found is None or each.version > found.version)
            and _stands(each, known_at)
        ):
            found = each
    return found


def effective_periods(versions: Iterable[Version], *, known_at: datetime | None = None) -> dict[int, Period]:
    """The days for which each version of one key answers, by version number; a version without any is left out."""
    periods: dict[int, Period] = {}
    taken_from: date | None = None
    for each in sorted(_standing(versions, known_at), key=lambda each: each.version, reverse=True):
        first = each.in_force_from or date.min
        if taken_from is not None and first >= taken_from:
            continue
        last = None if taken_from is None else taken_from - timedelta(days=1)
        periods[each.version] = Period(each.in_force_from, last)
        taken_from = first
    return periods


def _standing(versions: Iterable[Version], known_at: datetime | None) -> list[Version]:
    return [each for each in versions if _stands(each, known_at)]


def _stands(version: Dated, known_at: datetime | None) -> bool:
    if known_at is None:
        return version.withdrawn_at is None
    return version.published_at <= known_at and (version.withdrawn_at is None or version.withdrawn_at > known_at)

"""Choose the profile version in force on a day.

It is the highest-numbered version that is not withdrawn and whose `in_force_from` is on or before the day. Publishing a
later version therefore ends the earlier one from the later one's first day; withdrawing it restores the earlier one. At
most one version is in force on any day, so versions never overlap.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Protocol, TypeVar


class Dated(Protocol):
    """The fields of a version that decide when it is in force."""

    @property
    def version(self) -> int:
        """Return its number."""

    @property
    def in_force_from(self) -> date | None:
        """Return its first day, None for the beginning."""

    @property
    def published_at(self) -> datetime:
        """Return when it was published."""

    @property
    def withdrawn_at(self) -> datetime | None:
        """Return when it was withdrawn, None if it was not."""


Version = TypeVar("Version", bound=Dated)


@dataclass(frozen=True, slots=True)
class Period:
    """A range of days, both ends included; None means no limit on that side."""

    first: date | None
    last: date | None

    def __contains__(self, day: date) -> bool:
        return (self.first is None or self.first <= day) and (self.last is None or day <= self.last)


def version_in_force(versions: Iterable[Version], on: date, *, known_at: datetime | None = None) -> Version | None:
    """Return the version of one key in force on a day, or None.

    With `known_at`, as it was known at that instant: versions published later are ignored, and withdrawals made later
    had not happened.
    """
    return first_in_force(latest_first(versions, known_at=known_at), on)


def latest_first(versions: Iterable[Version], *, known_at: datetime | None = None) -> tuple[Version, ...]:
    """Return the versions of one key that are not withdrawn, or were not at an instant, the latest first."""
    effective = [each for each in versions if _is_effective(each, known_at)]
    return tuple(sorted(effective, key=lambda each: each.version, reverse=True))


def first_in_force(effective: Iterable[Version], on: date) -> Version | None:
    """Return the version in force on a day out of what `latest_first` gave, or None."""
    for each in effective:
        first = each.in_force_from
        if first is None or first <= on:
            return each
    return None


def effective_periods(versions: Iterable[Version], *, known_at: datetime | None = None) -> dict[int, Period]:
    """Return the days on which each version of one key is in force, by number; versions never in force are left out."""
    periods: dict[int, Period] = {}
    taken_from: date | None = None
    for each in latest_first(versions, known_at=known_at):
        first = each.in_force_from or date.min
        if taken_from is not None and first >= taken_from:
            continue
        last = None if taken_from is None else taken_from - timedelta(days=1)
        periods[each.version] = Period(each.in_force_from, last)
        taken_from = first
    return periods


def _is_effective(version: Dated, known_at: datetime | None) -> bool:
    if known_at is None:
        return version.withdrawn_at is None
    return version.published_at <= known_at and (version.withdrawn_at is None or version.withdrawn_at > known_at)

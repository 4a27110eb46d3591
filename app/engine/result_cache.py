"""Cache what the rules of one event yield on one day, where nothing about a child enters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, tzinfo
from types import MappingProxyType

from app.engine.compiled_profile import Profile
from app.engine.facts import DATE_OF_BIRTH, WorkingCalendar
from app.engine.results import Obligation


class CachedObligation(Obligation):
    """An obligation in the cache: one and the same object in every answer, so that a writer may go by its identity."""

    __slots__ = ()


NOTHING_CACHED: Mapping[int, tuple[CachedObligation, ...]] = MappingProxyType({})


class CachedDay:
    """The obligations of one event and day, by the rule's position and by what had to be assumed for it."""

    __slots__ = ("_cache", "assumed", "calendar", "certain", "profile", "zone")

    def __init__(self, cache: DayResultCache, profile: Profile, calendar: WorkingCalendar, zone: tzinfo) -> None:
        self._cache = cache
        self.profile = profile
        self.calendar = calendar
        self.zone = zone
        self.certain: dict[int, tuple[CachedObligation, ...]] = {}
        """Those for which nothing was assumed, by the rule's position."""
        self.assumed: dict[tuple[int, tuple[str, ...]], tuple[CachedObligation, ...]] = {}

    def find(self, place: int, assumptions: tuple[str, ...]) -> tuple[CachedObligation, ...] | None:
        """Return what one rule yields, None where it is not in the cache."""
        return self.assumed.get((place, assumptions)) if assumptions else self.certain.get(place)

    def store(
        self, place: int, assumptions: tuple[str, ...], items: Sequence[Obligation]
    ) -> tuple[CachedObligation, ...]:
        """Cache what one rule yielded, and return the cached objects."""
        cached = tuple([CachedObligation(*item) for item in items])
        if assumptions:
            self.assumed[place, assumptions] = cached
        else:
            self.certain[place] = cached
        self._cache.count(1 + len(cached))
        return cached


class DayResultCache:
    """Bounded cache of obligations by profile, event and day.

    Caches only rules whose timing reads no fact and no time of day (decided when a profile is compiled), so nothing
    that follows from a child's facts is stored. Events dated by a date of birth are never cached. Emptied when it
    holds more than `max_items`, so that its memory is bounded whatever is requested.
    """

    def __init__(self, max_items: int) -> None:
        self._max_items = max_items
        self.clear()

    def clear(self) -> None:
        """Start anew. May be called from another thread at any time."""
        self._items = 0
        self.days: dict[tuple[int, int, str, date, date | None], CachedDay] = {}

    def day(
        self, profile: Profile, event: str, day: date, until: date | None, calendar: WorkingCalendar, zone: tzinfo
    ) -> CachedDay | None:
        """Return what is cached of an event's day; None where nothing may be cached."""
        key = (id(profile), id(calendar), event, day, until)
        cached = self.days.get(key)
        # An identity may be reused once its object is gone; a cached day holds on to its own, which settles it.
        if cached is not None and cached.profile is profile and cached.calendar is calendar and cached.zone is zone:
            return cached
        if DATE_OF_BIRTH in profile.vocabulary.events[event].sets:
            return None
        cached = self.days[key] = CachedDay(self, profile, calendar, zone)
        self.count(1)
        return cached

    def count(self, number: int) -> None:
        """Note how many items were added; start anew where they are more than the cache may hold."""
        self._items += number
        if self._items > self._max_items:
            self.clear()

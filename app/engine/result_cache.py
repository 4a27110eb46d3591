"""What rules that read nothing of the child make of a day, put together once and given again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, tzinfo

from app.engine.compiled_profile import Profile
from app.engine.facts import DATE_OF_BIRTH, WorkingCalendar
from app.engine.results import Obligation


class Kept(Obligation):
    """An obligation that an almanac holds: one and the same object in every answer that contains it.

    `written` is where whoever writes it out may keep what was written, in pieces.
    """

    written: tuple[str, ...] | None = None


class Page:
    """What the rules of one event make of one day, by the place of each and by what had to be assumed for it."""

    __slots__ = ("_almanac", "calendar", "found", "profile", "zone")

    def __init__(self, almanac: Almanac, profile: Profile, calendar: WorkingCalendar, zone: tzinfo) -> None:
        self._almanac = almanac
        self.profile = profile
        self.calendar = calendar
        self.zone = zone
        self.found: dict[tuple[int, tuple[str, ...]], tuple[Kept, ...]] = {}

    def keep(self, place: int, assumptions: tuple[str, ...], items: Sequence[Obligation]) -> tuple[Kept, ...]:
        """Keep what a rule came to."""
        kept = self.found[place, assumptions] = tuple([Kept(*item) for item in items])
        self._almanac.count(1 + len(kept))
        return kept


class Almanac:
    """Pages by profile, event and day. A page holds days and the standards' own words, and no fact about anybody.

    What may be kept is decided when a profile is compiled (`Started.by_day`): its timing reads no fact and no time of
    day, so that no day is kept that follows from a fact. Events whose day is a date of birth have no page. Holds at
    most about `most` obligations and then starts anew, so that its memory is bounded whatever is asked.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self.clear()

    def clear(self) -> None:
        """Forget everything."""
        self._held = 0
        self._pages: dict[tuple[int, int, str, date, date | None], Page] = {}

    def page(
        self, profile: Profile, event: str, day: date, until: date | None, calendar: WorkingCalendar, zone: tzinfo
    ) -> Page | None:
        """The page of an event's day, None where there is to be none."""
        key = (id(profile), id(calendar), event, day, until)
        page = self._pages.get(key)
        # The identity of what is gone may come again with another; a page holds on to its own, which settles it.
        if page is not None and page.profile is profile and page.calendar is calendar and page.zone is zone:
            return page
        if DATE_OF_BIRTH in profile.vocabulary.events[event].sets:
            return None
        page = self._pages[key] = Page(self, profile, calendar, zone)
        self.count(1)
        return page

    def count(self, number: int) -> None:
        """Note what was put in; past the most that is held everything goes, and what is asked for comes back."""
        self._held += number
        if self._held > self._most:
            self.clear()

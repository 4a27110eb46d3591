"""Working-day arithmetic by lookup: 2 days and 2,000 cost the same.

Two tables carry everything. `through[p]` is how many working days there are up to and including the day at
position p (the first day has position 1, so that `through[p - 1]` always exists). `nth[k]` is the kth working day.
Adding is then one lookup in each, and counting two lookups in the first.
"""

from collections.abc import Iterable
from datetime import date
from functools import lru_cache
from itertools import accumulate, compress

_DAYS_OF_THE_WEEK = 7
_WORKING_WEEK = (1, 1, 1, 1, 1, 0, 0)


class BeyondCalendar(ValueError):
    """A date, or the result of counting from it, lies outside the calendar, which runs from `first` to `last`."""

    def __init__(self, day: date, first: date, last: date, days: int | None = None) -> None:
        self.date, self.first, self.last, self.days = day, first, last, days
        what = f"{day}" if days is None else f"{day} with {days} working days added"
        super().__init__(f"{what} is beyond the calendar, which runs from {first} to {last}")

    def __reduce__(self) -> tuple[type["BeyondCalendar"], tuple[date, date, date, int | None]]:
        return BeyondCalendar, (self.date, self.first, self.last, self.days)


@lru_cache(maxsize=8)
def _positions(first: date, last: date) -> dict[date, int]:
    """Return each day of the span with its position from 1; shared by all calendars of the span."""
    ordinals = range(first.toordinal(), last.toordinal() + 1)
    return {date.fromordinal(ordinal): position for position, ordinal in enumerate(ordinals, start=1)}


class WorkingDayIndex:
    """Adds, counts and checks working days between two dates, each in constant time.

    A working day is Monday to Friday and not among `non_working`. A `datetime` raises `TypeError`: an
    instant has to be turned into its London date first. Days outside the span raise
    `BeyondCalendar`. Dates in `non_working` outside the span are ignored.
    """

    __slots__ = ("_base", "_nth", "_positions", "_through", "first", "last")

    def __init__(self, first: date, last: date, non_working: Iterable[date] = ()) -> None:
        if last < first:
            raise ValueError(f"the calendar would end on {last}, before it starts on {first}")
        self.first = first
        self.last = last
        self._base = first.toordinal() - 1
        self._positions = _positions(first, last)
        working = bytearray(self._week_pattern())
        for day in non_working:
            if first <= day <= last:
                working[day.toordinal() - self._base - 1] = 0
        # The numbers are those of the positions, shared by all calendars of the span: together the larger part of each.
        numbers = (0, *self._positions.values())
        self._through: tuple[int, ...] = (0, *map(numbers.__getitem__, accumulate(working)))
        # Place 0 is never read: the first working day is number 1.
        self._nth: tuple[date, ...] = (first, *compress(self._positions, working))

    def _week_pattern(self) -> Iterable[int]:
        length = len(self._positions)
        start = self.first.weekday()
        weeks = bytes(_WORKING_WEEK) * (length // _DAYS_OF_THE_WEEK + 2)
        return weeks[start : start + length]

    def add(self, start: date, days: int) -> date:
        """Return the working day that is `days` after `start`; a negative number counts back.

        The start is day 0 and not counted. From a non-working day, day 1 is the next working day and day -1 the
        one before. Adding 0 gives the start itself, working day or not. Raises `BeyondCalendar`.

        From Sunday 4 January 2026, one working day is Monday 5 January.
        """
        try:
            if days > 0:
                return self._nth[self._through[self._positions[start]] + days]
            if days:
                number = self._through[self._positions[start] - 1] + 1 + days
                if number > 0:
                    return self._nth[number]
            elif start in self._positions:
                return start
        except (KeyError, IndexError):
            pass
        raise self._beyond(start, days)

    def count(self, start: date, end: date) -> int:
        """Return how many working days come after `start`, up to and including `end`; negative if reversed.

        Reversed, it is the same number with a minus: the two days change places. Raises `BeyondCalendar`.

        From Friday 2 to Monday 5 January 2026 there is 1; from that Monday back to that Friday, -1. From Sunday 4
        back to Friday 2 there is none, as there is none from that Friday to that Sunday.
        """
        try:
            through = self._through
            return through[self._positions[end]] - through[self._positions[start]]
        except KeyError:
            raise self._beyond(start if start not in self._positions else end) from None

    def is_working(self, day: date) -> bool:
        """Return True if `day` is a working day. Raises `BeyondCalendar`."""
        try:
            position = self._positions[day]
        except KeyError:
            raise self._beyond(day) from None
        return self._through[position] != self._through[position - 1]

    def last_on_or_before(self, day: date) -> date:
        """Return the last working day on or before `day`. Raises `BeyondCalendar` if the calendar has none."""
        try:
            number = self._through[self._positions[day]]
        except KeyError:
            raise self._beyond(day) from None
        if not number:
            raise self._beyond(day)
        return self._nth[number]

    def _beyond(self, day: date, days: int | None = None) -> Exception:
        if type(day) is not date:
            return TypeError(f"a calendar counts dates, not {type(day).__name__}: take its London date first")
        return BeyondCalendar(day, self.first, self.last, days)

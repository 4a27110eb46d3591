"""Measure adding working days: this project's index next to its peers, as ratios of one run on one machine.

Run as `python bench/working_days.py`. A peer that is not installed is left out. The same dates and the same bank
holidays of England and Wales go to each (workalendar and `holidays` bring their own); each answer is compared before
it is timed, so that nothing fast and wrong is in the table. Times are the best of several rounds; the call through
Python's own function machinery is part of what a caller pays, and so of every row but the bare lookup.
"""

import argparse
import importlib
import random
import sys
import time
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from app.calendars import Calendar
from app.calendars.packaged import load_packaged
from bench.table import Row

Add = Callable[[date, int], date]
ROUNDS = 7
SLOW_PEER_DATES = 200
DATES = 5_000


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--days", type=int, default=15, help="working days to add (default 15)")
    days: int = parser.parse_args().days
    calendar = load_packaged()["england-and-wales"]
    starts = _starts(calendar)
    print(f"## Adding {days} working days, date to date\n")
    _table(
        [
            (name, add, _seconds(add, starts, days))
            for name, add in _peers(calendar, days)
            if _agrees(add, name, calendar, starts, days)
        ]
    )
    print("\n## The same index, near and far\n")
    far = [2, 15, 200, 2000]
    add = calendar.add_working_days
    _table([(f"{n:,} working days", add, _seconds(add, starts, n)) for n in far])


def rows(days: int = 15) -> Iterator[Row]:
    """Yield the first table's rows for the table of everything."""
    calendar = load_packaged()["england-and-wales"]
    starts = _starts(calendar)
    seconds_of = {
        name: _seconds(add, starts, days)
        for name, add in _peers(calendar, days)
        if _agrees(add, name, calendar, starts, days)
    }
    own, bare = "`WorkingDayIndex.add`", next(name for name in seconds_of if name.startswith("bare"))
    ours = ("`Calendar.add_working_days`", own, bare)
    fastest = min((name for name in seconds_of if name not in ours), key=lambda name: seconds_of[name], default=None)
    for name, seconds in seconds_of.items():
        ratio = seconds / seconds_of[own]
        target, met = "", None
        if name == fastest:
            target, met = "ours at least 10 times faster than the fastest peer", ratio >= 10
        if name == bare:
            target, met = "ours within 2 times", seconds_of[own] <= 2 * seconds
        yield Row(
            f"{days} working days, {name}",
            f"{seconds * 1e6:.3f} µs",
            "`WorkingDayIndex.add`",
            f"{ratio:.1f}",
            target,
            met,
        )


def numpy_offset_seconds(days: int = 15) -> float:
    """Return the seconds of one scalar `numpy.busday_offset`, date to date, under the same bank holidays."""
    calendar = load_packaged()["england-and-wales"]
    ((_, add),) = _numpy(importlib.import_module("numpy"), calendar, days)
    return _seconds(add, _starts(calendar), days)


def _starts(calendar: Calendar) -> list[date]:
    """Working days of 2019 to 2028, so that peers with another convention for weekends can be compared."""
    generator = random.Random(2026)
    first = date(2019, 1, 1)
    span = (date(2028, 9, 1) - first).days
    days = (first + timedelta(days=generator.randrange(span)) for _ in range(DATES))
    return [calendar.index.last_on_or_before(day) for day in days]


def _seconds(add: Add, starts: list[date], days: int) -> float:
    """Return the processor seconds of one call: the best round, loop overhead included."""
    once = time.process_time()
    for start in starts[:20]:
        add(start, days)
    slow = (time.process_time() - once) / 20 > 20e-6
    dates = starts[:SLOW_PEER_DATES] if slow else starts
    best = float("inf")
    for _ in range(3 if slow else ROUNDS):
        began = time.process_time()
        for start in dates:
            add(start, days)
        best = min(best, time.process_time() - began)
    return best / len(dates)


def _agrees(add: Add, name: str, calendar: Calendar, starts: list[date], days: int) -> bool:
    wrong = sum(add(start, days) != calendar.add_working_days(start, days) for start in starts[:SLOW_PEER_DATES])
    if wrong:
        print(f"{name}: left out, {wrong} of {SLOW_PEER_DATES} answers differ\n")
    return not wrong


def _table(rows: list[tuple[str, Add, float]]) -> None:
    base = rows[0][2]
    print("| | µs a call | times the first row |\n|---|--:|--:|")
    for name, _, seconds in rows:
        print(f"| {name} | {seconds * 1e6:.3f} | {seconds / base:.1f} |")


def _peers(calendar: Calendar, days: int) -> Iterator[tuple[str, Add]]:
    yield "`Calendar.add_working_days`", calendar.add_working_days
    yield "`WorkingDayIndex.add`", calendar.index.add
    yield "bare lookup (a function of two list lookups, unchecked)", _bare_lookup(calendar)
    makers = {
        "numpy": _numpy,
        "bizdays": _bizdays,
        "pandas": _pandas,
        "holidays": _holidays,
        "workalendar": _workalendar,
    }
    for name, maker in makers.items():
        try:
            module = importlib.import_module(name)
        except ImportError:
            print(f"{name} is not installed: left out\n")
            continue
        yield from maker(module, calendar, days)


def _bare_lookup(calendar: Calendar) -> Add:
    """Return what no scalar code can be faster than: ordinal, two lists, no check of anything."""
    first = calendar.first.toordinal()
    span = [date.fromordinal(n) for n in range(first, calendar.last.toordinal() + 1)]
    working = [day for day in span if calendar.index.is_working(day)]
    place: list[int] = []
    for day in span:
        place.append((place[-1] if place else -1) + calendar.index.is_working(day))

    def add(start: date, days: int) -> date:
        return working[place[start.toordinal() - first] + days]

    return add


def _numpy(numpy: Any, calendar: Calendar, _days: int) -> Iterator[tuple[str, Add]]:
    oracle = numpy.busdaycalendar(holidays=[day.date for day in calendar.days])
    offset = numpy.busday_offset
    yield (
        "numpy `busday_offset`, date to date",
        lambda start, days: offset(start, days, roll="backward", busdaycal=oracle).astype(object),
    )


def _bizdays(bizdays: Any, calendar: Calendar, _days: int) -> Iterator[tuple[str, Add]]:
    peer = bizdays.Calendar([day.date for day in calendar.days], ["Saturday", "Sunday"], name="bench")
    yield "bizdays `offset`", lambda start, days: _date_of(peer.offset(start, days))


def _pandas(pandas: Any, calendar: Calendar, days: int) -> Iterator[tuple[str, Add]]:
    offset = pandas.offsets.CustomBusinessDay(days, holidays=[day.date for day in calendar.days])
    # The offset is built once: building it for each call would be an unfair 100 times slower.
    yield "pandas `CustomBusinessDay`", lambda start, _: _date_of(start + offset)
    stamps = pandas.Timestamp
    yield "pandas `CustomBusinessDay` from a `Timestamp`", lambda start, _: _date_of(stamps(start) + offset)


def _holidays(holidays: Any, _calendar: Calendar, _days: int) -> Iterator[tuple[str, Add]]:
    peer = holidays.country_holidays("GB", subdiv="ENG", years=range(2018, 2040))
    yield "holidays `get_nth_working_day`", peer.get_nth_working_day


def _workalendar(_: Any, _calendar: Calendar, _days: int) -> Iterator[tuple[str, Add]]:
    peer = importlib.import_module("workalendar.europe").UnitedKingdom()
    yield "workalendar `add_working_days`", peer.add_working_days


def _date_of(moved: Any) -> date:
    return date(moved.year, moved.month, moved.day)


if __name__ == "__main__":
    main()

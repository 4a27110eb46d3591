"""Common mistakes in counting, each as a change to the rule, facts or calendar, so that it can be counted again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import UTC, date, timedelta
from typing import Any

from app.engine.civil_time import Moment
from app.engine.compiled_profile import Rule
from app.engine.conditions import key_in_words
from app.engine.facts import FactValue, WorkingCalendar
from app.engine.phases import Phase
from app.engine.timing import BACK, Before, Within
from app.engine.units import Days, Duration, Hours, Months, Weekdays, Weeks, WorkingDays, Years
from app.services.calculation.request import ResolvedRequest
from app.services.snapshot.snapshot import Snapshot

ONE_DAY = timedelta(days=1)
UNTOUCHED = frozenset({"when", "end", "since", "counter", "set_by", "alternatives", "projection"})
MAX_DAYS_COUNTED = 4_000


@dataclass(frozen=True, slots=True)
class Recount:
    """The inputs of a recount: a rule, a moment, facts and a calendar. `adjust_result` moves the result."""

    rule: Rule
    moment: Moment
    facts: dict[str, FactValue]
    calendar: WorkingCalendar
    adjust_result: Callable[[date], date] | None = None


@dataclass(frozen=True, slots=True)
class Mistake:
    """One mistake; `make` returns None if it cannot be made with these inputs."""

    code: str
    text: str
    make: Callable[[Recount], Recount | None]


class WeekendsCounted:
    """A calendar with its bank holidays and closures, in which Saturdays and Sundays are working days."""

    def __init__(self, calendar: WorkingCalendar) -> None:
        self._calendar = calendar
        self.key = calendar.key
        self.first = calendar.first
        self.last = calendar.last
        self.published_until = calendar.published_until

    @property
    def without_closures(self) -> WeekendsCounted:
        """Return the same without closures."""
        return WeekendsCounted(self._calendar.without_closures)

    def why_not_working(self, day: date) -> str | None:
        """Return the holiday or closure that makes a day non-working, None for any other day."""
        why = self._calendar.why_not_working(day)
        return None if why in {None, "Saturday", "Sunday"} else why

    def add_working_days(self, start: date, days: int) -> date:
        """Return the day so many working days after a start (negative: before), counted day by day."""
        step = ONE_DAY if days > 0 else -ONE_DAY
        day, left = start, abs(days)
        for _ in range(MAX_DAYS_COUNTED):
            if not left:
                return day
            day += step
            left -= self.why_not_working(day) is None
        raise ValueError("beyond the longest count")

    def last_working_day(self, on_or_before: date) -> date:
        """Return the last working day on or before a date, by the calendar itself."""
        return self._calendar.last_working_day(on_or_before)


def possible_mistakes(snapshot: Snapshot, request: ResolvedRequest) -> Iterator[Mistake]:
    """Yield every mistake that is tried."""
    yield Mistake("day_zero_counted", "the day of the event was counted as day 1", _day_zero_counted)
    yield Mistake(
        "first_day_left_out", "the day of the event was not counted, though the rule counts it", _first_left_out
    )
    yield Mistake("clear_days", "clear days were counted: the last day was left out as well", _clear_days)
    yield Mistake(
        "bank_holidays_missed",
        "the bank holidays and closures were counted as working days",
        _swap(WorkingDays, Weekdays),
    )
    yield Mistake(
        "closures_counted", "the council's own closure days were counted as working days", _closures(counted=False)
    )
    yield Mistake(
        "closures_left_out",
        "the council's own closure days were left out, though the rule counts them",
        _closures(counted=True),
    )
    yield Mistake("weekends_counted", "Saturdays and Sundays were counted as working days", _weekends)
    yield Mistake(
        "calendar_days_for_working_days",
        "calendar days were counted for working days",
        _swap(WorkingDays, Days),
    )
    yield Mistake(
        "working_days_for_calendar_days",
        "working days were counted for calendar days",
        _swap(Days, WorkingDays),
    )
    yield Mistake("working_days_for_weekdays", "working days were counted for weekdays", _swap(Weekdays, WorkingDays))
    yield Mistake("weekdays_for_calendar_days", "weekdays were counted for calendar days", _swap(Days, Weekdays))
    yield Mistake("working_weeks", "each week was counted as five working days", _swap(Weeks, WorkingDays, 5))
    yield Mistake("months_as_four_weeks", "each month was counted as four weeks", _swap(Months, Weeks, 4))
    yield Mistake("months_as_thirty_days", "each month was counted as 30 days", _swap(Months, Days, 30))
    yield Mistake(
        "months_as_average_days",
        "months were counted as days, three as 91 and six as 183",
        _months_as_average_days,
    )
    yield Mistake("years_as_365_days", "each year was counted as 365 days", _swap(Years, Days, 365))
    yield Mistake("years_as_52_weeks", "each year was counted as 52 weeks", _swap(Years, Weeks, 52))
    yield Mistake("hours_as_working_days", "each 24 hours were counted as a working day", _swap_hours(WorkingDays))
    yield Mistake("hours_as_days", "each 24 hours were counted as a day that ends at midnight", _swap_hours(Days))
    yield Mistake("utc_day", "the day was read in UTC and not in London", _utc)
    yield Mistake("next_working_day_as_day_zero", "the next working day was counted as day 0", _from_next_working_day)
    yield Mistake("rolled_forward", "a due date on a non-working day was moved to the next working day", _rolled(1))
    yield Mistake("rolled_back", "a due date on a non-working day was moved to the working day before", _rolled(-1))
    yield Mistake(
        "counted_the_wrong_way",
        "the days were counted in the wrong direction",
        _reversed,
    )
    for key, versions in snapshot.calendars.items():
        other = versions[-1].calendar
        if key != request.calendar.record.key:
            text = f"the days were counted with the calendar {key}"
            yield Mistake(f"calendar_{key_in_words(key).replace('-', '_').replace(' ', '_')}", text, _calendar(other))


def _map_durations(value: Any, change: Callable[[Any], Any]) -> Any:
    """Return a timing with every duration in it changed; conditions and ends of phases stay."""
    changed = change(value)
    if changed is not value:
        return changed
    if isinstance(value, tuple):
        return tuple(_map_durations(item, change) for item in value)
    if is_dataclass(value) and not isinstance(value, type | Duration):
        inner = {
            f.name: _map_durations(getattr(value, f.name), change) for f in fields(value) if f.name not in UNTOUCHED
        }
        different = {name: item for name, item in inner.items() if item is not getattr(value, name)}
        return replace(value, **different) if different else value
    return value


def _change_timings(recount: Recount, change: Callable[[Any], Any]) -> Recount | None:
    """Return the recount with every reading of its rule changed; None if nothing would change."""
    readings = tuple(replace(r, timing=_map_durations(r.timing, change)) for r in recount.rule.readings)
    if readings == recount.rule.readings:
        return None
    return replace(recount, rule=replace(recount.rule, readings=readings))


def _swap(one: type[Any], other: type[Any], times: int = 1) -> Callable[[Recount], Recount | None]:
    def change(value: Any) -> Any:
        return other(value.amount * times) if type(value) is one else value

    return lambda recount: _change_timings(recount, change)


def _months_as_average_days(recount: Recount) -> Recount | None:
    """Count each month as a twelfth of 365.25 days: case systems write 91 days for three months and 183 for six."""

    def change(value: Any) -> Any:
        return Days(round(value.amount * 365.25 / 12)) if type(value) is Months else value

    return _change_timings(recount, change)


def _swap_hours(unit: type[Any]) -> Callable[[Recount], Recount | None]:
    def change(value: Any) -> Any:
        return unit(value.amount // 24) if type(value) is Hours and value.amount % 24 == 0 else value

    return lambda recount: _change_timings(recount, change)


def _backwards(recount: Recount) -> bool:
    return recount.rule.readings[0].timing.direction == BACK


def _closures(*, counted: bool) -> Callable[[Recount], Recount | None]:
    """Return the mistake of counting closure days the other way, for rules that count them or do not."""

    def make(recount: Recount) -> Recount | None:
        if recount.rule.closures_count is not counted or recount.calendar.without_closures is recount.calendar:
            return None
        return replace(recount, rule=replace(recount.rule, closures_count=not counted))

    return make


def _day_zero_counted(recount: Recount) -> Recount | None:
    def change(value: Any) -> Any:
        # A daily series that counts its own day would never move on.
        if getattr(value, "event_day", None) != 0 or (
            isinstance(value, Phase) and str(value.interval).startswith("1 ")
        ):
            return value
        return replace(value, event_day=1)

    made = _change_timings(recount, change)
    if made is not None:
        return made
    if any(getattr(r.timing, "event_day", 0) for r in recount.rule.readings):
        return None
    return _shifted(recount, 1 if _backwards(recount) else -1)


def _first_left_out(recount: Recount) -> Recount | None:
    def change(value: Any) -> Any:
        return replace(value, event_day=0) if getattr(value, "event_day", None) == 1 else value

    return _change_timings(recount, change)


def _clear_days(recount: Recount) -> Recount | None:
    def change(value: Any) -> Any:
        return type(value)(value.amount + 1) if isinstance(value, WorkingDays | Weekdays | Days) else value

    return _change_timings(recount, change)


def _shifted(recount: Recount, days: int) -> Recount | None:
    try:
        return replace(recount, moment=Moment(recount.moment.day + timedelta(days=days)))
    except OverflowError:
        return None


def _weekends(recount: Recount) -> Recount | None:
    if isinstance(recount.calendar, WeekendsCounted) or _change_timings(recount, _detect(WorkingDays)) is None:
        return None
    return replace(recount, calendar=WeekendsCounted(recount.calendar))


def _detect(unit: type[Any]) -> Callable[[Any], Any]:
    """Return a change that only detects whether a unit occurs."""
    return lambda value: unit(value.amount + 1) if type(value) is unit else value


def _utc(recount: Recount) -> Recount | None:
    if recount.moment.at is None:
        return None
    day = recount.moment.at.astimezone(UTC).date()
    return replace(recount, moment=Moment(day)) if day != recount.moment.day else None


def _from_next_working_day(recount: Recount) -> Recount | None:
    day = recount.moment.day
    for _ in range(30):
        if recount.calendar.why_not_working(day) is None:
            break
        day += ONE_DAY
    return replace(recount, moment=Moment(day)) if day != recount.moment.day else None


def _rolled(direction: int) -> Callable[[Recount], Recount | None]:
    def make(recount: Recount) -> Recount | None:
        calendar = recount.calendar

        def adjust_result(day: date) -> date:
            for _ in range(30):
                if not calendar.first < day < calendar.last or calendar.why_not_working(day) is None:
                    break
                day += direction * ONE_DAY
            return day

        return replace(recount, adjust_result=adjust_result) if recount.adjust_result is None else None

    return make


def _reversed(recount: Recount) -> Recount | None:
    def change(value: Any) -> Any:
        if isinstance(value, Before) and value.length is not None:
            return Within(value.length)
        return Before(value.length) if isinstance(value, Within) and value.since is None else value

    return _change_timings(recount, change)


def _calendar(other: WorkingCalendar) -> Callable[[Recount], Recount | None]:
    def make(recount: Recount) -> Recount | None:
        if _change_timings(recount, _detect(WorkingDays)) is None:
            return None
        return replace(recount, calendar=other)

    return make

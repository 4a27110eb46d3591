"""The kinds of timing that give one due date, each with its reader, its schema and its example.

The loader, the JSON Schema, the template and the table in docs/profile-format.md are made from `ONE_OFF_KINDS`.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable, Mapping
from typing import cast

from app.documents.reader import Reader
from app.engine.fixed_days import MONTHS, BeforeDayOfYear, NoonAfterHoliday
from app.engine.milestones import AtAge, AtGestation, Edge, SchoolYear
from app.engine.timing import Before, Extreme, LookBack, NotBefore, SameDay, Timing, Undated, Window, Within
from app.engine.units import Days, Duration, WorkingDays
from app.profiles.durations import read_age, read_duration, read_stated_duration
from app.profiles.grammar import TEXT, TRUE, Schema, closed, list_of, number, one_of, ref, shape
from app.profiles.timing_kind import Names, Read, TimingKind, TimingTable, Variant, read_fact, read_kind, stated_or_both

MAX_WEEKS_OF_PREGNANCY = 42


def read_one_off(reader: Reader, value: object, path: str, names: Names) -> list[Variant]:
    """Read a timing that gives one due date: every reading of it, the declared one first."""
    return read_kind(reader, value, path, names, ONE_OFF_KINDS)


def _counted(build: Callable[[Duration], Timing]) -> Read:
    """Return the reader of a kind that is a length and nothing else."""

    def read(entry: TimingTable) -> list[Variant]:
        lengths = stated_or_both(read_duration(entry.reader, entry.value, entry.where, unstated=True))
        return [Variant(build(length), explicit=stated) for length, stated in lengths]

    return read


def _counted_from_fact(*, point: bool) -> Read:
    def read(entry: TimingTable) -> list[Variant]:
        since = read_fact(entry.reader, entry.table, "from", entry.path, entry.names)
        first_day = _event_day(entry)
        return _counted(lambda length: Within(length, since, first_day, point))(entry)

    return read


def _noon_after_holiday(entry: TimingTable) -> list[Variant]:
    counted = _counted_from_fact(point=False)(entry)
    return [Variant(NoonAfterHoliday(cast(Within, item.timing)), explicit=item.explicit) for item in counted]


def _before_day_of_year(entry: TimingTable) -> list[Variant]:
    table = DAY_OF_YEAR.read(entry.reader, entry.value, entry.where)
    month = entry.reader.number(table, "month", entry.where, 1, 1)
    day = entry.reader.number(table, "day", entry.where, 1, 1)
    # The shortest a month can be, so that every year has the day.
    if month > len(MONTHS) or day > monthrange(SHORT_YEAR, month)[1]:
        entry.reader.fault(entry.where, "no such day comes in every year", "write { month = 2, day = 15 }")
        return []
    return [Variant(BeforeDayOfYear(month, day))]


def _not_before(entry: TimingTable) -> list[Variant]:
    first_day = _event_day(entry)
    return _counted(lambda length: NotBefore(length, first_day))(entry)


def _before(entry: TimingTable) -> list[Variant]:
    if entry.value == {"nothing": True}:
        return [Variant(Before(None))]
    return _counted(Before)(entry)


def _event_day(entry: TimingTable) -> int:
    day = entry.reader.number(entry.table, "event_day", entry.path)
    if day > 1:
        message = "the day of the event counts as day 0 or day 1"
        entry.reader.fault(f"{entry.path}.event_day", message, "write 1, or leave it out")
    return day


def _on_the_day(*, at_once: bool) -> Read:
    def read(entry: TimingTable) -> list[Variant]:
        if entry.value is not True:
            entry.reader.fault(entry.where, f"'{entry.key}' takes no length", f"write {entry.key} = true")
        return [Variant(SameDay(at_once))]

    return read


def _age(edge: Edge) -> Read:
    def read(entry: TimingTable) -> list[Variant]:
        age = read_age(entry.reader, entry.value, entry.where)
        return [Variant(AtAge(age, edge))] if age is not None else []

    return read


def _gestation(edge: Edge) -> Read:
    def read(entry: TimingTable) -> list[Variant]:
        where = entry.where
        weeks = entry.reader.number(WEEKS.read(entry.reader, entry.value, where), "weeks", where, 1, 1)
        if weeks > MAX_WEEKS_OF_PREGNANCY:
            remedy = f"give weeks from 1 to {MAX_WEEKS_OF_PREGNANCY}"
            entry.reader.fault(where, f"a pregnancy does not reach {weeks} weeks", remedy)
        return [Variant(AtGestation(weeks, edge))]

    return read


def _school_year(entry: TimingTable) -> list[Variant]:
    where = entry.where
    return [Variant(SchoolYear(entry.reader.number(YEAR.read(entry.reader, entry.value, where), "year", where, 1)))]


def _window(entry: TimingTable) -> list[Variant]:
    where = entry.where
    ends = ENDS.read(entry.reader, entry.value, where)
    # A window may open with the event itself.
    zero: dict[str, Duration] = {"days": Days(0), "working_days": WorkingDays(0)}
    at_event = next((zero[unit] for unit in zero if ends.get("opens") == {unit: 0}), None)
    opens = at_event or read_stated_duration(entry.reader, ends, "opens", where)
    closes = read_stated_duration(entry.reader, ends, "closes", where)
    return [Variant(Window(opens, closes))] if opens is not None and closes is not None else []


def _extreme(*, earliest: bool) -> Read:
    def read(entry: TimingTable) -> list[Variant]:
        value, where = entry.value, entry.where
        if not isinstance(value, list | tuple) or len(value) < 2:
            entry.reader.fault(
                where, f"'{entry.key}' compares at least two timings", f"write {entry.key} = [{{ … }}, {{ … }}]"
            )
            return []
        parts = [read_one_off(entry.reader, item, f"{where}[{index}]", entry.names) for index, item in enumerate(value)]
        if not all(parts):
            return []
        declared = [cast(Timing, part[0].timing) for part in parts]
        stated = all(part[0].explicit for part in parts)
        variants = [Variant(Extreme(tuple(declared), earliest), explicit=stated)]
        for index, part in enumerate(parts):
            for other in part[1:]:
                swapped = (*declared[:index], cast(Timing, other.timing), *declared[index + 1 :])
                variants.append(Variant(Extreme(swapped, earliest), explicit=False))
        return variants

    return read


def _undated(entry: TimingTable) -> list[Variant]:
    return [Variant(Undated(entry.reader.text(entry.table, entry.key, entry.path)))]


SHORT_YEAR = 2001
DAY_OF_YEAR = shape("month", "day", month=number(1, 12), day=number(1, 31))
WEEKS = shape("weeks", weeks=number(1, MAX_WEEKS_OF_PREGNANCY))
YEAR = shape("year", year=number(0, 13))
_AT_THE_EVENT = [closed("days", days={"const": 0}), closed("working_days", working_days={"const": 0})]
ENDS = shape("opens", "closes", opens={"anyOf": [ref("duration"), *_AT_THE_EVENT]}, closes=ref("duration"))
FROM_FACT: Mapping[str, Schema] = {"from": ref("fact"), "event_day": one_of([0, 1])}
SEVERAL = list_of(ref("timing"), 2)
LENGTH_OR_NOTHING: Schema = {"anyOf": [ref("length"), closed("nothing", nothing=TRUE)]}

_KINDS = (
    TimingKind(
        "within",
        _counted_from_fact(point=False),
        ref("length"),
        "so long after the event; `from` a dated fact instead; `event_day = 1`: its own day counts as day 1",
        "deadline",
        (
            "within = { working_days = 15 }",
            'within = { months = 3 }, from = "placement_started_on"',
            "within = { weeks = 26 }, event_day = 1",
        ),
        FROM_FACT,
        opens_series=True,
    ),
    TimingKind(
        "at",
        _counted_from_fact(point=True),
        ref("length"),
        'on the day itself ("at day 5")',
        "deadline",
        ("at = { days_unstated = 5 }",),
        FROM_FACT,
        opens_series=True,
    ),
    TimingKind(
        "same_day",
        _on_the_day(at_once=False),
        TRUE,
        "on the day of the event",
        "deadline",
        ("same_day = true",),
        opens_series=True,
    ),
    TimingKind(
        "immediately",
        _on_the_day(at_once=True),
        TRUE,
        "at once: the day of the event",
        "deadline",
        ("immediately = true",),
        opens_series=True,
    ),
    TimingKind(
        "before",
        _before,
        LENGTH_OR_NOTHING,
        "so long before the event; before it, with no interval",
        "lead time",
        ("before = { working_days = 3 }", "before = { nothing = true }"),
    ),
    TimingKind(
        "before_day_of_year",
        _before_day_of_year,
        DAY_OF_YEAR.schema(),
        "before a fixed day of the year in which the event falls",
        "lead time: the day before",
        ("before_day_of_year = { month = 2, day = 15 }",),
    ),
    TimingKind(
        "noon_after_holiday",
        _noon_after_holiday,
        ref("length"),
        "so long after the event; where that ends on a Sunday or a public holiday, to noon of the next other day",
        "deadline",
        ("noon_after_holiday = { days = 8 }",),
        FROM_FACT,
    ),
    TimingKind(
        "lookback",
        _counted(LookBack),
        ref("length"),
        "a window that ends with the event",
        "lead time: the day the window opens",
        ("lookback = { months = 12 }",),
    ),
    TimingKind(
        "not_before",
        _not_before,
        ref("length"),
        "not until so long after the event",
        "earliest: the first day, and no deadline",
        ("not_before = { days = 15 }, event_day = 1",),
        {"event_day": FROM_FACT["event_day"]},
    ),
    TimingKind(
        "window",
        _window,
        ENDS.schema(),
        "between two points after the event",
        "deadline: due at the close, with `not_before`",
        ("window = { opens = { working_days = 0 }, closes = { working_days = 10 } }",),
    ),
    TimingKind(
        "by_age",
        _age("by"),
        ref("age"),
        "by the day an age is reached",
        "milestone",
        ("by_age = { years = 16, months = 3 }",),
        opens_series=True,
    ),
    TimingKind(
        "at_age",
        _age("at"),
        ref("age"),
        "when an age is reached",
        "milestone",
        ("at_age = { years = 18 }",),
        opens_series=True,
    ),
    TimingKind(
        "before_age",
        _age("before"),
        ref("age"),
        "before a birthday",
        "milestone: the day before",
        ("before_age = { years = 18 }",),
    ),
    TimingKind(
        "not_before_age",
        _age("not_before"),
        ref("age"),
        "not before an age",
        "earliest: the first day, and no deadline",
        ("not_before_age = { years = 10 }",),
    ),
    TimingKind(
        "by_gestation",
        _gestation("by"),
        WEEKS.schema(),
        "by so many weeks of a pregnancy",
        "milestone",
        ("by_gestation = { weeks = 25 }",),
    ),
    TimingKind(
        "at_gestation",
        _gestation("at"),
        WEEKS.schema(),
        "at so many weeks of a pregnancy",
        "milestone",
        ("at_gestation = { weeks = 30 }",),
    ),
    TimingKind(
        "school_year",
        _school_year,
        YEAR.schema(),
        "the start of a school year",
        "milestone: 1 September",
        ("school_year = { year = 9 }",),
    ),
    TimingKind(
        "earliest_of",
        _extreme(earliest=True),
        SEVERAL,
        "the earliest of several",
        "deadline",
        ("earliest_of = [{ within = { weeks = 2 } }, { within = { working_days = 10 } }]",),
    ),
    TimingKind(
        "latest_of",
        _extreme(earliest=False),
        SEVERAL,
        "the latest of several",
        "deadline",
        ("latest_of = [{ within = { weeks = 2 } }, { within = { working_days = 10 } }]",),
    ),
    TimingKind(
        "undated",
        _undated,
        TEXT,
        "printed, but this event cannot date it (an alternative only)",
        "no date",
        ('undated = "15 days from the strategy discussion"',),
    ),
)
ONE_OFF_KINDS: Mapping[str, TimingKind] = {kind.key: kind for kind in _KINDS}

"""A calendar: the non-working days of a place, where each comes from, and counting by them."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Literal, NamedTuple, get_args

from app.calendars.faults import InvalidCalendar
from app.calendars.index import WorkingDayIndex
from app.documents.faults import Fault

Kind = Literal["bank_holiday", "closure"]
Origin = Literal["published", "projected", "history", "added"]

KINDS: tuple[Kind, ...] = get_args(Kind)
ORIGINS: tuple[Origin, ...] = get_args(Origin)
SATURDAY = 5
WEEKEND_NAMES = {SATURDAY: "Saturday", 6: "Sunday"}


class NonWorkingDay(NamedTuple):
    """One day, besides Saturdays and Sundays, that is not a working day."""

    date: date
    name: str
    kind: Kind
    origin: Origin
    """`published` by the government, `projected` beyond its list, `history` before it, or `added` by hand."""
    source: str
    """Where it was read."""


@dataclass(frozen=True, slots=True)
class Calendar:
    """The non-working days of a place, as one immutable version, with the arithmetic of its working days.

    Working days are Monday to Friday and not in `days`. Raises `InvalidCalendar` with every fault at once.
    """

    key: str
    version: int
    title: str = field(compare=False)
    first: date = field(compare=False, repr=False)
    """The first day covered. Counting beyond `first` and `last` raises `BeyondCalendar`."""
    last: date = field(compare=False, repr=False)
    published_until: date = field(compare=False)
    """Days after this one rest on projected bank holidays."""
    days: tuple[NonWorkingDay, ...] = field(compare=False, repr=False)
    """In order of date; a date may occur once for each kind."""
    extends: str | None = field(default=None, compare=False)
    """The key of the calendar that this one was made from; its days are already among `days`."""
    extends_version: int | None = field(default=None, compare=False)
    note: str = field(default="", compare=False, repr=False)
    """Why the version exists."""
    checksum: str = field(init=False)
    """Covers everything but `version` and `note`."""
    index: WorkingDayIndex = field(init=False, compare=False, repr=False)
    # The index's own methods: nearly every due date needs both, and the calendar's own would be a call more.
    add_working_days: Callable[[date, int], date] = field(init=False, compare=False, repr=False)
    """Return the working day so many days after a start, the start being day 0; a negative number counts back.

    From a non-working day, day 1 is the next working day and day -1 the one before; adding 0 gives the start itself.
    Raises `BeyondCalendar`.

    In England, from Thursday 18 December 2025, 15 working days end on Tuesday 13 January 2026: 25 and 26 December
    and 1 January do not count.
    """
    last_working_day: Callable[[date], date] = field(init=False, compare=False, repr=False)
    """Return the last working day on or before a date; the date itself if it is one. Raises `BeyondCalendar`."""
    _public: "Calendar | None" = field(init=False, compare=False, repr=False)
    """With its bank holidays alone, where it has closure days: itself would be a cycle, which outlives its last use."""
    _names: Mapping[date, str] = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        ordered = tuple(sorted(self.days, key=lambda day: (day.date, day.kind, day.name)))
        faults = span_faults(self.first, self.last, self.published_until)
        faults += day_faults(((f"days[{n}]", day) for n, day in enumerate(ordered)), self.first, self.last)
        if faults:
            raise InvalidCalendar(faults)
        object.__setattr__(self, "days", ordered)
        object.__setattr__(self, "checksum", _checksum(self.content()))
        index = WorkingDayIndex(self.first, self.last, (day.date for day in ordered))
        object.__setattr__(self, "index", index)
        object.__setattr__(self, "add_working_days", index.add)
        object.__setattr__(self, "last_working_day", index.last_on_or_before)
        object.__setattr__(self, "_names", _names(ordered))
        public = tuple(day for day in ordered if day.kind != "closure")
        object.__setattr__(self, "_public", replace(self, days=public) if len(public) < len(ordered) else None)

    @property
    def without_closures(self) -> "Calendar":
        """Return the same calendar with its bank holidays alone; itself where it has no closure days."""
        return self if self._public is None else self._public

    def count_working_days(self, start: date, end: date) -> int:
        """Return how many working days come after `start`, up to and including `end`; negative if reversed.

        Raises `BeyondCalendar`.
        """
        return self.index.count(start, end)

    def why_not_working(self, day: date) -> str | None:
        """Return why `day` is not a working day (`Saturday`, or the name of the day); None if it is one.

        Several reasons are joined: `Sunday and Christmas closure`. Raises `BeyondCalendar`.
        """
        if self.index.is_working(day):
            return None
        reasons = (WEEKEND_NAMES.get(day.weekday()), self._names.get(day))
        return " and ".join(reason for reason in reasons if reason)

    def covers(self, day: date) -> bool:
        """Return True if `day` lies between the first and the last day."""
        return self.first <= day <= self.last

    def content(self) -> dict[str, Any]:
        """Return what the checksum covers, as JSON: everything but the version's number and note."""
        return {
            "key": self.key,
            "title": self.title,
            "extends": self.extends,
            "extends_version": self.extends_version,
            "first": self.first.isoformat(),
            "last": self.last.isoformat(),
            "published_until": self.published_until.isoformat(),
            "days": [day._asdict() | {"date": day.date.isoformat()} for day in self.days],
        }

    def to_document(self) -> dict[str, Any]:
        """Return the whole version as JSON; `document.from_document` reads it back."""
        content = self.content()
        days = content.pop("days")
        return {"version": self.version, "checksum": self.checksum, "note": self.note, **content, "days": days}


def _checksum(content: Mapping[str, Any]) -> str:
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return "sha256:" + hashlib.sha256(canonical.encode()).hexdigest()


def _names(days: Iterable[NonWorkingDay]) -> Mapping[date, str]:
    names: defaultdict[date, list[str]] = defaultdict(list)
    for day in days:
        names[day.date].append(day.name)
    return {day: " and ".join(of_day) for day, of_day in names.items()}


def span_faults(first: date, last: date, published_until: date) -> list[Fault]:
    """Return what is wrong with a calendar's bounds."""
    if last < first:
        return [Fault("last", f"{last} is before the first day, {first}", "give a last day on or after the first")]
    if not first <= published_until <= last:
        remedy = f"give a date from {first} to {last}"
        return [Fault("published_until", f"{published_until} is outside the calendar", remedy)]
    return []


def day_faults(days: Iterable[tuple[str, NonWorkingDay]], first: date, last: date) -> list[Fault]:
    """Return what is wrong with days, each with its path: outside the calendar, or listed twice."""
    faults = []
    seen: dict[tuple[date, Kind], str] = {}
    for path, day in days:
        if not first <= day.date <= last:
            faults.append(
                Fault(f"{path}.date", f"{day.date} is outside the calendar", f"give a date from {first} to {last}")
            )
        if (day.date, day.kind) in seen:
            message = f"{day.date} is already a {day.kind.replace('_', ' ')} at {seen[day.date, day.kind]}"
            faults.append(Fault(f"{path}.date", message, "keep one of the two"))
        seen.setdefault((day.date, day.kind), path)
    return faults

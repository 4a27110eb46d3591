"""The figures of a collection year: the measures that are published, next to what the profile asks for."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple, cast

from app.calendars.calendar import Calendar
from app.services.calculation.response import Json
from app.services.measures.definitions import (
    IntervalMeasure,
    Measures,
    ReviewsMeasure,
    StandardMeasure,
    load_measures,
)
from app.services.measures.intervals import interval_outcomes
from app.services.measures.outcomes import IN_NO_BAND, DatedEvent, Outcome, Year
from app.services.measures.request import YearRequest
from app.services.measures.reviews import reviews_outcome
from app.services.problems import Problem
from app.services.snapshot.snapshot import Snapshot
from app.services.timelines.case import Case, CaseEvent
from app.services.timelines.coverage import Coverage
from app.services.timelines.figures import Spread
from app.services.timelines.timeliness import CountedCases, CountedPart

WORKING_DAYS = "working_days"
DAY = re.compile(r"\d{4}-\d{2}-\d{2}|$")


@dataclass(slots=True)
class Counted:
    """What was counted of one measure, in the whole year or in one month of it."""

    in_time: int = 0
    total: int = 0
    days: Spread = field(default_factory=lambda: Spread(WORKING_DAYS))
    left_out: Counter[str] = field(default_factory=Counter)

    def add(self, outcome: Outcome) -> None:
        """Count one outcome."""
        if outcome.in_time is None:
            self.left_out[outcome.reason or ""] += 1
            return
        self.total += 1
        self.in_time += outcome.in_time
        if outcome.days is not None:
            self.days.counts[outcome.days] += 1
        elif outcome.reason is not None:
            self.left_out[f"{outcome.reason}: {IN_NO_BAND}"] += 1

    def join(self, other: Counted) -> None:
        """Add what was counted elsewhere."""
        self.in_time += other.in_time
        self.total += other.total
        self.days.counts.update(other.days.counts)
        self.left_out.update(other.left_out)

    def as_json(self) -> Json:
        """Return numerator, denominator and share, and the spread of the days."""
        return {
            "numerator": self.in_time,
            "denominator": self.total,
            "share": round(self.in_time / self.total, 4) if self.total else None,
        }


@dataclass(slots=True)
class CollectionYear:
    """The days that are counted, the calendar that the measures count by, and their definitions."""

    year: Year
    calendar: Calendar
    definitions: Measures
    seen_from: date | None = None
    """The first day that the data covers, where the request says it."""

    @classmethod
    def of(cls, snapshot: Snapshot, year: Year, seen_from: date | None = None) -> CollectionYear:
        """Take the calendar of the definitions. Raises Problem not-ready where it is not loaded."""
        definitions = load_measures()
        published = snapshot.calendar(definitions.calendar)
        if published is None:
            raise Problem("not-ready", f"The calendar {definitions.calendar} of the measures is not loaded.")
        return cls(year, published.calendar.without_closures, definitions, seen_from)

    def outcomes(self, case: Case) -> Iterator[tuple[str, Outcome]]:
        """Yield each outcome of a case with the key of its measure."""
        happened = [event for event in case.events if case.as_of.reached(event.moment)]
        ordered = sorted(happened, key=lambda event: (event.moment.day, event.index))
        events = [DatedEvent(event.type, event.moment.day, event.episode, _row_of(event)) for event in ordered]
        for measure in self.definitions.measures:
            if isinstance(measure, IntervalMeasure):
                for outcome in interval_outcomes(measure, events, self.year, self.calendar):
                    yield measure.key, outcome
            elif isinstance(measure, ReviewsMeasure):
                child = reviews_outcome(measure, events, self.year, self.calendar, self.seen_from)
                if child is not None:
                    yield measure.key, child


class YearPart(NamedTuple):
    """What one process counted of some of the cases."""

    standards: CountedPart
    counted: dict[str, Counted]
    months: dict[tuple[str, str], Counted]


class YearFigures:
    """The figures of any number of cases, taken one at a time."""

    def __init__(self, snapshot: Snapshot, request: YearRequest, observed: Coverage | None = None) -> None:
        self.collection = CollectionYear.of(snapshot, request.days(), request.observed_from)
        self.standards = CountedCases(snapshot, request.counting(observed))
        self._counted: dict[str, Counted] = {}
        self._months: dict[tuple[str, str], Counted] = {}

    def take(self, place: str, item: object) -> tuple[list[Json], list[Json]]:
        """Count one case; return its obligations, and its outcomes under the measures, as rows."""
        case = self.standards.resolve(place, item)
        if case is None:
            return [], []
        rows = []
        for key, outcome in self.collection.outcomes(case):
            self._counted.setdefault(key, Counted()).add(outcome)
            if outcome.month is not None:
                self._months.setdefault((key, outcome.month), Counted()).add(outcome)
            rows.append(_row(case.reference, key, outcome))
        return self.standards.count(place, case), rows

    def part(self) -> YearPart:
        """Return what was counted so far, to be added to what another process counted."""
        return YearPart(self.standards.part(), self._counted, self._months)

    def add(self, part: YearPart) -> None:
        """Add what another process counted of further cases, under the same request and snapshot."""
        self.standards.add(part.standards)
        for key, counted in part.counted.items():
            self._counted.setdefault(key, Counted()).join(counted)
        for place, counted in part.months.items():
            self._months.setdefault(place, Counted()).join(counted)

    def as_json(self) -> Json:
        """Return the measures, and the timeliness of every duty under the profile."""
        year = self.collection.year
        answer = self.standards.as_json()
        duties = cast(list[Json], answer["duties"])
        return {
            "period": {"from": year.first.isoformat(), "to": year.last.isoformat()},
            "measures": [self._measure(measure, duties) for measure in self.collection.definitions.measures],
            **answer,
        }

    def _measure(self, measure: IntervalMeasure | ReviewsMeasure | StandardMeasure, duties: list[Json]) -> Json:
        counted = self._counted.get(measure.key, Counted())
        own = [row for row in duties if measure.next_to in _duties_of(row)]
        figures = _from_standard(own) if isinstance(measure, StandardMeasure) else counted.as_json()
        documents = self.collection.definitions.documents
        return {
            "key": measure.key,
            "title": measure.title,
            "counts": measure.counts,
            "published": measure.published,
            "source": [{"document": documents[measure.document], "section": measure.section}]
            if measure.document is not None
            else [],
            **figures,
            "bands": _bands(measure, counted) if isinstance(measure, IntervalMeasure) else [],
            "days": counted.days.as_json() if isinstance(measure, IntervalMeasure) else None,
            "left_out": [{"reason": reason, "count": count} for reason, count in counted.left_out.most_common()],
            "months": [
                {"month": month, **each.as_json(), "median_days": each.days.as_json()["median"]}
                for (key, month), each in sorted(self._months.items())
                if key == measure.key
            ],
            "standards": [
                {name: row[name] for name in ("profile", "duty", "title", "judged", "met", "share_in_time_lowest",
                                              "share_in_time_highest", "unobservable", "undetermined")}
                for row in own
            ],
        }  # fmt: skip


def _row_of(event: CaseEvent) -> str | None:
    """Return the key of the row that an event comes from: an import's ids end in it, or else in the event's own day."""
    start, _, key = (event.id or "").partition("-")
    return key if start == event.type and not DAY.match(key) else None


def _bands(measure: IntervalMeasure, counted: Counted) -> list[Json]:
    counts = Counter[str]()
    for days, number in counted.days.counts.items():
        counts[measure.band(days)] += number
    return [{"working_days": name, "count": counts[name]} for name in measure.band_names()]


def _duties_of(row: Json) -> set[object]:
    return {row["duty"], *(kind["duty"] for kind in cast(list[Json], row["kinds"]))}


def _from_standard(rows: list[Json]) -> Json:
    met, judged = (sum(cast(int, row[name]) for row in rows) for name in ("met", "judged"))
    return {"numerator": met, "denominator": judged, "share": round(met / judged, 4) if judged else None}


def _row(reference: str | None, key: str, outcome: Outcome) -> Json:
    """Return one act or child of one case under one measure."""
    return {
        "reference": reference,
        "measure": key,
        "in_time": outcome.in_time,
        "left_out": outcome.reason,
        "started_on": outcome.start.isoformat() if outcome.start else None,
        "done_on": outcome.act.isoformat() if outcome.act else None,
        "working_days": outcome.days,
    }

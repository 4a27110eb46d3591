"""Figures of timeliness: what was counted of one duty, so that the counts of two calls can be added up."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from fractions import Fraction

from app.services.calculation.response import Json
from app.services.timelines.days_taken import CALENDAR_DAYS, unit_of
from app.services.timelines.days_taken import taken as days_taken
from app.services.timelines.status import StatusNow
from app.services.timelines.tracked_obligation import TrackedObligation

COUNTED = ("met", "met_late", "overdue", "outstanding", "disputed", "ended", "superseded")
NINETY = Fraction(9, 10)


@dataclass(slots=True)
class Spread:
    """How many acts took how long, in one unit."""

    unit: str
    counts: Counter[int] = field(default_factory=Counter)

    def as_json(self) -> Json:
        """Return the median, the 90th percentile by nearest rank, and the histogram from which both follow."""
        days = sorted(self.counts.elements())
        rank = -(-len(days) * NINETY.numerator // NINETY.denominator)
        return {
            "unit": self.unit,
            "median": statistics.median(days) if days else None,
            "p90": days[rank - 1] if days else None,
            "histogram": {str(number): self.counts[number] for number in sorted(self.counts)},
        }


@dataclass(slots=True)
class Figures:
    """What was counted of one duty under one profile.

    Judged is what was met, met late, is overdue or was missed: every limit had passed when its episode ended. What no
    event can show done, what the source could not show or does not cover, and what waits for facts is counted apart.
    """

    title: str
    counts: Counter[str] = field(default_factory=Counter)
    missed: int = 0
    excused: int = 0
    undetermined: int = 0
    untracked: int = 0
    unobservable: int = 0
    outside_window: int = 0
    units: set[str] = field(default_factory=set)
    own: dict[str, Spread] = field(default_factory=dict)
    calendar: Spread = field(default_factory=lambda: Spread(CALENDAR_DAYS))

    def add(self, record: TrackedObligation, state: StatusNow) -> None:
        """Count one obligation: what cannot be judged by its source apart, and nowhere else."""
        if not record.trackable:
            self.untracked += 1
            return
        if not record.in_window:
            self.outside_window += 1
            return
        if not record.observable:
            self.unobservable += 1
            return
        status, unit, taken = state.status, unit_of(record), days_taken(record)
        self.counts[status] += 1
        self.units.add(unit)
        self.missed += state.missed
        self.excused += record.excused
        if taken is not None:
            self.calendar.counts[taken.calendar_days] += 1
            if taken.own is not None:
                self.own.setdefault(unit, Spread(unit)).counts[taken.own] += 1

    def join(self, others: Iterable[Figures]) -> Figures:
        """Add up the figures of several duties."""
        for other in others:
            self.counts.update(other.counts)
            self.units |= other.units
            self.missed += other.missed
            self.excused += other.excused
            self.undetermined += other.undetermined
            self.untracked += other.untracked
            self.unobservable += other.unobservable
            self.outside_window += other.outside_window
            self.calendar.counts.update(other.calendar.counts)
            for unit, spread in other.own.items():
                self.own.setdefault(unit, Spread(unit)).counts.update(spread.counts)
        return self

    def as_json(self) -> Json:
        """Return the counts, the share in time or its range, and the days taken.

        What is disputed may have been in time or not: the share is then a range, and no single number.
        """
        met, late, overdue = (self.counts[name] for name in ("met", "met_late", "overdue"))
        disputed = self.counts["disputed"]
        judged = met + late + overdue + self.missed
        beyond = judged + disputed
        lowest, highest = (round(number / beyond, 4) if beyond else None for number in (met, met + disputed))
        # Days of one unit only: where the kinds of a duty count differently, calendar days are what they share.
        unit = next(iter(self.units)) if len(self.units) == 1 else CALENDAR_DAYS
        own = self.calendar if unit == CALENDAR_DAYS else self.own.get(unit, Spread(unit))
        days = self.calendar.as_json()
        return {
            **{name: self.counts[name] for name in COUNTED},
            "missed": self.missed,
            "excused": self.excused,
            "undetermined": self.undetermined,
            "untracked": self.untracked,
            "unobservable": self.unobservable,
            "outside_window": self.outside_window,
            "judged": judged,
            "share_in_time": lowest if not disputed else None,
            "share_in_time_lowest": lowest,
            "share_in_time_highest": highest,
            "days": own.as_json(),
            "calendar_days": days,
            "median_days": days["median"],
            "percentile_90_days": days["p90"],
        }

"""The request for the figures of a collection year."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from pydantic import Field

from app.services.measures.outcomes import Year
from app.services.snapshot.snapshot import Snapshot
from app.services.timelines.coverage import Coverage
from app.services.timelines.request import CountingRequest, Period
from app.services.validation import EventTime, Faults, Maybe, join, unchecked

BEGINNING = date(1900, 1, 1)
YEAR = re.compile(r"(?P<first>20\d\d)-(?P<last>\d\d)")
YEAR_REMEDY = 'send two years that follow each other, such as "2025-26" for 1 April 2025 to 31 March 2026'


class YearRequest(CountingRequest):
    """What is requested of a year's cases: a collection year, or a period, under one profile."""

    year: Maybe[str] = Field(
        description="The collection year, from 1 April to 31 March, in place of `period`. Without either, everything "
        "up to `as_of` is counted.",
        examples=["2025-26"],
    )

    def domain_faults(self, faults: Faults, snapshot: Snapshot, path: str = "") -> None:
        """Add what the fields find wrong with one another."""
        super().domain_faults(faults, snapshot, path)
        if self.profile is not None and self.profile not in snapshot.profiles:
            faults.unknown(join(path, "profile"), "profile", self.profile, set(snapshot.profiles))
        elif self.profile is None and not self.profiles:
            faults.add(join(path, "profile"), "name the profile to count by", 'send "profile": "york"')
        if self.year is not None and collection_year(self.year) is None:
            faults.add(join(path, "year"), "this is no collection year", YEAR_REMEDY, self.year)
        elif self.year is None and self.period is None and self.as_of is None:
            faults.add(join(path, "year"), "neither the year nor as_of says what is to be counted", YEAR_REMEDY)
        elif self.year is not None and self.period is not None:
            faults.add(join(path, "period"), "year says the days already", "send year, or period")

    def counting(self, observed: Coverage | None = None) -> CountingRequest:
        """Return the request for the profile's own figures of those days, looked at on the last of them.

        What the source of the cases could have shown is as `observed`, unless the request says it.
        """
        days = self.days()
        bounded = days.first if days.first > BEGINNING else None
        said: dict[str, Any] = {name: getattr(self, name) for name in CountingRequest.model_fields}
        if bounded is not None:
            said["period"] = unchecked(Period, first=days.first, last=days.last)
            said["observed_from"] = self.observed_from or bounded
            said["observed_until"] = self.observed_until or days.last
        said["as_of"] = self.as_of or EventTime.read(days.last.isoformat())
        if observed is not None and self.source is None and self.observed_events is None:
            said["observed_events"] = sorted(observed.events or ())
        return unchecked(CountingRequest, **said)

    def days(self) -> Year:
        """Return the first and the last day that are counted. The request has to be free of faults."""
        if self.period is not None:
            return Year(self.period.first, self.period.last)
        year = collection_year(self.year or "")
        if year is not None:
            return year
        assert self.as_of is not None
        return Year(BEGINNING, self.as_of.moment.day)


def collection_year(text: str) -> Year | None:
    """Return the collection year that a text such as 2025-26 names, None where it names none."""
    matched = YEAR.fullmatch(text)
    if matched is None or (int(matched["first"]) + 1) % 100 != int(matched["last"]):
        return None
    first = int(matched["first"])
    return Year(date(first, 4, 1), date(first + 1, 3, 31))

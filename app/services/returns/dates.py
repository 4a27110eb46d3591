"""Read the dates of a return: 31/03/2026 as the returns print them, and 2026-03-31 as XML and databases do."""

from __future__ import annotations

import re
from datetime import date

FIRST_YEAR, LAST_YEAR = 1900, 2200
DAY = re.compile(
    r"(?:(?P<day>\d{1,2})[/.-](?P<month>\d{1,2})[/.-](?P<year>\d{4})|(?P<iso>\d{4}-\d{2}-\d{2}))"
    r"(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:?\d{2})?)?"
)
REMEDY = "write it as 31/03/2026 or 2026-03-31"


class UnreadableDay(ValueError):
    """A text that is no date, or one out of reach. Its message never repeats the text."""


def read_day(text: str) -> date:
    """Return the day of a text; a time of day after it is left out. Raises UnreadableDay.

    The day comes before the month: 03/04/2026 is 3 April.
    """
    matched = DAY.fullmatch(text)
    if matched is None:
        raise UnreadableDay("this is not a date")
    parts = matched["iso"].split("-") if matched["iso"] else [matched["year"], matched["month"], matched["day"]]
    year, month, day = map(int, parts)
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise UnreadableDay(f"the year lies outside {FIRST_YEAR} to {LAST_YEAR}")
    if month > 12:
        raise UnreadableDay("there is no such month: the day comes first")
    try:
        return date(year, month, day)
    except ValueError:
        raise UnreadableDay("there is no such day") from None

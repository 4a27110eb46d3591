"""Read the `holidays` package, a second source of public holidays next to the government's list."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from importlib.metadata import version

from app.calendars.calendar import SATURDAY, Calendar, NonWorkingDay

NEIGHBOURS: Mapping[str, str] = {
    "GB-ENG": "England",
    "GB-WLS": "Wales",
    "GB-SCT": "Scotland",
    "GB-NIR": "Northern Ireland",
    "JE": "Jersey",
    "GG": "Guernsey",
    "IM": "Isle of Man",
    "IE": "Ireland",
}
"""The places that a calendar can be made for, by the codes of ISO 3166."""
SUBSTITUTE = " (observed)"
PROVENANCE = re.compile(r"holidays (?P<version>\S+) (?P<code>[A-Z]{2}(?:-[A-Z]{3})?)")


def package_version() -> str:
    """Return the version of the installed package."""
    return version("holidays")


def named_days(code: str, first_year: int, last_year: int) -> dict[date, str]:
    """Return the public holidays of a place, weekends included, with their English names in the package's words."""
    import holidays  # slow to import, and needed by few requests

    country, _, subdivision = code.partition("-")
    listed = holidays.country_holidays(
        country,
        subdiv=subdivision or None,
        years=range(first_year, last_year + 1),
        language="en_GB" if country == "GB" else None,
    )
    return dict(listed.items())


def provenance(calendar: Calendar) -> tuple[str, str] | None:
    """Return the package's version and the code of the place that a calendar was made from; None for any other."""
    for day in calendar.days:
        match = PROVENANCE.fullmatch(day.source)
        if match is not None:
            return match["version"], match["code"]
    return None


def calendar_from_package(key: str, title: str, code: str, first: date, last: date, published_until: date) -> Calendar:
    """Return the first version of a calendar of a place; each day names the package, its version and the code.

    Days after `published_until` are projected. Raises InvalidCalendar.
    """
    source = f"holidays {package_version()} {code}"
    days = tuple(
        NonWorkingDay(
            day,
            name.replace(SUBSTITUTE, " (substitute day)"),
            "bank_holiday",
            "history" if day <= published_until else "projected",
            source,
        )
        for day, name in sorted(named_days(code, first.year, last.year).items())
        # A Saturday or Sunday does not count anyway.
        if day.weekday() < SATURDAY and first <= day <= last
    )
    return Calendar(key, 1, title, first, last, published_until, days, note=f"Made from {source}")

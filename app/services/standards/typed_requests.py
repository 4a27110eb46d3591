"""Calculate from typed values: dates, instants, numbers and truth values as Python has them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import cast

from app.engine.results import Calculation
from app.services.calculation.request import ResolvedRequest, read_request
from app.services.calculation.working_days import CountQuery, count
from app.services.standards.loading import Standards
from app.services.standards.values import as_sent
from app.services.validation import ABSENT, read

ENGLAND_AND_WALES = "england-and-wales"


def resolve(
    standards: Standards,
    profile: str,
    event: str,
    at: date | datetime | str,
    facts: Mapping[str, bool | int | str | date] | None = None,
    *,
    until: date | str | None = None,
    profile_version: int | None = None,
    calendar: str | None = None,
    calendar_version: int | None = None,
    as_known_on: date | str | None = None,
    explain: bool = False,
    reference: str | None = None,
) -> ResolvedRequest:
    """Resolve one event to the versions of profile and calendar that answer it.

    A date is a day; a datetime with a zone is an instant; one without a zone is London's own time; text is read as in
    JSON. A fact of None is absent. Raises Problem with every fault at once: its path, what is wrong, how to mend it.
    """
    said = {name: as_sent(value) for name, value in (facts or {}).items() if value not in ABSENT}
    members = {
        "profile": profile,
        "event": {"type": event, "occurred_at": as_sent(at)},
        "facts": said or None,
        "until": as_sent(until),
        "profile_version": profile_version,
        "calendar": calendar,
        "calendar_version": calendar_version,
        "as_known_on": as_sent(as_known_on),
        "explain": explain or None,
        "reference": reference,
    }
    return read_request(standards.snapshot, {name: value for name, value in members.items() if value is not None})


def calculate(standards: Standards, request: ResolvedRequest) -> Calculation:
    """Return what one resolved event makes due: obligations, and the rules that wait for facts.

    Raises Problem where the answer would be too long.
    """
    return standards.calculator.calculate(request)


def working_days_taken(
    standards: Standards, start: date, end: date, calendar: str = ENGLAND_AND_WALES, version: int | None = None
) -> int:
    """Count the working days after a start, up to and including an end; negative where the end lies before it.

    Example: from Thursday 18 December 2025 to Tuesday 13 January 2026 there are 15. Raises Problem beyond the calendar.
    """
    wanted = {"calendar": calendar, "calendar_version": version, "start": start.isoformat(), "end": end.isoformat()}
    query = read(CountQuery, {name: value for name, value in wanted.items() if value is not None}, standards.snapshot)
    return cast(int, count(standards.snapshot, query)["working_days"])

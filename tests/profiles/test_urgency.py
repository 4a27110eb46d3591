"""An urgent case never waits longer than an ordinary one, whatever the day of the week."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from app.calendars.packaged import load_packaged as load_calendars
from app.engine.calculate import calculate
from app.engine.civil_time import read_moment
from tests.profiles.packaged import KEYS, profiles

LONDON = ZoneInfo("Europe/London")
URGENT = ("immediate_action_required", "serious_risk")
EXCEPTIONS = [
    (key, rule.id, rule.exception_to, rule.events[0], fact)
    for key in KEYS
    for rule in profiles()[key].rules
    for fact in URGENT
    if rule.exception_to is not None and rule.when is not None and rule.when.facts() == {fact}
]
CALENDARS = load_calendars()
DAYS = [start + timedelta(days=number) for start in (date(2025, 12, 17), date(2026, 3, 28)) for number in range(18)]
"""Christmas, the new year, Easter and the change of the clocks, with ordinary weeks next to them."""


def due(key: str, rule: str, event: str, at: str, facts: dict[str, bool]) -> datetime:
    """Return the limit that a rule gives, in its main reading."""
    profile = profiles()[key]
    answer = calculate(profile, event, read_moment(at, LONDON), facts, CALENDARS[profile.calendar], LONDON)
    return next(item.due_at for item in answer.obligations if item.rule.id == rule)


def test_there_are_urgent_exceptions_to_check() -> None:
    assert {key for key, *_ in EXCEPTIONS} == {"swindon", "wiltshire", "york"}


@pytest.mark.parametrize(("key", "exception", "general", "event", "fact"), EXCEPTIONS)
def test_urgency_never_makes_a_limit_later(key: str, exception: str, general: str, event: str, fact: str) -> None:
    for day in DAYS:
        at = f"{day.isoformat()}T{9 + day.day % 12:02}:30"
        assert due(key, exception, event, at, {fact: True}) <= due(key, general, event, at, {fact: False}), at

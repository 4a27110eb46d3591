"""Tell which reading of a paragraph ordinarily gives the main date, for the pages that people read."""

from __future__ import annotations

from datetime import datetime
from functools import cache

from app.calendars.packaged import load_packaged
from app.engine.civil_time import Moment
from app.engine.compiled_profile import ApplicableRule, Profile
from app.engine.due_dates import single_readings
from app.engine.facts import Situation
from app.engine.reading_selection import select_main_reading
from app.engine.series import Series, SeriesDueDate
from app.services.zone import LONDON

ORDINARY = datetime(2026, 6, 9, 10, tzinfo=LONDON)
"""Ten o'clock on a Tuesday without a bank holiday in the weeks before and after it."""


def usual_reading(prepared: ApplicableRule) -> int:
    """Return the position of the reading that is main on an ordinary day; that of the declared one if none has a date.

    Which reading leads is decided for each computed date; over holidays it may be another.
    """
    rule = prepared.rule
    if len(rule.readings) == 1:
        return 0
    situation = _ordinary()
    if not rule.recurring:
        return select_main_reading(rule, single_readings(rule, situation)) or 0
    steps = [
        reading.timing.next_due(situation, restarted=prepared.restarted)
        for reading in rule.readings
        if isinstance(reading.timing, Series)
    ]
    if len(steps) < len(rule.readings):
        return 0
    return select_main_reading(rule, [step.due if isinstance(step, SeriesDueDate) else None for step in steps]) or 0


@cache
def _ordinary() -> Situation:
    return Situation(Moment(ORDINARY.date(), ORDINARY), {}, load_packaged()["england-and-wales"], LONDON)


def started_by(profile: Profile, rule_id: str, event: str) -> ApplicableRule:
    """Return a rule as it is prepared for an event that starts or restarts it."""
    return next(item for item in profile.by_event[event] if item.rule.id == rule_id)

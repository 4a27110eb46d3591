"""What the engine's tests count with: the packaged calendar, London, and small profiles written out in full."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import date
from functools import cache
from typing import Any

from app.calendars.calendar import Calendar
from app.calendars.packaged import load_packaged
from app.engine.calculate import calculate
from app.engine.civil_time import read_moment
from app.engine.compiled_profile import Profile
from app.engine.facts import FactValue
from app.engine.results import Calculation
from app.profiles.document import load_profile
from app.services.zone import LONDON

HEADER = """
format = 1
key = "small"
title = "Small"
calendar = "england-and-wales"
[documents.main]
title = "Standards"
"""


@cache
def england() -> Calendar:
    return load_packaged()["england-and-wales"]


def profile_of(rules: str, **top: Any) -> Profile:
    """A profile of these rules; each gets what it does not say."""
    document = {**tomllib.loads(HEADER), **tomllib.loads(rules), **top}
    for number, rule in enumerate(document["rules"]):
        rule.setdefault("id", f"rule-{number + 1}")
        rule.setdefault("duty", "hold_icpc")
        rule.setdefault("title", "A duty")
        rule.setdefault("strength", "must")
        rule.setdefault("source", [{"section": "1"}])
        if "alternatives" in rule:
            rule.setdefault("reading", "read so")
    return load_profile(document).profile


def run(
    profile: Profile,
    event: str,
    at: str,
    facts: Mapping[str, FactValue] | None = None,
    until: date | None = None,
    *,
    explained: bool = False,
) -> Calculation:
    return calculate(
        profile, event, read_moment(at, LONDON), facts or {}, england(), LONDON, until=until, explained=explained
    )


def due(answer: Calculation) -> list[str]:
    return [item.due_date.isoformat() for item in answer.obligations]

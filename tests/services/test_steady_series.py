"""A series whose interval can no longer change is unfolded without asking again, to the same limits."""

from __future__ import annotations

import random
from datetime import date, timedelta
from itertools import islice
from typing import Any

import pytest

from app.engine.calculate import with_implied_facts
from app.engine.civil_time import Moment
from app.engine.facts import FactSpec, FactValue, Situation
from app.engine.series import Series
from app.services.snapshot.offline import packaged_snapshot
from app.services.zone import LONDON

SNAPSHOT = packaged_snapshot()
STEPS = 15
DRAWS = 12


def some_value(spec: FactSpec, day: date, pick: random.Random) -> FactValue:
    if spec.type == "bool":
        return pick.random() < 0.5
    if spec.type == "int":
        return max(spec.minimum or 0, pick.randrange(1, 5))
    if spec.type == "choice":
        return pick.choice(spec.values)
    return day - timedelta(days=pick.randrange(-400, 6_500))


@pytest.mark.parametrize("key", sorted(SNAPSHOT.profiles))
def test_both_ways_come_to_the_same_limits(key: str) -> None:
    profile, pick = SNAPSHOT.profiles[key][-1].profile, random.Random(key)  # noqa: S311 - examples, the same in every run
    calendar = SNAPSHOT.calendars[profile.calendar][-1].calendar
    constant = 0
    for event, event_rules in profile.event_rules.items():
        for prepared in event_rules.rules:
            for timing in (reading.timing for reading in prepared.rule.readings):
                if not isinstance(timing, Series):
                    continue
                for _ in range(DRAWS):
                    day = date(2022, 1, 1) + timedelta(days=pick.randrange(1_500))
                    condition = prepared.interval_condition
                    names = sorted(timing.facts() | (condition.facts() if condition is not None else frozenset()))
                    spec = profile.vocabulary.events[event]
                    facts = {
                        name: some_value(profile.vocabulary.facts[name], day, pick)
                        for name in names
                        if pick.random() < 0.8 and name not in spec.implies and name not in spec.sets
                    }
                    situation = Situation(
                        Moment(day), with_implied_facts(profile, event, Moment(day), facts), calendar, LONDON
                    )
                    until, restarted, condition = (
                        day + timedelta(days=3_000),
                        prepared.restarted,
                        prepared.interval_condition,
                    )
                    by_phases = timing._unfold_phases(
                        situation, restarted=restarted, interval_condition=condition, until=until
                    )
                    unfolded: Any = timing.unfold(
                        situation, restarted=restarted, interval_condition=condition, until=until
                    )
                    constant += unfolded.__name__ == "_unfold_constant"
                    assert list(islice(unfolded, STEPS)) == list(islice(by_phases, STEPS)), (prepared.rule.id, facts)
    assert constant > DRAWS

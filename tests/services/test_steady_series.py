"""A series whose interval can no longer change is unfolded without asking again, to the same limits."""

from __future__ import annotations

import random
from datetime import date, timedelta
from itertools import islice

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
    steadily = 0
    for event, plan in profile.event_rules.items():
        for started in plan.rules:
            for timing in (reading.timing for reading in started.rule.readings):
                if not isinstance(timing, Series):
                    continue
                for _ in range(DRAWS):
                    day = date(2022, 1, 1) + timedelta(days=pick.randrange(1_500))
                    names = sorted(timing.facts() | (started.interval_condition.facts() if started.interval_condition is not None else set()))
                    spec = profile.vocabulary.events[event]
                    facts = {
                        name: some_value(profile.vocabulary.facts[name], day, pick)
                        for name in names
                        if pick.random() < 0.8 and name not in spec.implies and name not in spec.sets
                    }
                    situation = Situation(
                        Moment(day), with_implied_facts(profile, event, Moment(day), facts), calendar, LONDON
                    )
                    counting = timing._counted(situation) if started.restarted else 0
                    if counting is None:
                        continue
                    reach, restarted, gate = day + timedelta(days=3_000), started.restarted, started.interval_condition
                    asking = timing._asking(situation, counting, restarted=restarted, interval_condition=gate, until=reach)
                    unfolded = timing.unfold(situation, restarted=restarted, interval_condition=gate, until=reach)
                    steadily += unfolded.__name__ == "_steadily"
                    assert list(islice(unfolded, STEPS)) == list(islice(asking, STEPS)), (started.rule.id, facts)
    assert steadily > DRAWS

"""The bytes that are sent are the response body written as JSON; what is cached changes none of them."""

from __future__ import annotations

import random
from datetime import date, timedelta
from functools import cache

import orjson
import pytest

from app.engine.facts import FactSpec
from app.services.calculation.calculator import Calculator
from app.services.calculation.request import canonical_moment, read_request
from app.services.calculation.response import ENGINE_VERSION, calculate_response, calculation_id
from app.services.snapshot.checksum import digest
from app.services.snapshot.offline import packaged_snapshot
from app.services.snapshot.snapshot import Snapshot
from app.services.zone import ZONE_DATA_VERSION

TIMES = ("", "T09:30", "T23:59:59.1234567Z")
NAUGHTY = 'A "case" \\ of £5, naïve, 日本'


@cache
def packaged() -> Snapshot:
    return packaged_snapshot()


def some_value(spec: FactSpec, day: date, pick: random.Random) -> object:
    if spec.type == "bool":
        return pick.random() < 0.6
    if spec.type == "int":
        return max(spec.minimum or 0, 2)
    if spec.type == "choice":
        return pick.choice(spec.values)
    return (day - timedelta(days=pick.randrange(-200, 6_000))).isoformat()


@pytest.mark.parametrize("key", sorted(packaged().profiles))
def test_every_event_of_a_profile_is_serialised_as_its_response_body(key: str) -> None:
    calculator, snapshot, pick = Calculator(packaged()), packaged(), random.Random(key)  # noqa: S311 - examples, the same in every run
    profile = snapshot.profiles[key][-1].profile
    for event, started in profile.by_event.items():
        spec = profile.vocabulary.events[event]
        read = sorted({fact for item in started for fact in item.rule.facts()} - set(spec.implies) - set(spec.sets))
        for explain, until in ((False, None), (True, None), (True, 300)):
            day = date(2018, 1, 1) + timedelta(days=pick.randrange(12_000))
            facts = {
                fact: some_value(profile.vocabulary.facts[fact], day, pick) for fact in read if pick.random() < 0.8
            }
            body = {
                "profile": key,
                "profile_version": 1,
                "event": {"type": event, "occurred_at": f"{day}{pick.choice(TIMES)}"},
                "facts": facts,
                "explain": explain,
                "until": None if until is None else (day + timedelta(days=until)).isoformat(),
                "reference": NAUGHTY,
            }
            request = read_request(snapshot, body)
            expected = orjson.dumps(calculate_response(request))
            assert calculator.answer(request) == expected, body
            assert calculator.answer(request) == expected, body


@pytest.mark.parametrize("until", [None, "2026-07-01"])
@pytest.mark.parametrize("when", ["2026-03-28", "2026-03-28T09:30", "2026-10-25T01:30:00.5+01:00"])
@pytest.mark.parametrize(
    "facts", [{}, {"section_47_initiated": True, "icpc_held_on": "2026-01-13", "review_number": 2}]
)
def test_the_id_is_the_digest_of_the_canonical_request(facts: dict[str, object], when: str, until: str | None) -> None:
    event = {"type": "placement_started", "occurred_at": when}
    body = {"profile": "swindon", "event": event, "facts": facts, "until": until, "reference": NAUGHTY}
    request = read_request(packaged(), body)
    assert calculation_id(request) == digest(
        {
            "profile": ["swindon", 1, request.profile.record.checksum],
            "calendar": ["england-and-wales", 1, request.calendar.record.checksum],
            "event": ["placement_started", canonical_moment(request.moment)],
            "facts": facts,
            "until": until,
            "engine": ENGINE_VERSION,
            "zone": ZONE_DATA_VERSION,
        }
    )

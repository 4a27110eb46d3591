"""What is calculated: for each packaged profile the event that makes most due, with every fact it reads known."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Any

from app.engine.facts import FactSpec
from app.services.calculation.request import read_request
from app.services.calculation.response import calculate
from app.services.problems import Problem
from app.services.snapshot.offline import packaged_snapshot
from app.services.snapshot.snapshot import Snapshot

DAY = date(2025, 12, 18)
TRIES = 60
OBLIGATIONS = 12
DIFFERENT = 500


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """One request, and how many obligations answer it."""

    profile: str
    event: str
    body: dict[str, Any]
    obligations: int


@cache
def snapshot() -> Snapshot:
    """Everything packaged."""
    return packaged_snapshot()


@cache
def heaviest() -> tuple[Case, ...]:
    """Each profile's heaviest event, its series unfolded where it makes fewer than twelve due. Heaviest first."""
    cases = (_unfolded(key) for key in snapshot().profiles)
    return tuple(sorted(cases, key=lambda case: -case.obligations))


@cache
def twelve() -> Case:
    """Return a case of twelve obligations: of those that come nearest to it."""
    cases = [case for key in snapshot().profiles for case in _drawn(key)]
    return min(cases, key=lambda case: (abs(case.obligations - OBLIGATIONS), case.profile, case.event))


@cache
def year_of_twelve() -> tuple[Case, ...]:
    """Return the same event on days of a year, at other times and with other dates of birth; twelve due of each."""
    first, pick = twelve(), random.Random("year")
    cases: list[Case] = []
    while len(cases) < DIFFERENT:
        day = DAY - timedelta(days=pick.randrange(365))
        facts = {
            key: (date.fromisoformat(value) - timedelta(days=pick.randrange(300))).isoformat()
            if isinstance(value, str) and value[:4].isdigit()
            else value
            for key, value in first.body["facts"].items()
        }
        when = f"{day}T{pick.randrange(7, 19):02}:{pick.randrange(60):02}"
        body = {**first.body, "event": {**first.body["event"], "occurred_at": when}, "facts": facts}
        due = len(calculate(read_request(snapshot(), body)).obligations)
        if due == first.obligations:
            cases.append(Case(first.profile, first.event, body, due))
    return tuple(cases)


@cache
def every_event() -> tuple[Case, ...]:
    """One case for every event of every profile, as a caseload mixes them: the heaviest drawing of each."""
    heaviest_of: dict[tuple[str, str], Case] = {}
    for key in snapshot().profiles:
        for case in _drawn(key):
            case_so_far = heaviest_of.get((key, case.event))
            if case_so_far is None or case.obligations > case_so_far.obligations:
                heaviest_of[key, case.event] = case
    return tuple(case for case in heaviest_of.values() if case.obligations)


def _unfolded(key: str) -> Case:
    """Return the heaviest case of a profile; with fewer than twelve obligations, unfolded until there are twelve."""
    drawn = sorted(_drawn(key), key=lambda case: -case.obligations)
    if drawn[0].obligations >= OBLIGATIONS:
        return drawn[0]
    for months in range(6, 12 * 24, 6):
        until = (DAY + timedelta(days=months * 30)).isoformat()
        for case in drawn[:TRIES]:
            body = {**case.body, "until": until}
            due = len(calculate(read_request(snapshot(), body)).obligations)
            if due >= OBLIGATIONS:
                return Case(key, case.event, body, due)
    return drawn[0]


@cache
def _drawn(key: str) -> tuple[Case, ...]:
    version = snapshot().profiles[key][-1]
    vocabulary = version.profile.vocabulary
    pick = random.Random(key)
    cases = []
    for event, started in version.profile.by_event.items():
        spec = vocabulary.events[event]
        read = sorted({fact for item in started for fact in item.rule.facts()} - set(spec.implies) - set(spec.sets))
        for _ in range(TRIES):
            facts = {fact: _value(vocabulary.facts[fact], pick) for fact in read}
            body = {"profile": key, "event": {"type": event, "occurred_at": f"{DAY}T14:30"}, "facts": facts}
            try:
                due = len(calculate(read_request(snapshot(), body)).obligations)
            except Problem:
                continue
            cases.append(Case(key, event, body, due))
    return tuple(cases)


def _value(spec: FactSpec, pick: random.Random) -> object:
    if spec.type == "bool":
        return pick.random() < 0.6
    if spec.type == "int":
        return pick.choice([max(1, spec.minimum or 0), 2, 5])
    if spec.type == "choice":
        return pick.choice(spec.values)
    return (DAY - timedelta(days=pick.randrange(-30, 4_000))).isoformat()

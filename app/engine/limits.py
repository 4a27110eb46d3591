"""The limits that each reading of a rule comes to, once or one after another."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from app.engine.civil import Moment
from app.engine.conditions import Condition
from app.engine.counting import Limit
from app.engine.facts import Situation
from app.engine.model import Reading, Rule, Started
from app.engine.phases import First, Phase
from app.engine.readings import Dated
from app.engine.series import ChainStop, Series
from app.engine.timing import Missing


@dataclass(frozen=True, slots=True)
class Found:
    """One computed limit of one reading, whichever kind of timing it came from."""

    limit: Limit
    base: Moment
    phase: Phase | First | None = None
    projected: bool = False
    other: tuple[str, Limit] | None = None


def first_missing(rule: Rule, started: Started, situation: Situation) -> Missing | None:
    """What the declared timing would lack if the rule's condition held."""
    timing = rule.readings[0].timing
    if isinstance(timing, Series):
        step = next(timing.unfold(situation, restarted=started.restarted), None)
        return step.missing if isinstance(step, ChainStop) else None
    found = timing.limit(situation, situation.moment)
    return found if isinstance(found, Missing) else None


def once(rule: Rule, situation: Situation) -> list[Dated[Found]]:
    """Each reading's one limit."""
    dated: list[Dated[Found]] = []
    for reading in rule.readings:
        assert not isinstance(reading.timing, Series)
        limit = reading.timing.limit(situation, situation.moment)
        dated.append(_dated(reading, None if isinstance(limit, Missing) else Found(limit, situation.moment)))
    return dated


def in_turn(
    rule: Rule, started: Started, situation: Situation
) -> Iterator[tuple[list[Dated[Found]], ChainStop | None]]:
    """Row by row, each reading's next limit in its own chain, and where a chain could not be followed."""
    gate = rule.when if rule.when is not None and rule.when.moves else None
    chains = [_chain(reading, started, situation, gate) for reading in rule.readings]
    while True:
        row = [next(chain) for chain in chains]
        found = [item if isinstance(item, Found) else None for item in row]
        stop = next((item for item in row if isinstance(item, ChainStop)), None)
        yield [_dated(reading, item) for reading, item in zip(rule.readings, found, strict=True)], stop


def _dated(reading: Reading, found: Found | None) -> Dated[Found]:
    return Dated(reading, found, found.limit.at if found is not None else None)


def _chain(
    reading: Reading, started: Started, situation: Situation, gate: Condition | None
) -> Iterator[Found | ChainStop | None]:
    """One reading's own chain, then None for ever."""
    timing = reading.timing
    base = situation.moment
    if isinstance(timing, Series):
        for step in timing.unfold(situation, restarted=started.restarted, gate=gate):
            if isinstance(step, ChainStop):
                yield step
                break
            yield Found(step.limit, base, step.phase, step.projected, step.other)
            base = Moment(step.limit.day)
    while True:
        yield None

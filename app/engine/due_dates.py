"""The limits that each reading of a rule comes to, once or one after another."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from app.engine.civil_time import Moment
from app.engine.compiled_profile import Reading, Rule, Started
from app.engine.counting import Limit
from app.engine.facts import Situation
from app.engine.phases import First, Phase
from app.engine.reading_selection import Dated
from app.engine.series import ChainLimit, ChainStop, Series
from app.engine.timing import Missing


class Found(NamedTuple):
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
        step = timing.following(situation, restarted=started.restarted)
        return step.missing if isinstance(step, ChainStop) else None
    found = timing.limit(situation, situation.moment)
    return found if isinstance(found, Missing) else None


def once(rule: Rule, situation: Situation) -> list[Dated[Limit]]:
    """Each reading's one limit."""
    dated: list[Dated[Limit]] = []
    for place, reading in enumerate(rule.readings):
        limit = reading.timing.limit(situation, situation.moment)  # type: ignore[union-attr]  # a series is asked elsewhere
        if isinstance(limit, Missing):
            dated.append(Dated(reading, None, None, place))
        else:
            dated.append(Dated(reading, limit, limit.at, place))
    return dated


def at_first(rule: Rule, started: Started, situation: Situation) -> tuple[list[Dated[Found]], ChainStop | None]:
    """The first row that `in_turn` would yield where no day is given."""
    stop: ChainStop | None = None
    dated: list[Dated[Found]] = []
    for place, reading in enumerate(rule.readings):
        timing = reading.timing
        step = (
            timing.following(situation, restarted=started.restarted, gate=started.gate)
            if isinstance(timing, Series)
            else None
        )
        if isinstance(step, ChainLimit):
            limit, phase, projected, other = step
            dated.append(Dated(reading, Found(limit, situation.moment, phase, projected, other), limit.at, place))
        else:
            stop = stop or step
            dated.append(Dated(reading, None, None, place))
    return dated, stop


def in_turn(
    rule: Rule, started: Started, situation: Situation, until: date | None
) -> Iterator[tuple[list[Dated[Found]], ChainStop | None]]:
    """Row by row, each reading's next limit in its own chain, and where a chain could not be followed."""
    chains = [_chain(reading, started, situation, until) for reading in rule.readings]
    while True:
        stop: ChainStop | None = None
        dated: list[Dated[Found]] = []
        for place, (reading, chain) in enumerate(zip(rule.readings, chains, strict=True)):
            item = next(chain)
            if isinstance(item, Found):
                dated.append(Dated(reading, item, item.limit.at, place))
            else:
                stop = stop or item
                dated.append(Dated(reading, None, None, place))
        yield dated, stop


def _chain(
    reading: Reading, started: Started, situation: Situation, until: date | None
) -> Iterator[Found | ChainStop | None]:
    """One reading's own chain, then None for ever."""
    timing = reading.timing
    base = situation.moment
    if isinstance(timing, Series):
        for step in timing.unfold(situation, restarted=started.restarted, gate=started.gate, until=until):
            if isinstance(step, ChainStop):
                yield step
                break
            yield Found(step.limit, base, step.phase, step.projected, step.other)
            base = Moment(step.limit.day)
    while True:
        yield None

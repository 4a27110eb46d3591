"""Say what a condition comes to whatever else is sent: by what its event says, or because it contradicts itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from app.engine.conditions import AgeTest, All, Any, Compare, Condition, Happened, Not, OneOf, Unless
from app.engine.facts import EventSpec, FactValue

MOST = 10**9
MONTHS_OF_A_YEAR = 12


def settled(condition: Condition, event: EventSpec) -> bool | None:
    """Return whether a condition holds of every happening of an event, or of none; None where it depends.

    Example: a core group implies a protection plan, so that `child_protection_plan = false` never holds of one.
    """
    return _settled(condition, event.implies, frozenset(event.sets))


def contradicts_itself(condition: Condition) -> bool:
    """Return whether no facts at all can make a condition hold: a number at least 3 and at most 2."""
    if isinstance(condition, Any):
        return all(contradicts_itself(part) for part in condition.parts)
    if not isinstance(condition, All):
        return False
    parts = list(_flat(condition))
    return any(contradicts_itself(part) for part in parts) or _opposed(parts)


def _flat(condition: Condition) -> Iterable[Condition]:
    if isinstance(condition, All):
        for part in condition.parts:
            yield from _flat(part)
    else:
        yield condition


def _opposed(parts: list[Condition]) -> bool:
    """Return whether two parts ask opposite things of one fact, or leave no number or age between them."""
    one_of = [part for part in parts if isinstance(part, OneOf)]
    for place, part in enumerate(one_of):
        for other in one_of[place + 1 :]:
            if part.spec.key == other.spec.key and not _common(part, other):
                return True
    least: dict[str, int] = {}
    most: dict[str, int] = {}
    for limit in parts:
        if isinstance(limit, Compare):
            _narrow(least, most, limit.spec.key, limit.number, at_least=limit.operator == "at_least")
        elif isinstance(limit, AgeTest):
            months = limit.age.years * MONTHS_OF_A_YEAR + limit.age.months
            at_least = limit.operator == "at_least"
            _narrow(least, most, "age", months if at_least else months - 1, at_least=at_least)
    return any(least[key] > most.get(key, MOST) for key in least)


def _narrow(least: dict[str, int], most: dict[str, int], key: str, number: int, *, at_least: bool) -> None:
    if at_least:
        least[key] = max(number, least.get(key, 0))
    else:
        most[key] = min(number, most.get(key, MOST))


def _common(one: OneOf, other: OneOf) -> bool:
    """Return whether some value passes both tests of one fact."""
    if one.negate and other.negate:
        return True
    if one.negate or other.negate:
        wanted, barred = (other, one) if one.negate else (one, other)
        return bool(wanted.values - barred.values)
    return bool(one.values & other.values)


def _settled(condition: Condition, said: Mapping[str, FactValue], dates: frozenset[str]) -> bool | None:
    if isinstance(condition, OneOf) and condition.spec.key in said:
        return (said[condition.spec.key] in condition.values) is not condition.negate
    if isinstance(condition, Happened) and condition.spec.key in dates:
        return condition.expected
    if isinstance(condition, Compare):
        value = said.get(condition.spec.key)
        if isinstance(value, int):
            return value >= condition.number if condition.operator == "at_least" else value <= condition.number
    if isinstance(condition, Not | Unless):
        inner = _settled(condition.part, said, dates)
        return None if inner is None else not inner
    if isinstance(condition, All | Any):
        decisive = isinstance(condition, Any)
        parts = [_settled(part, said, dates) for part in condition.parts]
        if decisive in parts:
            return decisive
        return None if None in parts else not decisive
    return None

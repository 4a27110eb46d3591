"""What a condition says over time: whether it can still change, and from which day it holds."""

from __future__ import annotations

from datetime import date

from app.engine.conditions import AgeTest, All, Condition, Elapsed, Happened
from app.engine.facts import DATE_OF_BIRTH, Situation
from app.engine.months import birthday


def split_by_date_dependence(condition: Condition | None) -> tuple[Condition | None, Condition | None]:
    """Split a condition into what decides for a whole series, and what is tested again on each interval's first day."""
    if condition is None or not condition.depends_on_date:
        return condition, None
    parts = condition.parts if isinstance(condition, All) else (condition,)
    lasting = tuple(part for part in parts if not part.depends_on_date)
    dated = tuple(part for part in parts if part.depends_on_date)
    return (All(lasting) if lasting else None), All(dated, depends_on_date=True)


def is_permanently_false(condition: Condition, situation: Situation, day: date) -> bool:
    """Return True if a condition that fails on a day fails on every later one: an age once passed does not return."""
    if not condition.depends_on_date:
        return condition.test(situation, day).holds is False
    if isinstance(condition, All):
        return any(is_permanently_false(part, situation, day) for part in condition.parts)
    if isinstance(condition, AgeTest) and condition.operator == "under":
        born = situation.facts.get(DATE_OF_BIRTH)
        return isinstance(born, date) and born <= day and condition.test(situation, day).holds is False
    if isinstance(condition, Elapsed) and condition.operator == "less_than_ago":
        since = situation.facts.get(condition.spec.key)
        return isinstance(since, date) and since <= day and condition.test(situation, day).holds is False
    return False


def is_permanently_true(condition: Condition, situation: Situation, day: date) -> bool:
    """Return True if a condition that holds on a day holds on every later one: an age once reached stays reached."""
    if isinstance(condition, All):
        return all(is_permanently_true(part, situation, day) for part in condition.parts)
    lasting = (
        not condition.depends_on_date
        or (isinstance(condition, AgeTest) and condition.operator == "at_least")
        or (isinstance(condition, Happened) and condition.expected)
        or (isinstance(condition, Elapsed) and condition.operator == "at_least_ago")
    )
    return lasting and condition.test(situation, day).holds is True


def becomes_true_on(condition: Condition | None, situation: Situation) -> date | None:
    """Return the day on which a condition begins to hold by the child's age alone; None where that is not all of it."""
    if isinstance(condition, All):
        days = [becomes_true_on(part, situation) for part in condition.parts]
        return max((day for day in days if day is not None), default=None) if None not in days else None
    if not isinstance(condition, AgeTest) or condition.operator != "at_least":
        return None
    born = situation.facts.get(DATE_OF_BIRTH)
    return birthday(born, condition.age) if isinstance(born, date) else None

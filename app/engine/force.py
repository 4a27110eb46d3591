"""Tell of timescales that were not in force on the day of the event."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from app.engine.compiled_profile import EventRules, Rule
from app.engine.conditions import Verdict

NAMES = {"local": "a standard", "statutory_guidance": "statutory guidance"}


def in_force(rule: Rule, day: date) -> bool:
    """Return True if a rule was in force on a day; its first and its last day are included."""
    begun = rule.in_force_from is None or rule.in_force_from <= day
    return begun and (rule.in_force_to is None or day <= rule.in_force_to)


def warnings_of_force(outside: Sequence[tuple[Rule, Verdict]], event_rules: EventRules, day: date) -> tuple[str, ...]:
    """Return one warning for each day on which some of the rules came into force, or after which they were not.

    `outside` are the rules not in force on the day, each with the verdict on its condition, which is never that it
    fails; those whose condition is undecided are named only where none holds. A rule is passed over where another one
    for the same act was in force: the 24 weeks of 2020 are not missed in 2026.
    """
    duties = {rule.duty for rule, _ in outside}
    served = {each.rule.duty for each in event_rules.rules if each.rule.duty in duties and in_force(each.rule, day)}
    holding = [rule for rule, verdict in outside if verdict.holds]
    titles: dict[str, list[str]] = {}
    for rule in holding or [rule for rule, _ in outside]:
        if rule.duty not in served:
            titles.setdefault(_force(rule, day), []).append(rule.title)
    return tuple(
        f"{'this timescale is' if len(named) == 1 else 'these timescales are'} {when}: {'; '.join(named)}"
        for when, named in titles.items()
    )


def _force(rule: Rule, day: date) -> str:
    what = NAMES.get(rule.basis, "law")
    if rule.in_force_from is not None and day < rule.in_force_from:
        return f"{what} from {rule.in_force_from.isoformat()}"
    assert rule.in_force_to is not None
    return f"no longer {what} from {(rule.in_force_to + timedelta(days=1)).isoformat()}"

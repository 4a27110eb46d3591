"""Decide whether a general rule gives way to one of its exceptions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from app.engine.compiled_profile import ApplicableRule
from app.engine.conditions import HOLDS, Verdict
from app.engine.facts import Situation
from app.engine.force import in_force


def exception_verdicts(rules: Iterable[ApplicableRule], situation: Situation) -> dict[str, Verdict]:
    """Return the verdict on the condition of each rule in force, by the rule's id."""
    day = situation.moment.day
    return {
        each.rule.id: HOLDS if each.condition is None else each.condition.test(situation, day)
        for each in rules
        if not each.rule.dated or in_force(each.rule, day)
    }


def with_exceptions_assumed(prepared: ApplicableRule, verdict: Verdict, verdicts: Mapping[str, Verdict]) -> Verdict:
    """Return the verdict on a general rule, with what was assumed of its exceptions."""
    assumptions = tuple(
        assumption
        for other in prepared.exceptions
        if other in verdicts and verdicts[other].holds is False
        for assumption in verdicts[other].assumptions
    )
    return replace(verdict, assumptions=verdict.assumptions + assumptions) if assumptions else verdict


def exception_that_holds(prepared: ApplicableRule, verdicts: Mapping[str, Verdict]) -> str | None:
    """Return the exception that holds, to which a general rule gives way."""
    return next((other for other in prepared.exceptions if other in verdicts and verdicts[other].holds), None)

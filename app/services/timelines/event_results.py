"""What one event of a case starts, by all the facts that are there on the day the case is looked at."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from app.engine.compiled_profile import Profile, Rule
from app.engine.facts import FactValue
from app.engine.results import Calculation, Obligation, Undetermined
from app.services.snapshot.snapshot import CalendarVersion, ProfileVersion
from app.services.timelines.case import Event, order, situation
from app.services.timelines.fact_history import FactsAtEvent

Calculate = Callable[[Mapping[str, FactValue]], Calculation]


class Change(NamedTuple):
    """What a later word made of a rule: its fact, the event that said it, and what it left open, if anything.

    `anew` where the fact had been another, so that the rule had not applied before that word.
    """

    fact: str
    event: Event
    taken_back: bool = False
    left_open: Undetermined | None = None
    anew: bool = False


@dataclass(slots=True)
class EventResult:
    """One event with what it starts, and the rules for which a later word decided.

    `later` are the next limits of series as a later word makes them, of a fact that was only presumed until then.
    """

    event: Event
    version: ProfileVersion
    calendar: CalendarVersion
    facts: dict[str, FactValue]
    result: Calculation
    changes: dict[str, Change] = field(default_factory=dict)
    later: dict[str, tuple[Obligation, Change]] = field(default_factory=dict)
    unfolded: dict[date, Calculation] = field(default_factory=dict)
    """What it starts up to a day: calculated once, whatever number of its series is followed."""

    def of(self, rule_id: str) -> Obligation | None:
        """Return the first obligation of a rule that the event starts."""
        return next((item for item in self.result.obligations if item.rule.id == rule_id), None)


def result_at(
    event: Event, version: ProfileVersion, calendar: CalendarVersion, facts: FactsAtEvent, calculate: Calculate
) -> EventResult:
    """Ask what an event starts.

    A series is calculated with what was known at its start, and with what nobody knew then; what was said otherwise
    later starts it only where it had not applied. Of what is due once, the last word decides.
    """
    result = EventResult(event, version, calendar, facts.start, calculate(facts.start))
    rules = [started.rule for started in version.profile.by_event.get(event.type, ())]
    for rule in rules if facts.learnt else ():
        if learnt := rule.facts() & facts.learnt.keys():
            last = max(learnt, key=lambda fact: (order(facts.learnt[fact].moment), fact))
            result.changes[rule.id] = Change(last, facts.learnt[last])
    for rule in rules if facts.overruled else ():
        if (change := _overruled(rule, result, facts)) is not None:
            result.changes[rule.id] = change
    if not facts.revised_by:
        return result
    said = {rule.id: sorted(_facts_of(rule, version.profile) & facts.revised_by.keys()) for rule in rules}
    if any(said.values()):
        _by_the_last_word(result, calculate(facts.now), facts, {key: names[0] for key, names in said.items() if names})
    return result


def _overruled(rule: Rule, result: EventResult, facts: FactsAtEvent) -> Change | None:
    """Find what takes back what an event starts, against what its happening implied: a conference called off."""
    condition = rule.not_owed_when
    fact = min(condition.facts() & facts.overruled.keys(), default=None) if condition is not None else None
    if condition is None or fact is None:
        return None
    last = {name: saying.value for name, saying in facts.overruled.items() if saying.value is not None}
    at_event = situation(result.event, {**facts.now, **last}, result.calendar)
    holds = condition.test(at_event, result.event.moment.day).holds
    return Change(fact, facts.overruled[fact].event, taken_back=True) if holds is True else None


def _facts_of(rule: Rule, profile: Profile) -> frozenset[str]:
    """Return every fact that decides whether a rule applies, those of what it gives way to included."""
    exceptions = [profile.rule(name) for name in profile.exceptions.get(rule.id, ())]
    return rule.facts().union(*(other.facts() for other in exceptions if other is not None))


def _by_the_last_word(result: EventResult, now: Calculation, facts: FactsAtEvent, said: Mapping[str, str]) -> None:
    before = {item.rule.id: item for item in result.result.obligations}
    after = {item.rule.id: item for item in now.obligations}
    open_then = {item.rule.id: item for item in result.result.undetermined}
    open_now = {item.rule.id: item for item in now.undetermined}
    obligations: list[Obligation] = []
    waiting: list[Undetermined] = []
    for rule in (started.rule for started in result.version.profile.by_event.get(result.event.type, ())):
        fact, first, last = said.get(rule.id), before.get(rule.id), after.get(rule.id)
        stated, open_ = first, open_then.get(rule.id)
        if fact is not None and (first is None or last is not None) and _begins_with(result, rule, fact, facts):
            open_ = None if rule.when is not None and fact in rule.when.facts() else open_
        elif fact is not None:
            change = Change(fact, facts.revised_by[fact])
            if first is not None and rule.recurring:
                if last is not None and last != first and fact not in facts.guarded:
                    result.later[rule.id] = last, change
            elif first is not None and last is None:
                result.changes[rule.id] = change._replace(taken_back=True, left_open=open_now.get(rule.id))
            elif last is not None and (first is not None or not _too_late(last, fact, facts)):
                anew = first is None and fact in facts.guarded
                stated, result.changes[rule.id] = last, change._replace(anew=anew)
            elif last is None:
                open_ = open_now.get(rule.id)
            elif rule.when is not None and fact in rule.when.facts():
                open_ = None
        if stated is not None:
            obligations.append(stated)
        elif open_ is not None:
            waiting.append(open_)
    obligations.sort(key=lambda item: (item.due_at.timestamp(), item.rule.id))
    result.result = result.result._replace(obligations=tuple(obligations), undetermined=tuple(waiting))


def _begins_with(result: EventResult, rule: Rule, fact: str, facts: FactsAtEvent) -> bool:
    """Return whether what said a fact starts the rule itself: the plan's start, not the allocation before it.

    So does another event of one's own kind: the last leaving of care, with which the status came, and not the first.
    """
    by = facts.revised_by[fact]
    spec = result.version.profile.vocabulary.events.get(by.type)
    implied = spec is not None and fact in spec.implies
    return by.type in rule.events and (implied or (by.type == result.event.type and fact in by.own))


def _too_late(item: Obligation, fact: str, facts: FactsAtEvent) -> bool:
    """Return whether a value that was otherwise, or not to be had, at the start came only once the limit had passed."""
    return fact in facts.guarded and item.due_date < facts.revised_by[fact].moment.day

"""What one event of a case starts, asked with all that is known of it by the day the case is looked at."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from app.engine.facts import FactValue
from app.engine.results import Calculation, Obligation, Undetermined
from app.services.snapshot.snapshot import CalendarVersion, ProfileVersion
from app.services.timelines.case import Event
from app.services.timelines.fact_history import Known

Calculate = Callable[[Mapping[str, FactValue]], Calculation]


class Change(NamedTuple):
    """What a later word made of a rule: its fact, the event that said it, and what it left open, if anything."""

    fact: str
    event: Event
    taken_back: bool = False
    left_open: Undetermined | None = None


@dataclass(slots=True)
class EventResult:
    """One event with what it starts, and the rules for which a later word decided."""

    event: Event
    version: ProfileVersion
    calendar: CalendarVersion
    facts: dict[str, FactValue]
    result: Calculation
    changes: dict[str, Change] = field(default_factory=dict)

    def of(self, rule_id: str) -> Obligation | None:
        """The first obligation of a rule that the event starts."""
        return next((item for item in self.result.obligations if item.rule.id == rule_id), None)


def result_by_all_that_is_known(
    event: Event, version: ProfileVersion, calendar: CalendarVersion, known: Known, calculate: Calculate
) -> EventResult:
    """Ask what an event starts.

    A series is asked with what was known at its start, and with what nobody knew then; what was said otherwise later
    starts it only where it had not applied. Of what is due once, the last word decides.
    """
    found = EventResult(event, version, calendar, known.start, calculate(known.start))
    rules = [started.rule for started in version.profile.by_event.get(event.type, ())]
    for rule in rules:
        for fact in rule.facts() & known.learnt.keys():
            found.changes[rule.id] = Change(fact, known.learnt[fact])
    if any(rule.facts() & known.told.keys() for rule in rules):
        _by_the_last_word(found, calculate(known.now), known)
    return found


def _by_the_last_word(found: EventResult, now: Calculation, known: Known) -> None:
    told = known.told
    before = {item.rule.id for item in found.result.obligations}
    after = {item.rule.id for item in now.obligations}
    open_then = {item.rule.id: item for item in found.result.undetermined}
    open_now = {item.rule.id: item for item in now.undetermined}
    obligations: list[Obligation] = []
    for item in (*found.result.obligations, *now.obligations):
        rule = item.rule
        said = next((fact for fact in sorted(rule.facts()) if fact in told), None)
        first = rule.id in before
        if any(each is item for each in now.obligations):
            if said is None or (first and (rule.recurring or rule.id not in after)):
                continue
            if not first and _too_late(item, said, known):
                if rule.id in open_then:
                    open_now[rule.id] = open_then[rule.id]
                continue
            obligations.append(item)
            found.changes[rule.id] = Change(said, told[said])
        elif said is None or rule.recurring or rule.id not in after:
            obligations.append(item)
            if said is not None and not rule.recurring:
                found.changes[rule.id] = Change(said, told[said], taken_back=True, left_open=open_now.get(rule.id))
    obligations.sort(key=lambda item: (item.due_at.timestamp(), item.rule.id))
    kept = {item.rule.id for item in obligations}
    waiting = [
        open_now.get(rule.id) if rule.facts() & told.keys() and not rule.recurring else open_then.get(rule.id)
        for rule in (each.rule for each in found.version.profile.by_event.get(found.event.type, ()))
        if rule.id not in kept
    ]
    undetermined = tuple(item for item in waiting if item is not None)
    found.result = found.result._replace(obligations=tuple(obligations), undetermined=undetermined)


def _too_late(item: Obligation, fact: str, known: Known) -> bool:
    """Whether a value that was otherwise, or not to be had, at the start came only once the limit had passed."""
    return fact in known.guarded and item.due_date < known.told[fact].moment.day

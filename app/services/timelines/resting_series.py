"""Series that rest for a time: while an exception to them runs, or while they are not owed."""

from __future__ import annotations

from collections.abc import Container, Iterator
from dataclasses import dataclass

from app.engine.compiled_profile import Rule
from app.engine.conditions import Condition
from app.engine.facts import CASE, CHILD, THIS_EVENT
from app.engine.lasting_conditions import split_by_date_dependence
from app.engine.results import Obligation
from app.services.timelines.case import Event, situation
from app.services.timelines.child_timeline import ChildTimeline
from app.services.timelines.episode import Episode
from app.services.timelines.event_results import EventResult
from app.services.timelines.tracked_obligation import TrackedObligation


@dataclass(slots=True)
class Resting:
    """A series that rests in its episode: its start, what it will be counted from, and what it rests for."""

    episode: Episode
    start: Event
    base: EventResult
    number: int
    carriers: list[Episode]


class RestingSeries:
    """The resting runs of one rule for one child."""

    def __init__(self, line: ChildTimeline, rule_id: str) -> None:
        self.line = line
        self.rule_id = rule_id
        self._resting: dict[str, Resting] = {}

    def __contains__(self, episode: object) -> bool:
        return episode in self._resting

    def add(self, resting: Resting) -> None:
        """Let a run rest."""
        self._resting[resting.episode.id] = resting

    def count_from(self, home: Episode, result: EventResult) -> None:
        """Count a resting series from another event of its own."""
        self._resting[home.id].base = result

    def act(self, event: Event, result: EventResult) -> None:
        """Count a resting series from an act of its kind, done while it rested."""
        rule = result.version.profile.rule(self.rule_id)
        if rule is None or event.type not in rule.restarts:
            return
        for resting in self._resting.values():
            if self.line.episodes(result.version).belongs(event, resting.episode):
                resting.base = result

    def carriers(
        self, rule: Rule, home: Episode, event: Event, result: EventResult
    ) -> tuple[list[Episode], str | None]:
        """Find what an event begins during which a series rests, and the obligation that stands in its place."""
        episodes, profile = self.line.episodes(result.version), result.version.profile
        carriers = [each for each in episodes.opened(event) if each.kind in rule.rests_during]
        by = None
        for name in profile.exceptions.get(self.rule_id, ()):
            other = result.of(name)
            if other is not None and event.type in other.rule.events and other.rule.recurring:
                narrower = self._narrower(other.rule.when, home, event, result)
                carriers += narrower or [self.line.home(result.version, other.rule, event)]
                by = self.line.identify(name, event, 1)
        if self._says(rule.not_owed_when, event, result) is not None:
            carriers += self._narrower(rule.not_owed_when, home, event, result)
        return [each for each in carriers if each is not home and each.closed_by is not event], by

    def let_rest_from_the_start(self, rule: Rule, event: Event, result: EventResult, runs: Container[str]) -> None:
        """Let a series rest that gave way to its exception from its own start."""
        if event.type not in rule.events or result.of(self.rule_id) is not None:
            return
        home = self.line.home(result.version, rule, event)
        if home.id in runs or home.id in self._resting:
            return
        carriers, _ = self.carriers(rule, home, event, result)
        if carriers:
            self.add(Resting(home, event, result, 0, carriers))

    def not_owed(self, record: TrackedObligation, event: Event, result: EventResult) -> str | None:
        """Return the fact by which an event says that a series is not owed."""
        if not self.line.episodes(result.version).belongs(event, record.episode):
            return None
        return self._says(record.rule.not_owed_when, event, result)

    def no_longer_applies(self, record: TrackedObligation, event: Event, result: EventResult) -> str | None:
        """Return the fact by which an event says that a series applies no longer."""
        condition, _ = split_by_date_dependence(record.rule.when)
        if condition is None:
            return None
        if not self.line.episodes(result.version).belongs(event, record.episode):
            return None
        return self._says(condition, event, result, wanted=False)

    def _says(
        self, condition: Condition | None, event: Event, result: EventResult, *, wanted: bool = True
    ) -> str | None:
        """Return the fact, said by an event itself, by which a condition comes to hold, or to fail."""
        if condition is None:
            return None
        spec, facts = result.version.profile.vocabulary.events[event.type], result.version.profile.vocabulary.facts
        said = sorted(
            fact
            for fact in condition.facts() & {*event.own, *spec.implies, *spec.sets}
            if facts[fact].scope != THIS_EVENT
        )
        if not said:
            return None
        holds = condition.test(situation(event, result.facts, result.calendar), event.moment.day).holds
        return said[0] if holds is wanted else None

    def _narrower(self, condition: Condition | None, home: Episode, event: Event, result: EventResult) -> list[Episode]:
        """Find the episodes, narrower than the series' own, for which what a condition asks holds."""
        episodes, facts = self.line.episodes(result.version), result.version.profile.vocabulary.facts
        names = condition.facts() if condition is not None else frozenset()
        scopes = {scope for name in names for scope in facts[name].scopes} - {CHILD, THIS_EVENT, CASE}
        outer = tuple(home.chain())
        narrower: list[Episode] = []
        for scope in sorted(scopes):
            each = episodes.instance(scope, event) or episodes.following(scope, event)
            if each is not None and each not in outer and home in each.chain():
                narrower.append(each)
        return narrower

    def over(self, event: Event) -> Iterator[Resting]:
        """Take out the runs for which all that they rested for is over, and those whose own episode is."""
        for resting in list(self._resting.values()):
            episodes = self.line.episodes(resting.base.version)
            place = episodes.place(event)
            if resting.episode.closed_place <= place:
                del self._resting[resting.episode.id]
            elif all(each.closed_place <= place for each in resting.carriers):
                del self._resting[resting.episode.id]
                yield resting

    def counted_again(self, resting: Resting, event: Event) -> Obligation | None:
        """Return the limit counted from the last act, without what was true only of what is over."""
        result = resting.base
        facts = result.version.profile.vocabulary.facts
        over = {each.kind for each in resting.carriers}
        holding = {name: value for name, value in result.facts.items() if not over & set(facts[name].scopes)}
        for name, value in self.line.facts(result.version, result.calendar, event).items():
            if name not in holding and over & set(facts[name].scopes):
                holding[name] = value
        return self.line.with_facts(result, self.rule_id, holding)

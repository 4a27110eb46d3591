"""Find whether a fact that nobody decided yet could bring a due date forward, and how far."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from app.engine.facts import FactSpec, FactValue
from app.engine.results import Undetermined
from app.services.calculation.request import ResolvedRequest
from app.services.calculation.response import calculate

MAX_CASES = 200
"""How many combinations of facts are tried; past them, a date is called one that may come earlier."""
NUMBERS_TRIED = 4


class EarliestPossible(NamedTuple):
    """What undecided facts may make of a due date."""

    due_at: datetime | None
    """The earliest one that was found before the general one; None where there is none, or none can be dated."""
    may_be_earlier: bool


def earliest_possible(
    request: ResolvedRequest, kinds: frozenset[str], pending: list[Undetermined], general: datetime
) -> EarliestPossible:
    """Return the earliest due date before the general one that a value of an undecided fact could give.

    Every true and false, every choice and the first numbers of each fact are tried, rule by rule, and so are the facts
    that a rule asks for once those are decided. A date has too many values to try (a date of birth): there, and past
    MAX_CASES combinations, the due date may come earlier, and how much is not said.

    Example: an emergency that nobody has ruled out makes the decision on a contact due in 4 hours, not in 24.
    """
    search = _Search(request, kinds, general)
    for item in pending:
        search.decide(item, {})
    return EarliestPossible(search.earliest, search.earliest is not None or search.unbounded)


class _Search:
    """Tries the values of undecided facts, depth first."""

    def __init__(self, request: ResolvedRequest, kinds: frozenset[str], general: datetime) -> None:
        self._request = request
        self._kinds = kinds
        self._general = general
        self._facts = request.profile.profile.vocabulary.facts
        self._cases = 0
        self.earliest: datetime | None = None
        self.unbounded = False

    def decide(self, item: Undetermined, decided: dict[str, FactValue]) -> None:
        """Try the values of the first fact that a rule waits for, and then of those that it waits for next."""
        if not item.needs:
            return  # no fact is missing: the calendar does not reach so far
        name = item.needs[0]
        values = list(_values(self._facts[name]))
        self.unbounded = self.unbounded or not values
        for value in values:
            if self._cases >= MAX_CASES:
                self.unbounded = True
                return
            self._cases += 1
            self._try(item, {**decided, name: value})

    def _try(self, item: Undetermined, decided: dict[str, FactValue]) -> None:
        result = calculate(replace(self._request, facts={**self._request.facts, **decided}))
        for obligation in result.obligations:
            if obligation.rule is item.rule and obligation.duty in self._kinds and obligation.due_at < self._general:
                self.earliest = min(obligation.due_at, self.earliest or obligation.due_at)
        for other in result.undetermined:
            if other.rule is item.rule:
                self.decide(other, decided)


def _values(spec: FactSpec) -> Iterator[FactValue]:
    """Return the values of a fact that are worth trying: none of a date."""
    if spec.type == "bool":
        yield from (True, False)
    elif spec.type == "choice":
        yield from spec.values
    elif spec.type == "int":
        first = spec.minimum or 0
        yield from range(first, first + NUMBERS_TRIED)

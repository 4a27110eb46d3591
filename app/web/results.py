"""A calculation as the explorer shows it: one card for each rule, the later dates of a series beneath its first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from app.engine.facts import FactSpec
from app.engine.results import Calculation, Obligation
from app.services.calculation.request import Request, read_request
from app.services.calculation.response import Json, calculation_id, perform, request_warnings
from app.services.problems import Fault, Problem
from app.services.snapshot.snapshot import Snapshot
from app.web.forms import Asked, as_curl, request_body, split_choice
from app.web.timeline import Timeline, draw
from app.web.words import plain

MOST_SHOWN = 400


@dataclass(frozen=True, slots=True)
class Card:
    """One rule's obligations: the first in full, the others as further dates."""

    first: Obligation
    further: tuple[Obligation, ...]


@dataclass(frozen=True, slots=True)
class Result:
    """What one profile answers, ready to be shown."""

    request: Request
    calculation: Calculation
    cards: tuple[Card, ...]
    warnings: tuple[str, ...]
    calculation_id: str
    body: Json
    curl: str
    left_out: int

    @property
    def key(self) -> str:
        """The profile's key."""
        return self.request.profile.record.key

    @property
    def name(self) -> str:
        """The profile and its version, as a heading names it."""
        return f"{self.key}, version {self.request.profile.version}"

    @property
    def noun(self) -> str:
        """How the event is spoken of."""
        return self.request.profile.profile.vocabulary.events[self.request.event].noun

    @property
    def shown(self) -> tuple[Obligation, ...]:
        """The obligations shown, in order."""
        return self.calculation.obligations[:MOST_SHOWN]


@dataclass(frozen=True, slots=True)
class Refusal:
    """A request that could not be answered under one profile, and the fields to mend."""

    choice: str
    problem: Problem
    fields: tuple[tuple[str, str], ...]
    """Each fault's field of the form (empty: none) and its text."""


def ask(snapshot: Snapshot, asked: Asked, choice: str, specs: Mapping[str, FactSpec], origin: str) -> Result | Refusal:
    """The answer of one profile, or its refusal."""
    key, _ = split_choice(choice)
    versions = snapshot.profiles.get(key, ())
    known: set[str] = set().union(*(item.profile.vocabulary.facts for item in versions)) if versions else set(specs)
    body = request_body(asked, choice, {name: spec for name, spec in specs.items() if name in known})
    try:
        request = read_request(snapshot, body)
        calculation = perform(request)
    except Problem as problem:
        return Refusal(choice, problem, tuple((field_of(fault.path), said(fault)) for fault in problem.faults))
    shown = calculation.obligations[:MOST_SHOWN]
    return Result(
        request=request,
        calculation=calculation,
        cards=cards(shown),
        warnings=(*request_warnings(request), *calculation.warnings),
        calculation_id=calculation_id(request),
        body=body,
        curl=as_curl(origin, body),
        left_out=len(calculation.obligations) - len(shown),
    )


def said(fault: Fault) -> str:
    """A fault in one sentence, its field named; the value that was sent is never repeated."""
    return f"{plain(fault.path.rpartition('.')[2])}: {fault.message}; {fault.remedy}"


FIELDS = {
    "profile": "profile",
    "profile_version": "profile",
    "event.type": "event",
    "event.occurred_at": "date",
    "event": "event",
    "until": "until",
    "reference": "reference",
}


def field_of(path: str) -> str:
    """The id of the form's field that a fault is about."""
    if path.startswith("facts."):
        return f"fact-{path.removeprefix('facts.')}"
    return FIELDS.get(path, "")


def cards(obligations: tuple[Obligation, ...]) -> tuple[Card, ...]:
    """The obligations by rule, in the order in which each rule first falls due."""
    by_rule: dict[str, list[Obligation]] = {}
    for item in obligations:
        by_rule.setdefault(item.rule.id, []).append(item)
    return tuple(Card(items[0], tuple(items[1:])) for items in by_rule.values())


def timeline(result: Result, others: tuple[Result, ...], span: str) -> Timeline:
    """A result's drawing, over the same days as the others beside it."""
    dates: list[date] = [item.due_date for each in (result, *others) for item in each.shown]
    return draw(
        result.request.moment,
        [(card.first, *card.further) for card in result.cards],
        result.request.calendar.calendar,
        dates,
        result.request.until,
        span,
    )

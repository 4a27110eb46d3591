"""A calculation as the explorer shows it: one card per rule, with the later dates of a series below its first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from app.engine.citations import NotComputable
from app.engine.facts import FactSpec
from app.engine.results import Calculation, Obligation
from app.services.calculation.request import ResolvedRequest, read_request
from app.services.calculation.response import Json, calculate, calculation_id, request_warnings
from app.services.problems import Fault, Problem
from app.services.silence import undated_at
from app.services.snapshot.snapshot import Snapshot
from app.services.zone import LONDON
from app.web.forms import ExplorerForm, as_curl, request_body, split_choice
from app.web.timeline import Timeline, draw
from app.web.words import count, label

MAX_SHOWN = 400


@dataclass(frozen=True, slots=True)
class Card:
    """One rule's obligations: the first in full, the others as further dates."""

    first: Obligation
    further: tuple[Obligation, ...]


@dataclass(frozen=True, slots=True)
class Result:
    """One profile's answer, ready to be shown."""

    request: ResolvedRequest
    calculation: Calculation
    cards: tuple[Card, ...]
    warnings: tuple[str, ...]
    calculation_id: str
    body: Json
    curl: str
    left_out: int

    @property
    def key(self) -> str:
        """Return the profile's key."""
        return self.request.profile.record.key

    @property
    def name(self) -> str:
        """Return the profile and its version, for headings."""
        return f"{self.key}, version {self.request.profile.version}"

    @property
    def noun(self) -> str:
        """Return the noun of the event."""
        return self.request.profile.profile.vocabulary.events[self.request.event].noun

    @property
    def undated(self) -> tuple[NotComputable, ...]:
        """Return what the document asks for at the event without a date."""
        return undated_at(self.request.profile.profile, self.request.event)

    @property
    def heading(self) -> str:
        """Return how much there is: "1 date, 3 waiting for facts"."""
        waiting = len(self.calculation.undetermined)
        dates = count(len(self.shown), "date")
        return f"{dates}, {waiting} waiting for facts" if waiting else dates

    @property
    def shown(self) -> tuple[Obligation, ...]:
        """Return the obligations shown, in order."""
        return self.calculation.obligations[:MAX_SHOWN]


@dataclass(frozen=True, slots=True)
class Failure:
    """A request that one profile could not answer, and the fields to correct."""

    choice: str
    problem: Problem
    fields: tuple[tuple[str, str], ...]
    """Each fault's field of the form (empty: none) and its text."""


def calculate_result(
    snapshot: Snapshot, entered: ExplorerForm, choice: str, specs: Mapping[str, FactSpec], origin: str
) -> Result | Failure:
    """Calculate the answer of one profile, or describe why it could not be calculated."""
    key, _ = split_choice(choice)
    versions = snapshot.profiles.get(key, ())
    fact_names: set[str] = set().union(*(item.vocabulary.facts for item in versions)) if versions else set(specs)
    body = request_body(entered, choice, {name: spec for name, spec in specs.items() if name in fact_names})
    try:
        request = read_request(snapshot, body)
        calculation = calculate(request)
    except Problem as problem:
        return Failure(choice, problem, tuple((field_of(fault.path), fault_text(fault)) for fault in problem.faults))
    shown = calculation.obligations[:MAX_SHOWN]
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


# What the form calls a field, and what a reader does about one that is empty.
NAMES = {
    "event": "Event",
    "event.type": "Event",
    "event.occurred_at": "Date of the event",
    "date": "Date to be checked",
    "until": "Unfold series until",
}
EMPTY = {
    "event": "Choose an event",
    "event.type": "Choose an event",
    "event.occurred_at": "Enter the date of the event",
    "duty": "Choose what the date is for",
    "date": "Enter the date to be checked",
}
MISSING = "this field is missing"
ON_THE_PAGE = {"pin one with profile_version": "choose one of its versions in the list of profiles"}


def fault_text(fault: Fault) -> str:
    """Describe a fault in one sentence with its field's name. Never repeats the value that was sent."""
    if fault.message == MISSING and fault.path in EMPTY:
        return EMPTY[fault.path]
    remedy = fault.remedy
    for of_the_api, of_the_page in ON_THE_PAGE.items():
        remedy = remedy.replace(of_the_api, of_the_page)
    return f"{NAMES.get(fault.path) or label(fault.path.rpartition('.')[2])}: {fault.message}; {remedy}"


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
    """Return the id of the form field that a fault is about, or an empty text."""
    if path.startswith("facts."):
        return f"fact-{path.removeprefix('facts.')}"
    return FIELDS.get(path, "")


def cards(obligations: tuple[Obligation, ...]) -> tuple[Card, ...]:
    """Group obligations by rule, in the order in which each rule first falls due."""
    by_rule: dict[str, list[Obligation]] = {}
    for item in obligations:
        by_rule.setdefault(item.rule.id, []).append(item)
    return tuple(Card(items[0], tuple(items[1:])) for items in by_rule.values())


def timeline(result: Result, others: tuple[Result, ...], span: str) -> Timeline:
    """Draw a result's timeline over the same days as the other results."""
    dates: list[date] = [item.due_date for each in (result, *others) for item in each.shown]
    return draw(
        result.request.moment,
        [(card.first, *card.further) for card in result.cards],
        result.request.calendar.calendar,
        dates,
        result.request.until,
        span,
        datetime.now(LONDON).date(),
    )

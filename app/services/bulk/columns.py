"""The columns of the answers to many events: the one table that CSV, Arrow and the documentation are made from.

A row says something of its input line, of a rule, and of a date. What it says of a rule is the same in every row of
that rule, so a columnar form writes it once.
"""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter
from typing import Generic, Literal, NamedTuple, TypeVar

from app.engine.compiled_profile import ObligationTemplate
from app.engine.results import Obligation, Undetermined
from app.services.calculation.request import ResolvedRequest
from app.services.problems import Problem

Kind = Literal["text", "texts", "day", "instant", "number", "hours", "truth", "readings", "faults"]
Status = Literal["due", "undetermined", "nothing_due", "fault"]
Of = TypeVar("Of")


class Line(NamedTuple):
    """One line of the input, and what became of it: a request with its warnings, or a problem."""

    number: int
    reference: str | None
    request: ResolvedRequest | None = None
    warnings: tuple[str, ...] = ()
    problem: Problem | None = None


class Column(NamedTuple, Generic[Of]):
    """A column: its name, the kind of its values, what it says, and how its value is found."""

    name: str
    kind: Kind
    about: str
    value: Callable[[Of], object]
    shared: bool = False
    """It says the same of every line of one event that the same versions answer."""


class RuleColumn(NamedTuple):
    """A column about a rule; where the rule is undetermined its value is found in another way, or not at all."""

    name: str
    kind: Kind
    about: str
    value: Callable[[ObligationTemplate], object]
    undetermined: Callable[[Undetermined], object] = lambda _: None


def _of_request(
    name: str, kind: Kind, about: str, value: Callable[[ResolvedRequest], object], *, shared: bool = True
) -> Column[Line]:
    return Column(name, kind, about, lambda line: value(line.request) if line.request is not None else None, shared)


LINE: tuple[Column[Line], ...] = (
    Column(
        "line", "number", "The line or row of the input, from 1; of CSV the header is line 1.", attrgetter("number")
    ),
    Column("reference", "text", "The caller's own, as it was sent.", attrgetter("reference")),
    _of_request("profile", "text", "The profile.", lambda request: request.profile.record.key),
    _of_request("profile_version", "number", "The version that answered.", lambda request: request.profile.version),
    _of_request("calendar", "text", "The calendar.", lambda request: request.calendar.record.key),
    _of_request(
        "calendar_version", "number", "The version that was counted by.", lambda request: request.calendar.version
    ),
    _of_request("event", "text", "The kind of event.", attrgetter("event")),
    _of_request("at", "text", "The day or instant, as it was sent.", attrgetter("occurred_at"), shared=False),
    _of_request("event_day", "day", "The day in London.", attrgetter("moment.day"), shared=False),
    Column("warnings", "texts", "What is to be known of the profile and its documents.", attrgetter("warnings")),
    Column(
        "problem",
        "text",
        "The kind of problem, where the line cannot be answered.",
        lambda line: line.problem and line.problem.kind,
    ),
    Column(
        "faults",
        "faults",
        "Each fault: path, message, remedy; never the value.",
        lambda line: line.problem.faults if line.problem else None,
    ),
)
RULE: tuple[RuleColumn, ...] = (
    RuleColumn("duty", "text", "What is to be done.", lambda says: says.duty, lambda item: item.duty),
    RuleColumn("title", "text", "The same in words.", lambda says: says.title, lambda item: item.title),
    RuleColumn("rule", "text", "The rule of the profile.", lambda says: says.rule.id, lambda item: item.rule.id),
    RuleColumn("phase", "text", "The phase of a series.", lambda says: says.phase),
    RuleColumn("timing", "text", "The timescale in words.", lambda says: says.timing, lambda item: item.timing),
    RuleColumn("kind", "text", "deadline, lead_time, recurring, milestone or earliest.", lambda says: says.kind),
    RuleColumn("strength", "text", "must, should or suggested.", lambda says: says.strength),
    RuleColumn("basis", "text", "Statute, statutory guidance or local practice.", lambda says: says.basis),
    RuleColumn("responsible", "texts", "Who has to do it.", lambda says: says.responsible),
    RuleColumn(
        "section",
        "texts",
        "The paragraphs that print the timescale.",
        lambda says: [source.section for source in says.sources],
        lambda item: [source.section for source in item.sources],
    ),
    RuleColumn(
        "document",
        "texts",
        "The documents that they stand in.",
        lambda says: list(dict.fromkeys(source.document for source in says.sources)),
        lambda item: list(dict.fromkeys(source.document for source in item.sources)),
    ),
    RuleColumn("reading", "text", "How an ambiguous paragraph was read.", lambda says: says.reading),
    RuleColumn(
        "certainty", "text", "seen, or secondary where the text itself was not.", lambda says: says.rule.certainty
    ),
    RuleColumn("needs", "texts", "The facts that would settle it.", lambda _: None, lambda item: item.needs),
    RuleColumn("reason", "text", "Why it is undetermined.", lambda _: None, lambda item: item.reason),
    RuleColumn("from_date", "day", "From when it is undetermined.", lambda _: None, lambda item: item.from_date),
)
DATE: tuple[Column[Obligation], ...] = (
    Column("due_date", "day", "The last day.", attrgetter("due_date")),
    Column("due_at", "instant", "The last instant.", attrgetter("due_at")),
    Column("last_working_day", "day", "The last working day on or before it.", attrgetter("last_working_day")),
    Column("not_before", "day", "The first day on which it counts.", attrgetter("not_before")),
    Column("occurrence", "number", "Which of a series, from 1.", attrgetter("occurrence")),
    Column("alternatives", "readings", "The dates of other readings.", attrgetter("alternatives")),
    Column(
        "alternative_due_dates",
        "texts",
        "The days of other readings.",
        lambda item: (
            [other.due_date.isoformat() for other in item.alternatives if other.due_date is not None]
            if item.alternatives
            else ()
        ),
    ),
    Column("assumptions", "texts", "What was assumed.", attrgetter("assumptions")),
    Column("projected", "truth", "It rests on something not yet done.", attrgetter("projected")),
    Column("provisional", "truth", "It was counted over bank holidays not yet published.", attrgetter("provisional")),
)
RULE_TEXT = frozenset({"title", "kind", "strength", "basis", "responsible", "section", "document", "certainty"})
"""What a rule says whatever the date: a table may leave it to another, of the rules."""
_NAMED: list[tuple[str, Kind, str]] = [
    *((each.name, each.kind, each.about) for each in LINE),
    ("status", "text", "due, undetermined, nothing_due or fault."),
    *((each.name, each.kind, each.about) for each in DATE),
    *((each.name, each.kind, each.about) for each in RULE),
    ("message", "text", "The faults, or why a rule is undetermined, as one text."),
]
KINDS: dict[str, Kind] = {name: kind for name, kind, _ in _NAMED}
ABOUT: dict[str, str] = {name: about for name, _, about in _NAMED}
COLUMNS: tuple[str, ...] = tuple(ABOUT)
DEFAULT_COLUMNS = (
    "line",
    "reference",
    "profile",
    "profile_version",
    "event",
    "at",
    "status",
    "due_date",
    "due_at",
    "last_working_day",
    "duty",
    "rule",
    "title",
    "section",
    "responsible",
    "strength",
    "certainty",
    "occurrence",
    "alternative_due_dates",
    "projected",
    "provisional",
    "needs",
    "warnings",
    "message",
)
"""What CSV has unless others are named. Arrow and Parquet have every column."""


def message(line: Line, item: Undetermined | None) -> str:
    """Return the faults of a line as one text, or why a rule is undetermined."""
    if line.problem is not None:
        faults = "; ".join(f"{fault.path}: {fault.message}, {fault.remedy}" for fault in line.problem.faults)
        return faults or line.problem.detail
    return item.reason if item is not None else ""

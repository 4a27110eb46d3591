"""A team's cases as the caseload page shows them: overdue, due this week, waiting for facts, by team and worker."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from app.services.exports.csv_writer import CsvWriter
from app.services.exports.icalendar import caseload_icalendar
from app.services.problems import Problem
from app.services.snapshot.snapshot import Snapshot
from app.services.timelines import timeline
from app.services.zone import LONDON
from app.web.caseload_table import Case, fault_of_case
from app.web.words import as_words

KINDS = {
    "overdue": "Overdue",
    "disputed": "Disputed",
    "week": "Due this week",
    "waiting": "Waiting for facts",
    "later": "Due later",
}
ORDERS = {"due": "Due date", "team": "Team", "worker": "Worker", "reference": "Reference", "title": "What"}
MAX_SHOWN = 1_000
MAX_FAULTS = 50
LAST_DAY = date.max


@dataclass(frozen=True, slots=True)
class CaseloadForm:
    """The fields of the form as texts; `shown` names the kinds shown, empty where all but those due later are."""

    table: str = ""
    profile: str = ""
    as_of: str = ""
    team: str = ""
    worker: str = ""
    shown: str = ""
    order: str = "due"

    @property
    def day(self) -> date:
        """Return the day on which the caseload is looked at: today, unless another is entered."""
        try:
            return date.fromisoformat(self.as_of)
        except ValueError:
            return datetime.now(LONDON).date()


@dataclass(frozen=True, slots=True)
class Row:
    """One thing to be done, or to be found out, for one case."""

    kind: str
    reference: str
    team: str
    worker: str
    title: str
    due: date | None
    days: int
    section: str
    note: str
    obligation: dict[str, Any] | None


@dataclass(slots=True)
class Caseload:
    """Every case's rows, and the cases that could not be read."""

    cases: int
    week_ends: date
    rows: list[Row] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Tally:
    """How much of each kind one worker of one team has."""

    team: str
    worker: str
    counts: Counter[str]


def work_out(snapshot: Snapshot, cases: Sequence[Case], day: date) -> Iterator[tuple[int, Caseload]]:
    """Work out one case after another; yield how many are done and everything so far. The last yield is the whole."""
    caseload = Caseload(len(cases), day + timedelta(days=6 - day.weekday()))
    yield 0, caseload
    for number, case in enumerate(cases, start=1):
        shared = {"profile": case.profile, "as_of": day.isoformat(), "until": day.isoformat()}
        body = {**case.more, **shared, "events": case.events}
        try:
            answer = timeline(snapshot, body)
        except Problem as problem:
            caseload.faults.append(fault_of_case(case, problem))
        else:
            caseload.rows += _rows(case, answer, day, caseload.week_ends)
        yield number, caseload


def _rows(case: Case, answer: dict[str, Any], day: date, week_ends: date) -> Iterator[Row]:
    for item in answer["obligations"]:
        due = date.fromisoformat(item["due_date"])
        status = item["status"]
        if status not in {"overdue", "disputed", "outstanding"} or item["rests_on"] or (item["done_at"] is not None):
            continue
        if status == "outstanding" and due < day:
            # No event shows it done: saying that it is overdue would be a guess.
            continue
        kind = status if status != "outstanding" else "week" if due <= week_ends else "later"
        sections = ", ".join(source["section"] for source in item["source"])
        late = (day - due).days
        yield Row(kind, case.reference, case.team, case.worker, item["title"], due, late, sections, "", item)
    for item in answer["undetermined"]:
        sections = ", ".join(source["section"] for source in item["source"])
        needs = ", ".join(as_words(need) for need in item["needs"])
        yield Row("waiting", case.reference, case.team, case.worker, item["title"], None, 0, sections, needs, None)


def choose(caseload: Caseload, form: CaseloadForm) -> list[Row]:
    """Return the rows that the form asks for, in its order."""
    kinds = {form.shown} if form.shown in KINDS else set(KINDS) - {"later"}
    rows = [
        row
        for row in caseload.rows
        if row.kind in kinds and form.team in ("", row.team) and form.worker in ("", row.worker)
    ]
    order = form.order if form.order in ORDERS else "due"

    def place(row: Row) -> tuple[str, date, str]:
        first = "" if order == "due" else str(getattr(row, order)).lower()
        return first, row.due or LAST_DAY, row.reference

    return sorted(rows, key=place)


def tallies(caseload: Caseload) -> list[Tally]:
    """Count the rows of each kind by team and worker."""
    counted: dict[tuple[str, str], Counter[str]] = {}
    for row in caseload.rows:
        counted.setdefault((row.team, row.worker), Counter())[row.kind] += 1
    return [Tally(team, worker, counts) for (team, worker), counts in sorted(counted.items())]


def caseload_csv(rows: Sequence[Row]) -> bytes:
    """Write rows as CSV, marked as UTF-8 for spreadsheets."""
    writer = CsvWriter()
    writer.write(("status", "reference", "team", "worker", "title", "due_date", "days_overdue", "section", "needs"))
    for row in rows:
        due = row.due.isoformat() if row.due is not None else ""
        late = row.days if row.kind == "overdue" else ""
        writer.write((row.kind, row.reference, row.team, row.worker, row.title, due, late, row.section, row.note))
    return b"\xef\xbb\xbf" + writer.take()


def caseload_calendar(rows: Sequence[Row]) -> bytes:
    """Write the rows that have a date as one calendar file."""
    return caseload_icalendar([(row.reference, row.obligation) for row in rows if row.obligation is not None])

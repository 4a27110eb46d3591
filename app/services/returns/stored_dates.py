"""Check the target and due dates that a return carries, as `/v1/checks` does: one row each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from app.services.calculation.response import Json
from app.services.date_check import check_date
from app.services.problems import Problem
from app.services.returns.cases import Facts, ReturnCase, ReturnEvent, StoredDate
from app.services.snapshot.snapshot import Snapshot

MAX_REMEMBERED = 20_000
PLACEMENT_FACTS = ("placement_type", "legal_status")
NUMBERED = {"cla_review_held": "became_looked_after"}
"""Events whose number decides what follows, and the start that has to be in the case for them to be counted."""


class CheckedDate(NamedTuple):
    """What became of one date. `verdict` is that of a check, or `not_checked` with the reason in `problem`."""

    reference: str
    file: str
    line: int | None
    column: str | None
    duty: str
    date: str
    event: str | None
    occurred_at: str | None
    verdict: str
    days: int | None = None
    due_date: str | None = None
    section: str | None = None
    explained_by: tuple[Json, ...] = ()
    """The readings and common mistakes that give the date, as a check has them."""
    needs: tuple[str, ...] = ()
    problem: str | None = None

    def as_json(self) -> Json:
        """Return the row as a JSON object."""
        return {**self._asdict(), "explained_by": list(self.explained_by), "needs": list(self.needs)}


class DateChecker:
    """Checks dates against one profile. Equal dates from equal starts are checked once."""

    def __init__(self, snapshot: Snapshot, profile: str, profile_version: int | None = None) -> None:
        self._snapshot = snapshot
        self._profile = {"profile": profile, "profile_version": profile_version}
        self._checked: dict[tuple[Any, ...], Mapping[str, Any]] = {}

    def check(self, case: ReturnCase, stored: StoredDate) -> CheckedDate:
        """Check one date of a case."""
        place = stored.place
        row = CheckedDate(
            reference=case.reference,
            file=place.file,
            line=place.line or None,
            column=place.column,
            duty=stored.duty,
            date=stored.day.isoformat(),
            event=None,
            occurred_at=None,
            verdict="not_checked",
        )
        start = start_of(case, stored)
        if start is None:
            names = " or ".join(stored.counted_from)
            return row._replace(problem=f"the return has no {names} before it, from which it would be counted")
        row = row._replace(event=start.type, occurred_at=start.day.isoformat())
        return row._replace(**self._verdict(start, stored, facts_at(case, start)))

    def _verdict(self, start: ReturnEvent, stored: StoredDate, facts: Facts) -> Mapping[str, Any]:
        key = start.type, start.day, stored.duty, stored.day, tuple(sorted(facts.items()))
        verdict = self._checked.get(key)
        if verdict is None:
            if len(self._checked) >= MAX_REMEMBERED:
                self._checked.clear()
            verdict = self._checked[key] = self._ask(start, stored, facts)
        return verdict

    def _ask(self, start: ReturnEvent, stored: StoredDate, facts: Facts) -> Mapping[str, Any]:
        body = {
            **self._profile,
            "event": {"type": start.type, "occurred_at": start.day.isoformat()},
            "facts": dict(facts),
            "duty": stored.duty,
            "date": stored.day.isoformat(),
        }
        try:
            answer: Any = check_date(self._snapshot, body)
        except Problem as problem:
            fault = problem.faults[0] if problem.faults else None
            return {"problem": f"{fault.message}; {fault.remedy}" if fault is not None else problem.detail}
        expected = answer["expected"]
        return {
            "verdict": answer["verdict"],
            "days": answer["days"],
            "due_date": expected["due_date"] if expected is not None else None,
            "section": "; ".join(each["section"] for each in expected["source"]) if expected is not None else None,
            "explained_by": tuple(answer["explained_by"]),
            "needs": tuple(dict.fromkeys(need for each in answer["undetermined"] for need in each["needs"])),
        }


def start_of(case: ReturnCase, stored: StoredDate) -> ReturnEvent | None:
    """Return the event that a stored date is counted from: that of its own row, else the last before it."""
    if stored.row_start is not None:
        return stored.row_start
    # With several starts on one day the first kind that is named counts: a review before the entry into care.
    rank = {kind: -place for place, kind in enumerate(stored.counted_from)}
    before = [event for event in case.events if event.type in rank and event.day < stored.before]
    if stored.episode is not None:
        before = [event for event in before if event.episode == stored.episode] or before
    return max(before, key=lambda event: (event.day, rank[event.type]), default=None)


def facts_at(case: ReturnCase, start: ReturnEvent) -> Facts:
    """Return what the case says on the day of an event: its own facts, those of the placement, and its number."""
    facts: dict[str, Any] = {}
    for event in case.events:
        if event.day <= start.day:
            facts |= {name: value for name, value in event.facts.items() if name in PLACEMENT_FACTS}
    own = next((event.facts for event in case.events if event.type == start.type and event.day == start.day), {})
    facts |= {**start.facts, **own}
    # That no conference was needed came out later: the date is checked as it was worked out.
    facts.pop("icpc_required", None)
    opened = NUMBERED.get(start.type)
    if opened is not None and any(event.type == opened for event in case.events):
        facts["review_number"] = sum(event.type == start.type and event.day <= start.day for event in case.events)
    return facts

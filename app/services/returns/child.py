"""Put the rows of one child into cases: a referral each, a period of care each, and what belongs to neither."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from app.services.returns.cases import CaseKind, Fact, ReturnCase, ReturnEvent, StoredDate
from app.services.returns.faults import FaultList, Place
from app.services.returns.rows import ADDS_UP, ReadRow, Row, RowReader

IN_CARE = frozenset(
    {
        "best_interest_decision_made",
        "child_matched",
        "cla_review_held",
        "cla_visit_made",
        "dental_check_held",
        "health_assessment_completed",
        "returned_from_missing",
        "went_missing",
    }
)
CARE_ALONE = frozenset({"cla_review_held", "cla_visit_made", "dental_check_held", "health_assessment_completed"})
"""Events that can happen in care alone: outside every period they would begin a series that nobody owes."""
MAX_CASE_EVENTS = 1_000


@dataclass(slots=True)
class ChildCases:
    """The cases of one child, as they are put together."""

    child: str
    faults: FaultList
    facts: dict[str, Fact] = field(default_factory=dict)
    birth: date | None = None
    cases: list[ReturnCase] = field(default_factory=list)
    _other: ReturnCase | None = None
    _references: Counter[str] = field(default_factory=Counter)

    def born(self, reader: RowReader, row: Row) -> None:
        """Read the dates of birth and of delivery of a row, where no row said one before."""
        for use, fact in (("birth_date", "child_date_of_birth"), ("expected_birth", "expected_delivery_date")):
            column = row.table.using(use)  # type: ignore[arg-type]  # the two are uses
            if column is None or not row.text(column.name):
                continue
            day = reader.day(row, column.name, self.child, to_come=use == "expected_birth")
            if day is None:
                continue
            if use == "expected_birth" and self.birth is not None:
                continue
            before = self.facts.setdefault(fact, day.isoformat())
            if before != day.isoformat():
                message = "another row has another date of birth for this child; the first was used"
                remedy = "send one date for each child"
                self.faults.add("remark", row.place(column), message, remedy, reference=self.child)
            elif use == "birth_date":
                self.birth = day
                self.facts.pop("expected_delivery_date", None)

    def begin(self, kind: CaseKind, first: date | None, place: Place) -> ReturnCase:
        """Begin a case. Its reference is the child's and the first day; a second on that day is numbered."""
        name = f"{self.child}/{first.isoformat()}" if first is not None else f"{self.child}/{kind.replace(' ', '-')}"
        self._references[name] += 1
        number = self._references[name]
        reference = name if number == 1 else f"{name}-{number}"
        case = ReturnCase(reference, self.child, kind, self.facts, first=first, place=place)
        self.cases.append(case)
        return case

    def other(self) -> ReturnCase:
        """Return the case of what belongs to no referral and to no period of care."""
        if self._other is None:
            self._other = ReturnCase(self.child, self.child, "other", self.facts)
            self.cases.append(self._other)
        return self._other

    def put(self, read: ReadRow, case: ReturnCase | None = None) -> ReturnCase | None:
        """Add what a row became to a case; without one, to the case that was open on the day of its first event.

        Returns the case of the last event that was added.
        """
        used = case
        for event in read.events:
            target = case or self._open_on(event)
            if target is not None:
                target.events.append(event)
                if event.type in {"case_closed", "ceased_to_be_looked_after"}:
                    target.last = event.day
                used = target
        if used is not None:
            used.stored += read.stored
        else:
            self._without_case(read.stored)
        return used

    def _without_case(self, stored: Iterable[StoredDate]) -> None:
        for date_ in stored:
            case = next((each for each in self.cases if each.covers(date_.before)), None)
            (case or self.other()).stored.append(date_)

    def _open_on(self, event: ReturnEvent) -> ReturnCase | None:
        in_care = event.type in IN_CARE
        preferred: CaseKind = "period of care" if in_care else "referral"
        open_then = [case for case in self.cases if case.kind != "other" and case.covers(event.day)]
        if in_care and event.type in CARE_ALONE:
            cared = [case for case in self.cases if case.kind == "period of care"]
            if cared and not any(case.covers(event.day) for case in cared):
                message = "the child was not in care on this day, by the episodes that were sent; it was left out"
                remedy = "send the episodes of that time too, or mend the date"
                text = event.day.isoformat()
                self.faults.add("remark", event.place, message, remedy, was=text, reference=self.child)
                return None
            open_then = [case for case in open_then if case.kind == preferred] if cared else []
        best = [case for case in open_then if case.kind == preferred] or open_then
        return max(best, key=lambda case: case.first or date.min) if best else self.other()

    def finish(self) -> list[ReturnCase]:
        """Return the cases, each with its events in their order and with ids of their own."""
        for case in self.cases:
            self._no_further_action(case)
            if len({event.episode for event in case.events} - {None}) < 2:
                case.events = [
                    event if event.episode is None else event._replace(episode=None) for event in case.events
                ]
            case.events = _with_own_ids(sorted(case.events, key=lambda event: event.day))
            if len(case.events) > MAX_CASE_EVENTS:
                message = (
                    f"the case has more than the {MAX_CASE_EVENTS} events that a timeline takes; all are in the answer"
                )
                remedy = "check whether the id stands for several children"
                self.faults.add("remark", case.place, message, remedy, reference=case.reference)
        return self.cases

    def _no_further_action(self, case: ReturnCase) -> None:
        if case.no_further_action is None:
            return
        others = [event for event in case.events if event.type not in {"referral_received", "case_closed"}]
        if others:
            message = "the referral led to no further action and yet to more events; the events were used"
            remedy = "mend the flag or the events"
            self.faults.add("remark", case.no_further_action, message, remedy, reference=case.reference)
        else:
            case.events = [event for event in case.events if event.type != "referral_received"]
            message = "the referral led to no further action, so that it owes no assessment and starts nothing"
            self.faults.add("not_used", case.no_further_action, message, ADDS_UP, reference=case.reference)


def _with_own_ids(events: list[ReturnEvent]) -> list[ReturnEvent]:
    seen: Counter[str] = Counter()
    own = []
    for event in events:
        seen[event.id] += 1
        own.append(event if seen[event.id] == 1 else event._replace(id=f"{event.id}-{seen[event.id]}"))
    return own


def start_of(read: ReadRow) -> date | None:
    """Return the day of the referral that a row is, None where it has none."""
    return next((event.day for event in read.events if event.type == "referral_received"), None)

"""What is odd about one child's cases, and what was done about it: overlaps, duplicates, two ids, a birth too late."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import pairwise

from app.services.returns.cases import ReturnCase, ReturnEvent
from app.services.returns.child import IN_CARE, ChildCases
from app.services.returns.faults import FaultList, Place

SPANS = (
    ("cp_plan_started", "cp_plan_ended", "protection plans"),
    ("cin_plan_started", "cin_plan_ended", "child in need plans"),
    ("placement_started", "placement_ended", "placements"),
)
BORN_FIRST = IN_CARE | {"became_looked_after", "cp_visit_made", "cin_visit_made", "placement_started"}
"""What cannot happen to an unborn child. A referral, an enquiry or a conference before the birth can be right."""


class Children:
    """Remarks on each child as it comes by; remembers of each only what tells two ids of one child."""

    def __init__(self, faults: FaultList) -> None:
        self._faults = faults
        self._ids: dict[str, str] = {}
        self._seen: set[str] = set()
        self.number = 0

    def note(self, child: str, numbers: Sequence[str], place: Place) -> None:
        """Note the numbers that one child alone has (UPN), and report an id that shares one with another id."""
        for number in numbers:
            if not number:
                continue
            first = self._ids.setdefault(number, child)
            if first != child:
                message = (
                    "another id has the same pupil number or common id: one child under two ids; each has its cases"
                )
                self._faults.add("remark", place, message, f"join it with {first}, or mend the number", reference=child)

    def finish(self, child: ChildCases) -> list[ReturnCase]:
        """Return the child's cases after all remarks on them."""
        if child.child in self._seen:
            message = "the id comes twice in the files; each time it has cases of its own"
            place = child.cases[0].place if child.cases else Place("")
            self._faults.add("remark", place, message, "send each child once", reference=child.child)
        else:
            self.number += 1
        self._seen.add(child.child)
        for case in child.cases:
            self._duplicates(case)
        cases = child.finish()
        for case in cases:
            self._before_birth(case, child.birth)
            self._overlapping_spans(case)
        self._overlapping_cases(cases)
        return cases

    def _duplicates(self, case: ReturnCase) -> None:
        """Leave out an event that is the same as another of the case: two plans or reviews may share no day."""
        unique: dict[tuple[str, date, str | None], ReturnEvent] = {}
        for event in case.events:
            key = event.type, event.day, event.episode
            first = unique.setdefault(key, event)
            if first is not event:
                if event.facts and event.facts != first.facts:
                    unique[key] = first._replace(facts={**event.facts, **first.facts})
                message = "the same event comes twice on one day; it was used once"
                remedy = "send each row once"
                where = "" if first.place.line == event.place.line else f"as in line {first.place.line}"
                text = f"{event.type} {event.day.isoformat()} {where}".strip()
                self._faults.add("remark", event.place, message, remedy, was=text, reference=case.reference)
        case.events = list(unique.values())

    def _before_birth(self, case: ReturnCase, birth: date | None) -> None:
        if birth is None:
            return
        first = next((event for event in case.events if event.day < birth and event.type in BORN_FIRST), None)
        if first is not None:
            message = "the child was born after this event; both were used, and ages are counted from the birth"
            remedy = "mend the date of birth or the event"
            self._faults.add("remark", first.place, message, remedy, reference=case.reference)

    def _overlapping_spans(self, case: ReturnCase) -> None:
        for start, end, what in SPANS:
            for before, after in pairwise(_spans(case.events, start, end)):
                if before[1] is not None and after[0].day < before[1].day:
                    message = f"two {what} run at once; both were used, and the later one ends the earlier"
                    remedy = "mend the end of the earlier one"
                    place = after[0].place
                    self._faults.add("remark", place, message, remedy, reference=case.reference)

    def _overlapping_cases(self, cases: Sequence[ReturnCase]) -> None:
        for kind in ("referral", "period of care"):
            own = sorted(
                (case for case in cases if case.kind == kind and case.first is not None),
                key=lambda case: case.first or date.min,
            )
            for before, after in pairwise(own):
                if before.last is None or (after.first is not None and after.first < before.last):
                    message = f"it begins before the {kind} before it has ended; each is a case of its own"
                    remedy = f"check {before.reference}"
                    self._faults.add("remark", after.place, message, remedy, reference=after.reference)


def _spans(events: Sequence[ReturnEvent], start: str, end: str) -> Iterator[tuple[ReturnEvent, ReturnEvent | None]]:
    """Yield each start with the end that belongs to it: the one of its own row, else the next."""
    starts = [event for event in events if event.type == start]
    ends = [event for event in events if event.type == end]
    for opened in starts:
        same = [each for each in ends if each.place[:2] == opened.place[:2]]
        later = same or [each for each in ends if each.day >= opened.day]
        yield opened, later[0] if later else None

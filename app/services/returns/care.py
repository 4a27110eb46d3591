"""Periods of care: what an episode of care, a placement or a legal status starts and ends."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from app.services.returns.cases import Fact, ReturnCase, ReturnEvent
from app.services.returns.child import ChildCases
from app.services.returns.faults import FaultList, Place
from app.services.returns.mapping import LegalStatus, Mapped, PlacementCode
from app.services.returns.rows import ADDS_UP

GOES_ON = "X1"
RETURNED_HOME = frozenset({"E4A", "E4B"})
ADOPTED = frozenset({"E11", "E12"})
NEW_PLACEMENT = frozenset({"S", "P", "B"})
SAME_CARERS = frozenset({"T", "U"})
NEW_STATUS = frozenset({"S", "L", "B", "U"})
REASONS = NEW_PLACEMENT | SAME_CARERS | NEW_STATUS
ORDER_OF_REASONS = "SLPTBU"


@dataclass(slots=True)
class Spell:
    """One episode of care as a return has it."""

    start: date
    reason: str
    status: str
    placement: str
    setting: str
    """What tells one placement from another of its kind: its URN."""
    end: date | None
    end_reason: str
    place: Place
    end_place: Place
    status_place: Place
    placement_place: Place

    def same_row(self) -> tuple[object, ...]:
        """Return what makes two rows the same."""
        return self.start, self.reason, self.status, self.placement, self.end, self.end_reason


class CareReader:
    """Turns the episodes of one child into periods of care with their events."""

    def __init__(self, mapped: Mapped, faults: FaultList, *, same_carer_moves: bool = False) -> None:
        self._mapped = mapped
        self._faults = faults
        self._moves = NEW_PLACEMENT | (SAME_CARERS if same_carer_moves else frozenset())

    def read(self, child: ChildCases, spells: Sequence[Spell]) -> None:
        """Add each period of care as a case."""
        own = self._in_order(child.child, spells)
        for index, period in enumerate(self._periods(child.child, own)):
            self._period(child, period, earlier_unknown=index == 0 and period[0].reason != "S")

    def placement_code(self, text: str, status: str, place: Place, child: str) -> PlacementCode | None:
        """Return what a code of placement says; an unknown one is reported."""
        code = first_code(text)
        mapped = self._mapped.placement(code, status)
        if mapped is None and code:
            self._unknown(place, text, child)
        return mapped

    def status_code(self, text: str, place: Place, child: str) -> LegalStatus | None:
        """Return what a code of legal status says; an unknown one is reported."""
        code = first_code(text)
        mapped = self._mapped.status(code)
        if mapped is None and code:
            self._unknown(place, text, child)
        return mapped

    def _unknown(self, place: Place, text: str, child: str) -> None:
        message = "this code is not in the code set; what it says was left out"
        remedy = f"docs/returns/{self._mapped.key}.md lists the codes"
        self._faults.add("unreadable", place, message, remedy, was=text, reference=child)

    def _in_order(self, child: str, spells: Sequence[Spell]) -> list[Spell]:
        """Return the episodes in the order of time, without the ones that came twice."""
        order = {reason: index for index, reason in enumerate(ORDER_OF_REASONS)}
        in_time = sorted(spells, key=lambda each: (each.start, each.end or date.max, order.get(each.reason, 9)))
        unique: dict[tuple[object, ...], Spell] = {}
        for spell in in_time:
            if unique.setdefault(spell.same_row(), spell) is not spell:
                message = "the same episode comes twice; it was used once"
                self._faults.add("remark", spell.place, message, "send each row once", reference=child)
        own = list(unique.values())
        for before, after in pairwise(own):
            if before.end is None:
                message = "the episode has no end and another begins later; it was taken to end on that day"
                remedy = "add DEC and REC"
                self._faults.add("remark", before.place, message, remedy, reference=child)
                before.end, before.end_reason = after.start, GOES_ON if after.reason != "S" else ""
            elif after.start < before.end:
                message = "the episode begins before the one before it has ended; both were used as they stand"
                remedy = "mend the start or the end before it"
                self._faults.add("remark", after.place, message, remedy, reference=child)
        return own

    def _periods(self, child: str, spells: Sequence[Spell]) -> Iterator[list[Spell]]:
        """Divide the episodes into periods of care: each begins by S, or after the end of another."""
        period: list[Spell] = []
        for spell in spells:
            short = self._mapped.status(spell.status)
            if period and self._begins(period[-1], spell, breaks=bool(short and short.separate_breaks)):
                yield period
                period = []
            if not period and spell.reason != "S":
                message = "when this care began is not in the files: no entry into care, and no number of a review"
                remedy = "send the files of earlier years with it"
                self._faults.add("not_used", spell.place, message, remedy, reference=child)
            period.append(spell)
        if period:
            yield period

    def _begins(self, before: Spell, spell: Spell, *, breaks: bool) -> bool:
        if breaks and self._breaks(before):
            return False
        ended = before.end is not None and before.end_reason not in {"", GOES_ON}
        gap = before.end is not None and spell.start > before.end
        return spell.reason == "S" or ended or gap

    def _breaks(self, spell: Spell) -> bool:
        status = self._mapped.status(spell.status)
        return status is not None and status.separate_breaks

    def _period(self, child: ChildCases, period: Sequence[Spell], *, earlier_unknown: bool) -> None:
        first, last = period[0], period[-1]
        case = child.begin("period of care", first.start, first.place)
        if earlier_unknown:
            # Care had begun before the files do, so that a review before them belongs to it too.
            case.first = None
        case.last = last.end if last.end_reason != GOES_ON else None
        events = _Events(case)
        status: LegalStatus | None = None
        placed: Spell | None = None
        for index, spell in enumerate(period):
            before, status = status, self.status_code(spell.status, spell.status_place, child.child)
            following = period[index + 1] if index + 1 < len(period) else None
            self._entry(events, spell, status, first=index == 0)
            self._order(events, spell, status, before, first=index == 0)
            placed = self._placement(child.child, events, spell, status, placed)
            if self._end(child.child, events, spell, following, status, placed):
                placed = None

    def _entry(self, events: _Events, spell: Spell, status: LegalStatus | None, *, first: bool) -> None:
        if spell.reason == "S" and first and not (status and status.separate_breaks):
            events.add("became_looked_after", spell.start, spell.place, _status_facts(status))

    def _order(
        self, events: _Events, spell: Spell, status: LegalStatus | None, before: LegalStatus | None, *, first: bool
    ) -> None:
        if spell.reason not in NEW_STATUS or (status is before and not first):
            return
        if before is not None and before.ended_by is not None:
            events.add(before.ended_by, spell.start, spell.place, _status_facts(status))
        if status is not None and status.event is not None:
            events.add(status.event, spell.start, spell.place, _status_facts(status))

    def _placement(
        self, child: str, events: _Events, spell: Spell, status: LegalStatus | None, placed: Spell | None
    ) -> Spell | None:
        """Start a placement where the episode begins one. Returns the episode that says where the child is placed now.

        A temporary move leaves that as it was; the start of a placement may lie before the files.
        """
        code = self.placement_code(spell.placement, first_code(spell.status), spell.placement_place, child)
        if code is not None and code.temporary:
            message = "a temporary move (T0 to T4) starts no placement"
            self._faults.add("not_used", spell.place, message, ADDS_UP, reference=child)
            return placed
        if spell.reason not in self._moves:
            if spell.reason in SAME_CARERS:
                message = "a move with the same carers (T, U) starts no placement"
                remedy = "count it with same_carer_moves, if your standards do"
                self._faults.add("not_used", spell.place, message, remedy, reference=child)
            return spell
        if placed is not None and placed.setting and _setting(placed) == _setting(spell) and spell.reason != "S":
            message = "the child came back to the placement before the temporary move; it went on"
            self._faults.add("not_used", spell.place, message, ADDS_UP, reference=child)
            return placed
        if placed is not None:
            events.add("placement_ended", spell.start, spell.place)
        events.add("placement_started", spell.start, spell.place, self.placement_facts(code, status))
        return spell

    @staticmethod
    def placement_facts(code: PlacementCode | None, status: LegalStatus | None) -> dict[str, Fact]:
        """Return the facts of a placement by its code and its legal status."""
        facts = dict(code.facts) if code is not None else {}
        if status is not None and status.short_break:
            facts = {"placement_type": "short_break"}
        return {**facts, **_status_facts(status)}

    def _end(
        self,
        child: str,
        events: _Events,
        spell: Spell,
        following: Spell | None,
        status: LegalStatus | None,
        placed: Spell | None,
    ) -> bool:
        """End what the end of an episode ends. Returns True where the placement ended with it."""
        if spell.end is None:
            return False
        breaks = self._breaks(spell)
        if not breaks and spell.end_reason == GOES_ON:
            if following is None or following.start != spell.end:
                message = "care goes on by REC X1, but no episode begins on that day; no end was counted"
                remedy = "add the next episode, or mend REC"
                self._faults.add("remark", spell.end_place, message, remedy, reference=child)
            return False
        if not breaks and not spell.end_reason:
            if following is None:
                message = "the end has no reason, so that care may go on; no end was counted"
                self._faults.add("unreadable", spell.end_place, message, "add REC", reference=child)
            return False
        if placed is not None:
            events.add("placement_ended", spell.end, spell.end_place)
        if status is not None and status.ended_by is not None:
            events.add(status.ended_by, spell.end, spell.end_place)
        if not breaks:
            events.add("ceased_to_be_looked_after", spell.end, spell.end_place, end_facts(spell.end_reason, spell.end))
        return True


class _Events:
    """Adds events to a case."""

    def __init__(self, case: ReturnCase) -> None:
        self._case = case

    def add(self, kind: str, day: date, place: Place, facts: dict[str, Fact] | None = None) -> None:
        self._case.events.append(ReturnEvent(kind, day, facts or {}, f"{kind}-{day.isoformat()}", place=place))


def first_code(text: str) -> str:
    """Return the code at the start of a text: `C1: ICO`, `a) U1: Foster placement` and `c2` are C1, U1 and C2."""
    words = text.replace(":", " ").replace("-", " ").split()
    if words and words[0].endswith(")"):
        words = words[1:]
    return words[0].upper() if words else ""


def end_facts(reason: str, day: date) -> dict[str, Fact]:
    """Return what the reason for which care ended says."""
    if reason in RETURNED_HOME:
        return {"returned_home": True}
    return {"adoption_order_made_on": day.isoformat()} if reason in ADOPTED else {}


def _status_facts(status: LegalStatus | None) -> dict[str, Fact]:
    return {} if status is None or status.legal_status is None else {"legal_status": status.legal_status}


def _setting(spell: Spell) -> tuple[str, str]:
    return spell.placement, spell.setting

"""Ofsted's Annex A lists: a referral of list 3 is one case, and so is a period of care of list 8."""

from __future__ import annotations

from app.services.returns.care import CareReader, end_facts, first_code
from app.services.returns.cases import Fact, ReturnEvent
from app.services.returns.child import ChildCases, start_of
from app.services.returns.faults import Place
from app.services.returns.mapping import YES
from app.services.returns.rows import Row, RowReader

Rows = dict[str, list[Row]]
REFERRALS, CARE = "List 3", "List 8"
ENTERED, CEASED = "Date Started to be Looked After", "Date Ceased to be Looked After"
PLACED, ORDERED = "Start Date of Most Recent Placement", "Start date of current legal status"


class AnnexReader:
    """Reads the rows of one child."""

    def __init__(self, reader: RowReader, care: CareReader) -> None:
        self._reader = reader
        self._care = care

    def read(self, child: ChildCases, rows: Rows) -> None:
        """Add the child's cases."""
        for row in rows.get(REFERRALS, ()):
            read = self._reader.read(row, child.child)
            case = child.begin("referral", start_of(read), row.place())
            child.put(read, case)
            if row.text("Referral NFA?").casefold() in YES:
                case.no_further_action = row.place("Referral NFA?")
        for row in rows.get(CARE, ()):
            self._period(child, row)
        for name, listed in rows.items():
            if name in {REFERRALS, CARE}:
                continue
            for number, row in enumerate(listed, start=1):
                row.episode = f"{row.table.episode}-{number}" if row.table.episode is not None else None
                child.put(self._reader.read(row, child.child))

    def _period(self, child: ChildCases, row: Row) -> None:
        entered = self._reader.day(row, ENTERED, child.child)
        case = child.begin("period of care", entered, row.place(ENTERED))

        def add(kind: str, column: str, facts: dict[str, Fact] | None = None, *, not_before: bool = False) -> None:
            day = entered if column == ENTERED else self._reader.day(row, column, child.child)
            if day is None:
                return
            if not_before and entered is not None and day < entered:
                message = f"the end lies before the start ({ENTERED}); the end was left out"
                place, remedy = row.place(column), "mend whichever of the two is wrong"
                self._reader.faults.add("remark", place, message, remedy, reference=child.child)
                return
            case.events.append(
                ReturnEvent(kind, day, facts or {}, f"{kind}-{day.isoformat()}", place=row.place(column))
            )

        status = self._care.status_code(
            row.text("Child's Legal Status"), self._at(row, "Child's Legal Status"), child.child
        )
        legal: dict[str, Fact] = {}
        if status is not None and status.legal_status is not None:
            legal["legal_status"] = status.legal_status
        code = self._care.placement_code(
            row.text("Placement Type"),
            status.codes[0] if status is not None else "",
            self._at(row, "Placement Type"),
            child.child,
        )
        add("became_looked_after", ENTERED)
        if status is not None and status.event is not None:
            add(status.event, ORDERED, legal)
        if code is None or not code.temporary:
            add("placement_started", PLACED, self._care.placement_facts(code, status))
        ended = self._reader.day(row, CEASED, child.child)
        if ended is not None:
            reason = first_code(row.text("Reason Ceased to be Looked After"))
            add("ceased_to_be_looked_after", CEASED, end_facts(reason, ended), not_before=True)
            case.last = next((event.day for event in case.events if event.type == "ceased_to_be_looked_after"), None)
        child.put(self._reader.read(row, child.child), case)

    @staticmethod
    def _at(row: Row, column: str) -> Place:
        return row.place(column)

"""The Standard Safeguarding Dataset: a referral is one case, and so is a period of care."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from app.services.returns.care import GOES_ON, CareReader, end_facts, first_code
from app.services.returns.cases import Fact, ReturnCase, ReturnEvent
from app.services.returns.child import ChildCases, start_of
from app.services.returns.faults import Place
from app.services.returns.mapping import YES, Column, LegalStatus
from app.services.returns.rows import ADDS_UP, Row, RowReader

Rows = dict[str, list[Row]]
CARE = ("ssd_cla_episodes", "ssd_cla_placement", "ssd_legal_status")
FIRST = ("ssd_cin_episodes", "ssd_s47_enquiry", "ssd_initial_cp_conference", "ssd_cp_plans")
"""Tables whose rows others name, in an order in which each comes after those that it names."""


class _Status(NamedTuple):
    """One legal status of a child."""

    start: date
    end: date | None
    code: LegalStatus
    row: Row


class DatasetReader:
    """Reads the rows of one child."""

    def __init__(self, reader: RowReader, care: CareReader) -> None:
        self._reader = reader
        self._care = care

    def read(self, child: ChildCases, rows: Rows) -> None:
        """Add the child's cases."""
        case_of: dict[tuple[str, str], ReturnCase] = {}
        self._referrals(child, rows.get("ssd_cin_episodes", ()), case_of)
        self._periods(child, rows)
        for name in (*FIRST[1:], *(name for name in rows if name not in {*FIRST, *CARE, "ssd_person"})):
            for row in rows.get(name, ()):
                self._row(child, row, case_of)

    def _referrals(
        self, child: ChildCases, rows: list[Row] | tuple[()], case_of: dict[tuple[str, str], ReturnCase]
    ) -> None:
        for row in rows:
            read = self._reader.read(row, child.child)
            case = child.begin("referral", start_of(read), row.place())
            case_of["ssd_cin_episodes", row.text("cine_referral_id")] = case
            child.put(read, case)
            if row.text("cine_referral_nfa").casefold() in YES:
                case.no_further_action = row.place("cine_referral_nfa")

    def _row(self, child: ChildCases, row: Row, case_of: dict[tuple[str, str], ReturnCase]) -> None:
        if row.table.episode is not None:
            key = row.text("s47e_s47_enquiry_id") or row.text("icpc_s47_enquiry_id")
            row.episode = f"{row.table.episode}-{key}" if key else None
        read = self._reader.read(row, child.child)
        case = child.put(read, self._linked(child, row, case_of))
        own = row.table.using("row")
        if case is not None and own is not None:
            case_of[row.table.name, row.text(own.name)] = case

    def _linked(self, child: ChildCases, row: Row, case_of: dict[tuple[str, str], ReturnCase]) -> ReturnCase | None:
        """Return the case that the ids of a row name, None where it names none that was sent."""
        missing: Column | None = None
        for column in row.table.listed:
            if column.link is None or not row.text(column.name):
                continue
            case = case_of.get((column.link, row.text(column.name)))
            if case is not None:
                return case
            missing = missing or column
        if missing is not None:
            message = f"no row of {missing.link} that was sent has this id; the row was placed by its day"
            self._reader.faults.add(
                "not_used", row.place(missing), message, f"send {missing.link} with it", reference=child.child
            )
        return None

    def _periods(self, child: ChildCases, rows: Rows) -> None:
        ends: dict[str, tuple[date, str, Place]] = {}
        starts: dict[str, tuple[date, Place]] = {}
        for row in rows.get("ssd_cla_episodes", ()):
            self._episode(child, row, starts, ends)
        for key, (day, place) in sorted(starts.items(), key=lambda item: item[1]):
            case = child.begin("period of care", day, place)
            self._add(case, "became_looked_after", day, place)
            if key in ends:
                end, reason, where = ends[key]
                self._add(case, "ceased_to_be_looked_after", end, where, end_facts(reason, end))
                case.last = end
        statuses = self._read_statuses(child, rows)
        self._placements(child, rows, statuses)
        self._statuses(child, statuses)

    def _episode(
        self,
        child: ChildCases,
        row: Row,
        starts: dict[str, tuple[date, Place]],
        ends: dict[str, tuple[date, str, Place]],
    ) -> None:
        reader = self._reader
        entered = reader.day(row, "clae_entered_care_date", child.child)
        began = reader.day(row, "clae_cla_episode_start_date", child.child)
        if entered is None and row.text("clae_cla_episode_start_reason")[:1].upper() == "S":
            entered, column = began, "clae_cla_episode_start_date"
        else:
            column = "clae_entered_care_date"
        key = row.text("clae_cla_id") or (entered.isoformat() if entered is not None else "")
        if entered is None:
            message = "when this care began is not in the row: it starts nothing"
            self._reader.faults.add("not_used", row.place(column), message, ADDS_UP, reference=child.child)
        elif key not in starts or entered < starts[key][0]:
            starts[key] = entered, row.place(column)
        end = reader.day(row, "clae_cla_episode_ceased_date", child.child)
        reason = first_code(row.text("clae_cla_episode_ceased_reason"))
        where = row.place("clae_cla_episode_ceased_date")
        if end is None or reason == GOES_ON:
            return
        if began is not None and end < began:
            message = "the end lies before the start (clae_cla_episode_start_date); the end was left out"
            self._reader.faults.add("remark", where, message, "mend whichever is wrong", reference=child.child)
        elif not reason:
            message = "the end has no reason, so that care may go on; no end was counted"
            self._reader.faults.add("unreadable", where, message, "add the reason", reference=child.child)
        elif key:
            ends[key] = max(ends.get(key, (date.min, "", where)), (end, reason, where))

    def _placements(self, child: ChildCases, rows: Rows, statuses: list[_Status]) -> None:
        for row in rows.get("ssd_cla_placement", ()):
            start = self._reader.day(row, "clap_cla_placement_start_date", child.child)
            end = self._reader.day(row, "clap_cla_placement_end_date", child.child)
            if start is None:
                continue
            place = row.place("clap_cla_placement_start_date")
            status = next((each.code for each in reversed(statuses) if each.start <= start), None)
            kind = row.text("clap_cla_placement_type")
            where = row.place("clap_cla_placement_type")
            code = self._care.placement_code(kind, status.codes[0] if status is not None else "", where, child.child)
            if code is not None and code.temporary:
                message = "a temporary move (T0 to T4) starts no placement"
                self._reader.faults.add("not_used", place, message, ADDS_UP, reference=child.child)
                continue
            case = self._case_of_care(child, start)
            key = row.text("clap_cla_placement_id")
            self._add(case, "placement_started", start, place, self._care.placement_facts(code, status), key)
            where = row.place("clap_cla_placement_end_date")
            if end is not None and end < start:
                message = "the end lies before the start (clap_cla_placement_start_date); the end was left out"
                self._reader.faults.add("remark", where, message, "mend whichever is wrong", reference=child.child)
            elif end is not None:
                self._add(case, "placement_ended", end, where, None, key)

    def _read_statuses(self, child: ChildCases, rows: Rows) -> list[_Status]:
        """Return the legal statuses that the return can use, in the order of time."""
        statuses = []
        for row in rows.get("ssd_legal_status", ()):
            start = self._reader.day(row, "lega_legal_status_start_date", child.child)
            end = self._reader.day(row, "lega_legal_status_end_date", child.child)
            place = row.place("lega_legal_status")
            code = self._care.status_code(row.text("lega_legal_status"), place, child.child)
            if code is not None and start is not None:
                statuses.append(_Status(start, end, code, row))
        return sorted(statuses, key=lambda each: each.start)

    def _statuses(self, child: ChildCases, statuses: list[_Status]) -> None:
        for start, end, code, row in statuses:
            case = self._case_of_care(child, start)
            facts: dict[str, Fact] = {"legal_status": code.legal_status} if code.legal_status is not None else {}
            if code.event is not None:
                self._add(case, code.event, start, row.place("lega_legal_status_start_date"), facts)
            if code.ended_by is not None and end is not None and end >= start:
                self._add(case, code.ended_by, end, row.place("lega_legal_status_end_date"))

    @staticmethod
    def _case_of_care(child: ChildCases, day: date) -> ReturnCase:
        periods = [case for case in child.cases if case.kind == "period of care" and case.covers(day)]
        return periods[-1] if periods else child.other()

    @staticmethod
    def _add(
        case: ReturnCase, kind: str, day: date, place: Place, facts: dict[str, Fact] | None = None, key: str = ""
    ) -> None:
        case.events.append(ReturnEvent(kind, day, facts or {}, f"{kind}-{key or day.isoformat()}", place=place))

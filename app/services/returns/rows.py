"""One row of a table, or one element with its leaves, and the events, facts and stored dates that it becomes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from app.services.calculation.json_body import parse_json_text
from app.services.problems import Problem
from app.services.returns.cases import NO_FACTS, Facts, ReturnEvent, StoredDate
from app.services.returns.dates import REMEDY, UnreadableDay, read_day
from app.services.returns.faults import FaultList, Place
from app.services.returns.mapping import Column, Table
from app.services.validation import is_reference

PRIVATE = frozenset({"birth_date", "expected_birth", "same_child"})
ADDS_UP = "nothing needs mending: it is counted so that the numbers add up"
MAX_ID = 100
"""So long may an id be that what is made of it, a kind of event or a day with the id, is a reference too."""
NO_ID = "the id is too long, or has a character that cannot be printed"
ID_REMEDY = f"send an id of up to {MAX_ID} printable characters"
BLANK = frozenset({"", "null", "none", "n/a", "placeholder_data"})


@dataclass(slots=True)
class Row:
    """The cells of one row that are not empty, by the mapping's names of their columns."""

    table: Table
    file: str
    line: int
    cells: Mapping[str, str]
    lines: Mapping[str, int] = field(default_factory=dict)
    """The line of each cell, where it is another than the row's: in XML."""
    episode: str | None = None
    """The name of the enquiry that the row belongs to, of which several may run at once."""
    key: str = ""
    """What tells the row from others of its table, where the return has no id for it."""

    def place(self, column: Column | str | None = None) -> Place:
        """Return where a cell of the row stands; without a column, the row."""
        name = column.name if isinstance(column, Column) else column
        return Place(self.file, self.lines.get(name or "", self.line), name)

    def text(self, name: str) -> str:
        """Return a cell's text, empty where there is none."""
        return self.cells.get(name, "")


@dataclass(slots=True)
class ReadRow:
    """What a row became."""

    events: list[ReturnEvent] = field(default_factory=list)
    stored: list[StoredDate] = field(default_factory=list)


class RowReader:
    """Reads rows by the mapping, and reports what it cannot use."""

    def __init__(self, faults: FaultList, last_day: date | None = None) -> None:
        self.faults = faults
        self.last_day = last_day
        """The last day that the return can show; a later event cannot have happened."""

    def read(self, row: Row, reference: str | None = None) -> ReadRow:
        """Return the events and stored dates of a row; none where a code leaves it out."""
        columns = [column for column in row.table.listed if column.name in row.cells]
        switched: dict[str, str] = {}
        codes: list[tuple[Column, Facts]] = []
        for column in columns:
            if column.use != "code":
                continue
            code = self._code(row, column, reference)
            if code is None:
                continue
            if code in column.leaves_out:
                self.faults.add("not_used", row.place(column), column.leaves_out[code], ADDS_UP, reference=reference)
                return ReadRow()
            switched |= column.switch.get(code, {})
            if column.codes.get(code):
                codes.append((column, column.codes[code]))
        read = ReadRow()
        for column in columns:
            if column.use == "event":
                read.events += self._events(row, column, switched, read.events, reference)
        for column, facts in codes:
            self._add_facts(read.events, column, facts)
        for column in columns:
            if column.use == "check":
                read.stored += self._stored(row, column, read.events, reference)
        return read

    def day(self, row: Row, name: str, reference: str | None = None, *, to_come: bool = False) -> date | None:
        """Return the day in a cell, None where it is empty or was reported as unreadable or as still to come."""
        text = row.text(name)
        if not text:
            return None
        column = row.table.columns.get(" ".join(name.casefold().split()))
        private = column is not None and column.use in PRIVATE
        try:
            day = read_day(text)
        except UnreadableDay as error:
            shown = None if private else text
            self.faults.add("unreadable", row.place(name), str(error), REMEDY, was=shown, reference=reference)
            return None
        if self.last_day is not None and day > self.last_day and not to_come:
            message = "the day lies after the last day that the return covers; it was left out"
            remedy = "mend the date, or say the last day covered (as_of)"
            shown = None if private else text
            self.faults.add("remark", row.place(name), message, remedy, was=shown, reference=reference)
            return None
        return day

    def _code(self, row: Row, column: Column, reference: str | None) -> str | None:
        text = row.text(column.name)
        if column.json is not None:
            text = _from_json(text, column.json)
            if not text:
                return None
        code = column.code_of(text)
        if code in column.codes or code in column.switch or code in column.leaves_out:
            return code
        names = ", ".join(dict.fromkeys([*column.codes, *column.switch, *column.leaves_out]))
        message = "this code is not in the code set; what it says was left out"
        self.faults.add("unreadable", row.place(column), message, f"use one of: {names}", was=text, reference=reference)
        return None

    def _events(
        self, row: Row, column: Column, switched: Mapping[str, str], before: list[ReturnEvent], reference: str | None
    ) -> list[ReturnEvent]:
        day = self.day(row, column.name, reference)
        if day is None:
            return []
        start = next((event for event in before if event.type == column.not_before), None)
        if start is not None and day < start.day:
            done = "both were used" if column.used_before else "the end was left out"
            message = f"the end lies before the start ({start.place.column}); {done}"
            shown = f"{day.isoformat()}, before {start.day.isoformat()}"
            remedy = "mend whichever of the two is wrong"
            self.faults.add("remark", row.place(column), message, remedy, was=shown, reference=reference)
            if not column.used_before:
                return []
        key = self._row_key(row)
        return [
            ReturnEvent(
                type=(kind := switched.get(name, name)),
                day=day,
                facts=column.facts if name in column.facts_of else NO_FACTS,
                id=f"{kind}-{key or day.isoformat()}",
                episode=row.episode,
                place=row.place(column),
            )
            for name in column.events
        ]

    def _row_key(self, row: Row) -> str:
        column = row.table.using("row")
        return row.text(column.name) if column is not None else row.key

    @staticmethod
    def _add_facts(events: list[ReturnEvent], column: Column, facts: Facts) -> None:
        for wanted in column.of:
            for index, event in enumerate(events):
                if event.type == wanted:
                    events[index] = event._replace(facts={**event.facts, **facts})
                    return

    def _stored(self, row: Row, column: Column, events: list[ReturnEvent], reference: str | None) -> list[StoredDate]:
        day = self.day(row, column.name, reference, to_come=True)
        if day is None:
            return []
        assert column.duty is not None
        # What is counted from an earlier row is counted from before this row's own event: its review, say.
        own = min((event.day for event in events), default=day)
        starts = (event for event in events if event.type in column.counted_from and event.day <= day)
        own_start = next(starts, None) if column.counted_from_row else None
        return [
            StoredDate(column.duty, day, column.counted_from, min(own, day), own_start, row.episode, row.place(column))
        ]


def is_id(text: str) -> bool:
    """Return whether an id of a return may stand in the references of a case."""
    return len(text) <= MAX_ID and is_reference(text)


def _from_json(text: str, key: str) -> str:
    try:
        value: Any = parse_json_text(text)
    except Problem:
        return ""
    item = value.get(key) if isinstance(value, dict) else None
    return str(item) if item is not None and not isinstance(item, dict | list) else ""

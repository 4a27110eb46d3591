"""The keys of an entry that take several columns: when it is due, the other reading, the sections, the dates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from app.services.workbook.cells import Unwritable, cell_text, code_text, parts_of
from app.services.workbook.fields import Day, read_day, read_flag
from app.services.workbook.lengths import (
    KINDS,
    UnreadableTiming,
    read_phrase,
    read_timing,
    write_phrase,
    write_timing,
)
from app.services.workbook.rows import SEE_PHASES, Column, Row

FIRST_ID = "first"


@dataclass(frozen=True, slots=True)
class Columns:
    """A key with several columns."""

    key: str
    columns: tuple[Column, ...]
    required: bool = False

    def heading(self, place: int) -> str:
        """Return the heading of one of them."""
        return self.columns[place].heading


class Timing(Columns):
    """Timing, Number, Unit; then what it is counted from, whether the first day counts, and how a series opens."""

    def write(self, value: object) -> list[object]:
        """Return the seven cells."""
        if not isinstance(value, Mapping):
            raise Unwritable
        rest = {key: item for key, item in value.items() if key not in {"from", "event_day", "first"}}
        counted_from = value.get("from", "")
        first: list[object] = ["", "", ""]
        if "first" in value:
            opening = dict(value["first"]) if isinstance(value["first"], Mapping) else {}
            identity, duty, title = (opening.pop(key, "") for key in ("id", "duty", "title"))
            # With a duty or a title of its own it has an id too, by which an answer names it.
            if "every" not in value or identity != (FIRST_ID if duty or title else ""):
                raise Unwritable
            first = [write_phrase(opening), duty, title]
        if not all(isinstance(item, str) for item in (counted_from, *first)) or value.get("event_day", 1) != 1:
            raise Unwritable
        return [*write_timing(rest), counted_from, "yes" if "event_day" in value else "", *first]

    def read(self, row: Row) -> object:
        """Return the timing."""
        kind, number, unit, counted_from, day_counts, *first = (row.text(column.heading) for column in self.columns)
        try:
            timing = read_timing(kind, number, unit)
        except UnreadableTiming as error:
            names = (*KINDS, SEE_PHASES) if error.column == 0 else ()
            row.fault(self.heading(error.column), self.key, error.message, error.remedy, names, kind)
            return None
        if counted_from:
            timing["from"] = code_text(counted_from)
        if day_counts and read_flag(row, self.heading(4), self.key):
            timing["event_day"] = 1
        opening = self._opening(row, *first) if any(first) else None
        return timing if opening is None else {**timing, "first": opening}

    def _opening(self, row: Row, phrase: str, duty: str, title: str) -> dict[str, Any] | None:
        try:
            opening = read_phrase(phrase)
        except UnreadableTiming as error:
            row.fault(self.heading(5), self.key, error.message, "write the whole of it, such as within 10 working days")
            return None
        names = {"id": FIRST_ID if duty or title else "", "duty": code_text(duty), "title": title}
        return {**opening, **{key: text for key, text in names.items() if text}}


class OtherReading(Columns):
    """A second reading of the paper: its timing, why, where it is printed, whether its unit is, and its start."""

    def write(self, value: object) -> list[object]:
        """Return the six cells."""
        if not isinstance(value, list) or len(value) != 1 or not isinstance(value[0], Mapping):
            raise Unwritable
        entry = value[0]
        if not entry.keys() <= {"timing", "reading", "section", "unit_stated", "event", "document"}:
            raise Unwritable
        texts = [entry.get(key, "") for key in ("reading", "section", "event", "document")]
        if not all(isinstance(text, str) for text in texts):
            raise Unwritable
        stated = {None: "", True: "yes", False: "no"}[entry.get("unit_stated")]
        return [_write_phrase(entry.get("timing")), *texts[:2], stated, *texts[2:]]

    def read(self, row: Row) -> object:
        """Return a list of the one alternative."""
        phrase, reading, section, stated, start, document = (row.text(column.heading) for column in self.columns)
        entry: dict[str, Any] = {}
        try:
            entry["timing"] = _read_phrase(phrase)
        except UnreadableTiming as error:
            remedy = f"{error.remedy}; write the whole of it, such as within 45 calendar days"
            row.fault(self.heading(0), self.key, error.message, remedy)
        texts = (("reading", reading), ("section", section), ("event", code_text(start)), ("document", document))
        entry |= {key: text for key, text in texts if text}
        if not reading:
            row.fault(self.heading(1), self.key, "it is not said how the paper may be read this way", "say it in words")
        if stated:
            entry["unit_stated"] = read_flag(row, self.heading(3), self.key)
        return [entry]


NO_DATE = "no date: "


def _write_phrase(timing: object) -> str:
    if isinstance(timing, Mapping) and set(timing) == {"undated"} and isinstance(timing["undated"], str):
        return NO_DATE + timing["undated"]
    if isinstance(timing, Mapping) and set(timing) > {"from"} and isinstance(timing["from"], str):
        inner = {key: value for key, value in timing.items() if key != "from"}
        return f"{write_phrase(inner)} from {timing['from']}"
    return write_phrase(timing)


def _read_phrase(text: str) -> dict[str, Any]:
    if text.lower().startswith(NO_DATE.strip()):
        return {"undated": text[len(NO_DATE.strip()) :].strip()}
    phrase, _, counted_from = text.partition(" from ")
    return {**read_phrase(phrase), **({"from": code_text(counted_from)} if counted_from else {})}


class Sections(Columns):
    """The sections that say it, and the documents that contain them: none, one for all, or one for each."""

    def write(self, value: object) -> list[object]:
        """Return the two cells."""
        if not isinstance(value, list) or not value:
            raise Unwritable
        for entry in value:
            if not isinstance(entry, Mapping) or not {"section"} <= entry.keys() <= {"section", "document"}:
                raise Unwritable
            if not all(isinstance(text, str) for text in entry.values()):
                raise Unwritable
        documents = [entry.get("document", "") for entry in value]
        if "" in documents and any(documents):
            raise Unwritable
        named = documents[:1] if len(set(documents)) == 1 else documents
        return ["; ".join(entry["section"] for entry in value), "; ".join(named)]

    def read(self, row: Row) -> object:
        """Return the list of sources."""
        heading, value = self.heading(0), row.value(self.heading(0))
        if isinstance(value, date):
            message = f"Excel has made the date {cell_text(value)} of a section's number"
            row.fault(heading, self.key, message, "type it again with an apostrophe before it: '3.2")
            return None
        if isinstance(value, float) and not value.is_integer():
            message = f"this cell is a number: a section 13.10 would have become 13.1. It is read as {cell_text(value)}"
            row.warn(heading, self.key, message, "if that is wrong, type it again with an apostrophe before it: '13.10")
        sections, documents = parts_of(row.text(heading)), parts_of(row.text(self.heading(1)))
        if len(documents) not in {0, 1, len(sections)} or not sections:
            message = f"there are {len(sections)} sections and {len(documents)} documents"
            row.fault(heading, self.key, message, "name one document for all sections, or one for each, in their order")
            return None
        if len(documents) == 1:
            documents *= len(sections)
        if not documents:
            return [{"section": section} for section in sections]
        return [
            {"section": section, "document": document} for section, document in zip(sections, documents, strict=True)
        ]


class InForce(Columns):
    """The first and the last day of a rule's own."""

    def write(self, value: object) -> list[object]:
        """Return the two dates."""
        if not isinstance(value, Mapping) or not value or not value.keys() <= {"from", "to"}:
            raise Unwritable
        one = Day("", self.columns[0])
        return [one.write(value[key])[0] if key in value else "" for key in ("from", "to")]

    def read(self, row: Row) -> object:
        """Return the dates that there are."""
        ends = {
            key: read_day(row, self.heading(place), self.key)
            for place, key in enumerate(("from", "to"))
            if row.text(self.heading(place))
        }
        return None if None in ends.values() else ends

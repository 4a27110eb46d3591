"""Read the sheets of a workbook into a profile document, every fault of every cell at once."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import cast

from app.documents.faults import nearest_names
from app.engine.facts import FactType
from app.profiles.document import FORMAT, as_json
from app.profiles.vocabulary import TYPES
from app.services.ports import JsonObject
from app.services.workbook.cells import Grid, Unreadable, cell_text, column_letter, label_text
from app.services.workbook.entries import Entry, join_entries, label_of, path_of
from app.services.workbook.faults_in_cells import WorkbookDocument
from app.services.workbook.opening import read_sheets
from app.services.workbook.rows import SEE_PHASES, Cells, Context, Row
from app.services.workbook.sheets import (
    HOW_TO,
    LISTS,
    OWN_WORDS,
    PHASE_COLUMNS,
    PHASES,
    PROFILE,
    PROFILE_FIELDS,
    RULES,
    TABLES,
    UNDATED,
    WORDS,
    Sheet,
)

MAX_ROWS = 3_000
MAX_COLUMNS = 80
READ = (PROFILE, *(sheet.name for sheet in TABLES), PHASES)
LISTS_OF = {RULES: "rules", UNDATED: "not_computable"}
"""Under these a guide shows the TOML of a row."""
NOT_READ = frozenset({HOW_TO, WORDS, LISTS})
CURLY = frozenset("\u201c\u201d\u2018\u2019")
NEW_ONE = "take a new workbook (deadlines profiles new KEY --workbook) and copy your rows into it"


@dataclass(slots=True)
class Remainder:
    """What the sheet Phases says of one row: its keys as TOML, and the cell."""

    place: str
    table: JsonObject
    only_where_marked: bool = False
    """True of what a document has already: it stands for the cells with `see Phases`, and for keys without a column."""
    used: bool = False


@dataclass(slots=True)
class Reading(Context):
    """What is read of a workbook, sheet by sheet."""

    places: dict[str, str] = field(default_factory=dict)
    headings: dict[str, str] = field(default_factory=dict)
    remainders: dict[tuple[str, str], Remainder] = field(default_factory=dict)


def read_workbook(data: bytes) -> WorkbookDocument:
    """Read a workbook. Raises Problem where the file is none; what is wrong inside it is in the result's faults."""
    return read_grids(read_sheets(data, READ, max_rows=MAX_ROWS, max_columns=MAX_COLUMNS))


def read_grids(grids: Mapping[str, Grid]) -> WorkbookDocument:
    """Read the rows of the sheets."""
    reading = Reading()
    for name in grids:
        if name not in READ and name not in NOT_READ:
            reading.faults.warn(
                f"{name}!A1", "", "this sheet is not read", "take it out, or copy its rows to another one"
            )
    for name in (PROFILE, RULES):
        if name not in grids:
            reading.faults.add(f"{name}!A1", "", f"the workbook has no sheet {name}", NEW_ONE)
    _read_phases(reading, grids.get(PHASES, ()))
    document: JsonObject = {"format": FORMAT}
    if PROFILE in grids:
        document |= _read_head(reading, grids[PROFILE])
    for sheet in TABLES:
        entries = read_table(reading, sheet, grids.get(sheet.name, ()))
        reading.places.setdefault(sheet.key, f"{sheet.name}!A1")
        if entries and document.get(sheet.key):
            place = reading.places.get(sheet.key, f"{PHASES}!A1")
            message = f"{sheet.key} is here, and on the sheet {sheet.name} too"
            reading.faults.add(place, sheet.key, message, "empty one of the two")
        elif entries:
            document[sheet.key] = join_entries(sheet, entries)
        if sheet.name == OWN_WORDS:
            reading.facts |= own_facts(entries)
    _fault_what_is_unused(reading)
    return finished(reading, document)


def finished(reading: Reading, document: JsonObject) -> WorkbookDocument:
    """Return the result of a reading."""
    errors, warnings = tuple(reading.faults.errors), tuple(reading.faults.warnings)
    faulty = frozenset(reading.faults.paths - {""})
    return WorkbookDocument(document, errors, warnings, reading.places, faulty, reading.headings)


def read_table(reading: Reading, sheet: Sheet, grid: Grid) -> list[Entry]:
    """Return the entries of a sheet; its first row are the headings, in any order."""
    if not grid:
        return []
    columns = _headings(reading, sheet, grid)
    entries: list[Entry] = []
    for number, cells in enumerate(grid[1:], start=2):
        named = {
            heading: (f"{sheet.name}!{column_letter(place)}{number}", cells[place] if place < len(cells) else None)
            for heading, place in columns.items()
        }
        if all(cell_text(value) == "" and not isinstance(value, Unreadable) for _, value in named.values()):
            continue
        identity = {
            one.key: cell_text(named[one.columns[0].heading][1])
            for one in sheet.fields
            if one.columns[0].heading in named and one.key in {"key", "kind", "word", "id"}
        }
        rule = identity.get("id") or None if sheet.name == RULES else None
        row = Row(path_of(sheet, identity, len(entries)), named, f"{sheet.name}!A{number}", reading, rule)
        entries.append(read_entry(reading, sheet, row))
    return entries


def read_entry(reading: Reading, sheet: Sheet, row: Row) -> Entry:
    """Return the entry of one row, with what the sheet Phases says of it."""
    entry: Entry = {}
    elsewhere: list[Cells] = []
    for one in sheet.fields:
        _place(reading, row, one)
        if _has_unreadable(row, one):
            continue
        if row.text(one.columns[0].heading).lower() == SEE_PHASES.lower():
            elsewhere.append(one)
        elif any(row.text(column.heading) for column in one.columns):
            value = one.read(row)
            if value is not None:
                entry[one.key] = value
    reading.places.setdefault(row.path, row.place(""))
    remainder = reading.remainders.get((sheet.name, label_of(sheet, entry)))
    if remainder is not None and remainder.only_where_marked:
        unmarked = {one.key for one in sheet.fields} - {one.key for one in elsewhere}
        entry |= {key: value for key, value in remainder.table.items() if key not in unmarked}
    elif remainder is not None:
        remainder.used = True
        _join(reading, entry, remainder, row.path)
    for one in elsewhere:
        if one.key not in entry:
            message, remedy = f"the sheet {PHASES} has no {one.key} for this row", "add it there, or write it here"
            row.fault(one.columns[0].heading, one.key, message, remedy)
    for one in sheet.fields:
        heading = one.columns[0].heading
        if one.required and one.key not in entry and f"{row.path}.{one.key}" not in reading.faults.paths:
            row.fault(heading, one.key, f"“{heading}” is empty", f"fill it in: {one.columns[0].meaning}")
    return entry


def own_facts(entries: list[Entry]) -> dict[str, FactType]:
    """Return the types of the facts that the profile declares itself."""
    types = {entry["word"]: entry.get("type") for entry in entries if entry.get("kind") == "fact" and "word" in entry}
    return {word: cast(FactType, kind if kind in TYPES else "bool") for word, kind in types.items()}


def _headings(reading: Reading, sheet: Sheet, grid: Grid) -> dict[str, int]:
    """Return the place of each column by its heading; a key of the format may stand instead of the heading."""
    names = {label_text(column.heading): column.heading for column in sheet.columns}
    names = {label_text(one.key): one.columns[0].heading for one in sheet.fields if len(one.columns) == 1} | names
    columns: dict[str, int] = {}
    width = max(map(len, grid))
    for place, value in enumerate([*grid[0], *[None] * (width - len(grid[0]))]):
        label, where = label_text(value), f"{sheet.name}!{column_letter(place)}1"
        if not label:
            filled = next(
                (n for n, row in enumerate(grid, start=1) if place < len(row) and cell_text(row[place])), None
            )
            if filled is not None:
                where = f"{sheet.name}!{column_letter(place)}{filled}"
                reading.faults.add(where, "", "this column has no heading", "write its heading in row 1, or empty it")
        elif label not in names:
            near = nearest_names(label, names)
            remedy = f"call it {' or '.join(names[name] for name in near)}, or take it out" if near else "take it out"
            reading.faults.add(where, "", f"'{cell_text(value)[:60]}' is no column of the sheet {sheet.name}", remedy)
        elif names[label] in columns:
            reading.faults.add(where, "", f"the column {names[label]} occurs twice", "keep one of the two")
        else:
            columns[names[label]] = place
    for one in sheet.fields:
        heading = one.columns[0].heading
        if one.required and heading not in columns and any(any(map(cell_text, row)) for row in grid[1:]):
            reading.faults.add(f"{sheet.name}!A1", "", f"the column {heading} is missing", f"add a column {heading}")
            reading.faults.paths |= {f"{sheet.key}[{place}].{one.key}" for place in range(len(grid))}
    return columns


def _read_head(reading: Reading, grid: Grid) -> JsonObject:
    """Return the profile's head: each row of the sheet Profile is a name and a value."""
    fields = {label_text(name): one for one in PROFILE_FIELDS for name in (one.columns[0].heading, one.key)}
    cells: dict[str, tuple[str, object]] = {}
    for number, row in enumerate(grid[1:], start=2):
        label, value = label_text(row[0] if row else None), row[1] if len(row) > 1 else None
        if label in fields:
            cells.setdefault(fields[label].columns[0].heading, (f"{PROFILE}!B{number}", value))
        elif label or cell_text(value):
            near = nearest_names(label, fields)
            remedy = f"call it {' or '.join(near)}, or take the row out" if near else "take the row out"
            reading.faults.add(f"{PROFILE}!A{number}", "", f"'{label[:60]}' is nothing that this sheet says", remedy)
    row_of = Row("", cells, f"{PROFILE}!A1", reading)
    head = read_entry(reading, Sheet(PROFILE, "", PROFILE_FIELDS), row_of)
    base = {key.removeprefix("extends."): head.pop(key) for key in ("extends.key", "extends.version") if key in head}
    return {**head, **({"extends": base} if base else {})}


def _read_phases(reading: Reading, grid: Grid) -> None:
    """Read the sheet Phases: for a row of another sheet, the keys that it lacks."""
    for number, cells in enumerate(grid[1:], start=2):
        sheet, label, text, *_ = (*cells, None, None, None)
        place = f"{PHASES}!C{number}"
        if not any(map(cell_text, (sheet, label, text))):
            continue
        names = {label_text(name): name for name in READ if name != PHASES}
        name = names.get(label_text(sheet) or label_text(RULES))
        if name is None:
            remedy = f"write one of {', '.join(names.values())}"
            reading.faults.add(f"{PHASES}!A{number}", "", f"'{cell_text(sheet)[:40]}' is no sheet with rows", remedy)
            continue
        table = _toml(reading, name, place, text)
        key = (name, cell_text(label))
        before = reading.remainders.get(key)
        if before is None:
            reading.remainders[key] = Remainder(place, table)
        else:
            _join(reading, before.table, Remainder(place, table), "")


def _toml(reading: Reading, sheet: str, place: str, value: object) -> JsonObject:
    """Return the keys of a piece of TOML; what stands under [[rules]] or [rules.timing] belongs to the one rule."""
    text = value if isinstance(value, str) else cell_text(value)
    table: JsonObject | None = None
    said = ""
    # What was pasted from a word processor has no-break spaces between its words.
    for candidate in (text, cell_text(text)):
        try:
            table = cast(JsonObject, as_json(tomllib.loads(candidate + "\n")))
            break
        except (ValueError, RecursionError) as error:
            said = str(error)[:200]
    if table is None:
        remedy = "see docs/profile-format.md"
        if CURLY & set(text):
            remedy = 'the quotation marks are curly, as a word processor makes them: type them again as "'
        reading.faults.add(place, "", f"this is not TOML: {said}", remedy)
        return {}
    while set(table) == {LISTS_OF.get(sheet)}:
        (inner,) = table.values()
        inner = inner[0] if isinstance(inner, list) and len(inner) == 1 else inner
        if not isinstance(inner, dict):
            break
        table = inner
    return table


def _join(reading: Reading, entry: JsonObject, remainder: Remainder, path: str) -> None:
    """Add to an entry what the sheet Phases says of it; a key that both say is a fault."""
    for key, value in remainder.table.items():
        full = f"{path}.{key}" if path else key
        if key in entry and key not in {"id", "format"}:
            message = f"{key} is here, and at {reading.places.get(full, 'another row')} too"
            reading.faults.add(remainder.place, full, message, "empty one of the two")
        else:
            entry[key] = value
            for inner in [place for place in reading.places if place.startswith(f"{full}.")]:
                del reading.places[inner]
            reading.places[full] = remainder.place


def _fault_what_is_unused(reading: Reading) -> None:
    for (sheet, label), remainder in reading.remainders.items():
        if not remainder.used:
            labels = [name for table, name in reading.remainders if table == sheet and name != label]
            message = f"the sheet {sheet} has no row '{label[:60]}'"
            remedy = f"write the id of a row of {sheet} in the column {PHASE_COLUMNS[1].heading}, or take this out"
            reading.faults.add(remainder.place, "", message, remedy, labels, label)


def _place(reading: Reading, row: Row, one: Cells) -> None:
    for place, column in enumerate(one.columns):
        for part in (*column.paths, *((one.key,) if place == 0 else ())):
            path = f"{row.path}.{part}" if row.path else part
            reading.places[path], reading.headings[path] = row.place(column.heading), column.heading


def _has_unreadable(row: Row, one: Cells) -> bool:
    unreadable = False
    for column in one.columns:
        value = row.value(column.heading)
        if isinstance(value, Unreadable):
            row.fault(column.heading, one.key, value.what, "copy the cell and paste it as a value")
            unreadable = True
    return unreadable

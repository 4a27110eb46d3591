"""Write a profile document into rows; what they do not hold goes to the sheet Phases as TOML, so nothing is lost."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from typing import NamedTuple, cast

from app.documents.reader import Reader
from app.engine.facts import FactType
from app.engine.vocabulary import Vocabulary
from app.profiles.document import as_json
from app.profiles.template import template
from app.profiles.vocabulary import read_vocabulary, shared_vocabulary
from app.services.ports import JsonObject
from app.services.problems import Fault, Problem
from app.services.workbook.cells import MAX_TEXT, Grid, Unwritable, cell_text
from app.services.workbook.entries import Entry, entries_of, label_of
from app.services.workbook.layout import write_xlsx
from app.services.workbook.reading import own_facts, read_grids
from app.services.workbook.rows import SEE_PHASES, Cells, Context, Row
from app.services.workbook.sheets import (
    OWN_WORDS,
    PHASE_COLUMNS,
    PHASES,
    PROFILE,
    PROFILE_FIELDS,
    TABLES,
    Sheet,
)

UNSAFE = re.compile("[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]|_x[0-9A-Fa-f]{4}_")
"""What no cell holds, and what Excel takes for an escape."""
HEAD = ("Item", "Value", "What it is")


class Written(NamedTuple):
    """One entry in cells, and the keys that they do not hold."""

    cells: list[object]
    rest: Entry


def to_grids(document: Mapping[str, object]) -> dict[str, Grid]:
    """Return the rows of every sheet that is read again. Reading them gives the document."""
    whole: JsonObject = {}
    for _ in range(2):
        grids = _grids({key: value for key, value in document.items() if key not in whole}, whole)
        again = read_grids(grids).document
        whole = {key: value for key, value in document.items() if key in whole or again.get(key) != value}
        if again == document:
            return grids
    raise _refused("this profile cannot be written as a workbook")


def write_entry(sheet: Sheet, entry: Entry, facts: dict[str, FactType]) -> Written:
    """Return an entry in cells; a key whose cells would be read as anything else is left to the rest."""
    rest = dict(entry)
    cells: list[object] = []
    for one in sheet.fields:
        written = _write_one(one, entry[one.key], facts) if one.key in entry else [""] * len(one.columns)
        if written is None:
            written = [SEE_PHASES] + [""] * (len(one.columns) - 1)
        else:
            rest.pop(one.key, None)
        cells += written
    return Written(cells, rest)


def _write_one(one: Cells, value: object, facts: dict[str, FactType]) -> list[object] | None:
    """Return the cells of one key, None where reading them would not give its value again."""
    try:
        cells = one.write(value)
    except (Unwritable, KeyError, TypeError):
        return None
    if any(isinstance(cell, str) and (UNSAFE.search(cell) or len(cell) > MAX_TEXT) for cell in cells):
        return None
    context = Context(facts=facts)
    # A fact presumed is read by the type in its row.
    kind = {"bool": isinstance(value, bool), "int": isinstance(value, int)}
    named: dict[str, tuple[str, object]] = {"Type": ("", next((name for name, fits in kind.items() if fits), "choice"))}
    named |= {column.heading: ("", cell) for column, cell in zip(one.columns, cells, strict=True)}
    if cell_text(cells[0]).lower() == SEE_PHASES.lower() or not any(cell_text(cell) for cell in cells):
        return None
    again = one.read(Row("", named, "", context))
    return cells if again == value and type(again) is type(value) and not context.faults.errors else None


def _grids(document: JsonObject, whole: JsonObject) -> dict[str, Grid]:
    facts = Context().facts
    phases: list[list[object]] = [[column.heading for column in PHASE_COLUMNS]]
    rest = dict(whole)
    head = {key: value for key, value in document.items() if key != "extends"}
    base = document.get("extends")
    head |= {f"extends.{key}": value for key, value in base.items()} if isinstance(base, Mapping) else {}
    cells = write_entry(Sheet(PROFILE, "", PROFILE_FIELDS), head, facts).cells
    columns = [column for one in PROFILE_FIELDS for column in one.columns]
    grids: dict[str, Grid] = {
        PROFILE: [
            list(HEAD),
            *(
                [column.heading, "" if cell == SEE_PHASES else cell, column.meaning]
                for column, cell in zip(columns, cells, strict=True)
            ),
        ]
    }
    for sheet in TABLES:
        rows: list[list[object]] = [[column.heading for column in sheet.columns]]
        try:
            entries = entries_of(sheet, document[sheet.key]) if sheet.key in document else []
        except Unwritable:
            entries = []
        if sheet.name == OWN_WORDS:
            facts |= own_facts(entries)
        for entry in entries:
            written = write_entry(sheet, entry, facts)
            rows.append(written.cells)
            if written.rest:
                phases.append([sheet.name, label_of(sheet, entry), toml_of(written.rest)])
        grids[sheet.name] = rows
    if rest:
        phases.append([PROFILE, "", toml_of(rest)])
    return {**grids, PHASES: phases}


def toml_of(table: JsonObject) -> str:
    """Return keys as TOML. Raises Problem where a cell cannot hold it."""
    import tomli_w

    try:
        as_written = tomli_w.dumps(table).strip()
    except (TypeError, ValueError):
        as_written = ""
    # Excel takes _x000D_ in a cell for an escape. In a key, which has none, it is left.
    for text in (re.sub(r"_(x[0-9A-Fa-f]{4}_)", r"\\u005f\1", as_written), as_written):
        if len(text) <= MAX_TEXT and _says(text, table):
            return text
    raise _refused(f"{', '.join(table)[:100]} of this profile has more than a cell holds")


def _says(text: str, table: JsonObject) -> bool:
    try:
        return cast(JsonObject, as_json(tomllib.loads(text))) == table
    except ValueError:
        return False


def _refused(message: str) -> Problem:
    fault = Fault("Accept", message, "take the profile as JSON or TOML")
    return Problem("not-acceptable", "The profile cannot be given as a workbook.", [fault])


def write_workbook(document: Mapping[str, object]) -> bytes:
    """Return a profile document, as JSON, as an .xlsx. Raises Problem where a text is longer than a cell may be."""
    return write_xlsx(to_grids(document), _words_of(document))


def new_workbook(key: str, title: str | None = None) -> bytes:
    """Return a workbook to fill in. Raises ValueError if the key or the title is not valid."""
    head = tomllib.loads(template(key, title))
    document = {name: head[name] for name in ("format", "key", "title", "calendar", "documents")}
    return write_workbook(document)


def _words_of(document: Mapping[str, object]) -> Vocabulary:
    """Return the shared words and the document's own, as far as they can be read."""
    shared, tables = shared_vocabulary(), document.get("vocabulary")
    own = (
        {name: words for name, words in tables.items() if isinstance(words, Mapping)}
        if isinstance(tables, Mapping)
        else {}
    )
    if not own:
        return shared
    read = read_vocabulary(Reader(), own, "")
    return Vocabulary(
        {**shared.events, **read.events},
        {**shared.facts, **read.facts},
        {**shared.duties, **read.duties},
        {**shared.episodes, **read.episodes},
    )

"""Read the sheet Rules alone, saved as CSV; its head is the rest of the profile."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping

from app.services.workbook.cells import Grid, Unwritable
from app.services.workbook.entries import entries_of
from app.services.workbook.faults_in_cells import WorkbookDocument
from app.services.workbook.reading import MAX_ROWS, Reading, Remainder, finished, own_facts, read_table
from app.services.workbook.sheets import OWN_WORDS, RULES, TABLES

SEPARATORS = "\t;,"
DECLARED = "sep="
"""What Excel reads in a first line of its own: the character between the cells."""


def read_rule_sheet(text: str, head: Mapping[str, object]) -> WorkbookDocument:
    """Read the CSV of the sheet Rules into a document, whose rules it replaces.

    A cell with `see Phases` stands for what the rule of that id has in the document already. Commas, semicolons and
    tabs divide cells. Faults name the cells as a spreadsheet shows them: E7 of Rules.
    """
    reading = Reading()
    tables = {sheet.name: sheet for sheet in TABLES}
    rules = tables[RULES]
    try:
        reading.facts |= own_facts(entries_of(tables[OWN_WORDS], head.get("vocabulary", {})))
        for rule in entries_of(rules, head.get("rules", [])):
            reading.remainders[RULES, str(rule.get("id"))] = Remainder("", rule, only_where_marked=True)
    except Unwritable:
        pass
    document = dict(head)
    entries = read_table(reading, rules, _grid(reading, text))
    reading.places.setdefault("rules", f"{RULES}!A1")
    return finished(reading, {**document, "rules": entries})


def _grid(reading: Reading, text: str) -> Grid:
    lines = text.removeprefix("\ufeff")
    first, _, rest = lines.partition("\n")
    if first.strip().lower().startswith(DECLARED) and len(first.strip()) == len(DECLARED) + 1:
        divider, lines = first.strip()[-1], rest
    else:
        divider = max(SEPARATORS, key=first.count)
    try:
        rows = list(csv.reader(io.StringIO(lines, newline=""), delimiter=divider))
    except csv.Error as error:
        reading.faults.add(f"{RULES}!A1", "rules", f"it is not a table: {error}", "save the sheet Rules as CSV")
        return []
    if len(rows) < 2:
        reading.faults.add(
            f"{RULES}!A1", "rules", "the table has no rows", "save the sheet Rules with its headings as CSV"
        )
    if len(rows) > MAX_ROWS:
        reading.faults.add(f"{RULES}!A{MAX_ROWS + 1}", "rules", f"there are more than {MAX_ROWS:,} rows", "divide it")
    return rows[:MAX_ROWS]

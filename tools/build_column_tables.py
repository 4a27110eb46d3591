"""Write the tables of columns into docs/python.md, from the tables that the rows are made by."""

from collections.abc import Mapping
from pathlib import Path

from app.services.bulk.arrow_values import STAMPS
from app.services.bulk.case_answers import STATUS_KINDS
from app.services.bulk.columns import ABOUT, KINDS, Kind
from app.services.bulk.status_columns import STATUS_COLUMNS

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "python.md"
TYPES: dict[Kind, str] = {
    "text": "string",
    "texts": "list of string",
    "day": "date32",
    "instant": "timestamp[us, UTC]",
    "number": "int32",
    "hours": "double",
    "truth": "bool",
    "readings": "list of struct (reading, due_date, due_at, section, document, needs)",
    "faults": "list of struct (path, message, remedy)",
}
STAMPED = {
    "engine_version": "The version that answered.",
    "standards": "The digest of every profile and calendar that answered.",
}
LINE = {"line": "The line or row of the input at which the case begins, from 1."}


def column_table(kinds: Mapping[str, Kind], about: Mapping[str, str]) -> str:
    """Return columns as a table of Markdown."""
    rows = [f"| `{name}` | {TYPES[kind]} | {about[name]} |" for name, kind in {**kinds, **STAMPS}.items()]
    return "\n".join(["| Column | Arrow type | What it says |", "|---|---|---|", *rows])


def with_tables(text: str) -> str:
    """Return the page with both tables between their markers. Raises ValueError where a marker is missing."""
    statuses = {**LINE, **{column.name: column.about for column in STATUS_COLUMNS}}
    tables = {
        "obligations": column_table(KINDS, {**ABOUT, **STAMPED}),
        "statuses": column_table(STATUS_KINDS, {**statuses, **STAMPED}),
    }
    for name, table in tables.items():
        begins, ends = f"<!-- {name}: generated -->\n", f"<!-- end of {name} -->"
        before, begun, rest = text.partition(begins)
        _, ended, after = rest.partition(ends)
        if not begun or not ended:
            raise ValueError(f"{PAGE.name} has no markers for the columns of {name}")
        text = f"{before}{begins}{table}\n{ends}{after}"
    return text


if __name__ == "__main__":
    PAGE.write_text(with_tables(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    print(f"wrote {PAGE.relative_to(ROOT)}")

"""Render what becomes of a return as Markdown: each column with its source, the codes, the duties that it evidences."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from app.services.returns.page import ReturnPage, TablePart, cited, return_titles

MADE = "This page is generated from `app/services/returns/mappings/{key}.toml` with `make docs`."
UNKNOWN = (
    "Nothing that is not in this list can be seen in the return. Times of day are in none: limits in hours count from "
    "midnight, and what was done on a day is in time unless the whole day is late. Name the return as `source` when "
    "you send its cases to timelines or timeliness: then what it cannot show is outstanding and never overdue."
)


def return_report(page: ReturnPage) -> str:
    """Return the page about one return."""
    mapped = page.mapped
    parts = [
        f"# {mapped.title}",
        MADE.format(key=mapped.key),
        f"{mapped.about} Collected by: {mapped.publisher}.",
        f"`POST /v1/imports/{mapped.key}`, `deadlines import {mapped.key} FILE…`.",
        "## What becomes of each column",
        *(_table_part(table) for table in page.tables),
    ]
    if page.placements and mapped.placement_list is not None:
        source, note = mapped.placement_list.source, mapped.placement_list.note
        parts += [
            "## Codes of placements",
            f"{note} Source: {cited(source)}.".strip(),
            _table(("codes", "say"), page.placements),
        ]
    if page.statuses and mapped.status_list is not None:
        source, note = mapped.status_list.source, mapped.status_list.note
        parts += [
            "## Codes of legal statuses",
            f"{note} Source: {cited(source)}.".strip(),
            _table(("codes", "say"), page.statuses),
        ]
    parts += [
        "## Which duties it evidences",
        UNKNOWN,
        "An event of the return starts each of these duties, and another shows it done.",
        _table(
            ("duty", "what it is", "profiles"),
            [(f"`{duty}`", title, ", ".join(keys)) for duty, title, keys in page.duties],
        ),
    ]
    if page.latest:
        events = ", ".join(f"`{event}`" for event in page.latest)
        parts += [f"Of these events some tables have the latest alone, so that their absence shows nothing: {events}."]
    parts += ["## Sources", "\n".join(f"- {key}: {title}" for key, title in page.documents.items())]
    return "\n\n".join(parts) + "\n"


def return_index() -> str:
    """Return the page that lists the returns."""
    rows = [(f"[{key}]({key}.md)", mapped.title, mapped.about) for key, mapped in return_titles()]
    return (
        "# The returns that are read\n\n"
        "Each page is generated from its mapping table with `make docs`: what becomes of each column, with its source, "
        "and which duties the return evidences. How to import one is in [command-line.md](../command-line.md), and "
        "what an import has in memory, and for how long, in [data-protection.md](../data-protection.md).\n\n"
        + _table(("return", "what it is", "how it is read"), rows)
        + "\n"
    )


def _table_part(table: TablePart) -> str:
    others = " Other columns are not used." if table.others else ""
    rows = [(row.name, row.item, row.becomes, row.note, row.source) for row in table.rows]
    return f"### {table.name}\n\n{table.what}{others}\n\n" + _table(
        ("column", "item", "becomes", "note", "source"), rows
    )


def _table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [columns, ["---"] * len(columns), *([_escaped(cell) for cell in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _escaped(text: str) -> str:
    return " ".join(text.replace("|", "\\|").replace("<", "&lt;").split())

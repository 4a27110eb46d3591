"""What a page about a return says: what becomes of each column, by which source, and which duties it evidences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from app.services.returns.cases import Facts
from app.services.returns.mapping import SOURCES, Column, Mapped, Source, Table, load_mapping
from app.services.snapshot.snapshot import Snapshot

USES = {
    "child": "the child's id",
    "care": "the period of care",
    "care_child": "the period of care, by which the child is looked up",
    "birth_date": "`child_date_of_birth`",
    "expected_birth": "`expected_delivery_date`",
    "same_child": "nothing; compared with other children's",
    "row": "the row's id",
    "read": "read with the rest of the row",
    "unused": "not used",
}


class ColumnRow(NamedTuple):
    """One column and what becomes of it, as Markdown."""

    name: str
    item: str
    becomes: str
    note: str
    source: str


class TablePart(NamedTuple):
    """One table of a return."""

    name: str
    what: str
    rows: tuple[ColumnRow, ...]
    others: bool
    """True where the columns that are not listed are not used."""


class CodeRow(NamedTuple):
    """Some codes and what they say."""

    codes: str
    says: str


class DutyRow(NamedTuple):
    """A duty that the return can show done, and the profiles under which it can."""

    duty: str
    title: str
    profiles: tuple[str, ...]


class ReturnPage(NamedTuple):
    """A page about one return."""

    mapped: Mapped
    tables: tuple[TablePart, ...]
    placements: tuple[CodeRow, ...]
    statuses: tuple[CodeRow, ...]
    duties: tuple[DutyRow, ...]
    latest: tuple[str, ...]
    """Events of which the return has the latest alone."""
    documents: Mapping[str, str]


def return_page(snapshot: Snapshot, key: str) -> ReturnPage:
    """Return what the page about a return says. Raises KeyError for one that there is not."""
    mapped = load_mapping(key)
    return ReturnPage(
        mapped,
        tuple(_table(table) for table in mapped.tables.values()),
        tuple(_placements(mapped)),
        tuple(_statuses(mapped)),
        tuple(_duties(snapshot, mapped)),
        tuple(sorted(mapped.latest_events())),
        mapped.documents,
    )


def return_titles() -> list[tuple[str, Mapped]]:
    """Return each return by its key."""
    return [(key, load_mapping(key)) for key in SOURCES]


def _table(table: Table) -> TablePart:
    what = table.what if table.not_read is None else f"{table.what} Not read: {table.not_read}."
    return TablePart(table.name, what, tuple(_row(column) for column in table.listed), table.unlisted)


def _row(column: Column) -> ColumnRow:
    years = ""
    if column.first_year is not None:
        years = f" Collected from {column.first_year}."
    if column.last_year is not None:
        years = f" Collected until {column.last_year}."
    names = " or ".join(f"`{name}`" for name in (column.name, *column.aliases))
    return ColumnRow(
        names, column.item or "", "; ".join(_becomes(column)), (column.note + years).strip(), cited(column.source)
    )


def cited(source: Source) -> str:
    """Return a source as a row cites it; the document's title is listed once on the page."""
    return f"{source.document}, {source.section}"


def _becomes(column: Column) -> Iterator[str]:
    if column.events:
        said = f" with {_facts(column.facts)}" if column.facts else ""
        yield ", ".join(f"`{event}`" for event in column.events) + said
    if column.duty is not None:
        starts = " or ".join(f"`{event}`" for event in column.counted_from)
        yield f"a date to check: `{column.duty}`, counted from {starts}"
    for code, facts in column.codes.items():
        if facts:
            yield f"{code}: {_facts(facts)}"
    for code, events in column.switch.items():
        for event, other in events.items():
            yield f"{code}: `{other}` in place of `{event}`"
    for code, why in column.leaves_out.items():
        yield f"{code}: the row is left out ({why})"
    if column.link is not None:
        yield f"the case of that row of {column.link}"
    if not column.events and column.use in USES:
        yield USES[column.use]


def _facts(facts: Facts) -> str:
    return ", ".join(
        f"`{name}` {str(value).lower() if isinstance(value, bool) else value}" for name, value in facts.items()
    )


def _placements(mapped: Mapped) -> Iterator[CodeRow]:
    for row in mapped.placements:
        codes = ", ".join(row.codes) + (f" under {row.with_status}" if row.with_status else "")
        yield CodeRow(codes, _facts(row.facts) or f"left out: {row.left_out}")


def _statuses(mapped: Mapped) -> Iterator[CodeRow]:
    for row in mapped.statuses:
        said = [f"`legal_status` {row.legal_status}"] if row.legal_status else [f"left out: {row.left_out}"]
        said += [f"`{row.event}` at its start"] if row.event else []
        said += [f"`{row.ended_by}` at its end"] if row.ended_by else []
        said += ["the placement is a short break"] if row.short_break else []
        yield CodeRow(", ".join(row.codes), "; ".join(said))


def _duties(snapshot: Snapshot, mapped: Mapped) -> Iterator[DutyRow]:
    """Yield each duty that some event of the return starts, and another shows done."""
    shown = mapped.events()
    profiles: dict[str, list[str]] = {}
    titles: dict[str, str] = {}
    for key in sorted(snapshot.profiles):
        profile = snapshot.profiles[key][-1].profile
        for rule in profile.rules:
            if shown & {*rule.events, *rule.restarts} and shown & {*rule.discharged_by}:
                for duty in rule.duties:
                    if key not in profiles.setdefault(duty, []):
                        profiles[duty].append(key)
                    spec = profile.vocabulary.duties.get(duty)
                    titles.setdefault(duty, spec.definition if spec is not None else duty)
    for duty in sorted(profiles):
        yield DutyRow(duty, titles[duty], tuple(profiles[duty]))

"""What each column or element of a return becomes: the packaged mapping tables, each row with its source."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any, Literal

from app.services.returns.cases import NO_FACTS, Facts

SOURCES = ("cin-census", "ssda903", "standard-safeguarding-dataset", "annex-a")
YES = frozenset({"1", "true", "y", "yes", "a) yes", "t"})
NO = frozenset({"0", "false", "n", "no", "b) no", "f"})
UNKNOWN = frozenset({"unknown", "c) unknown", "u", "not known"})
Use = Literal[
    "event",
    "code",
    "check",
    "link",
    "child",
    "care",
    "care_child",
    "birth_date",
    "expected_birth",
    "same_child",
    "row",
    "read",
    "unused",
]


@dataclass(frozen=True, slots=True)
class Source:
    """Where a row of the mapping is from: a document and its section."""

    document: str
    section: str


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """One column or element, and what becomes of it."""

    name: str
    use: Use
    source: Source
    item: str | None = None
    aliases: tuple[str, ...] = ()
    note: str = ""
    events: tuple[str, ...] = ()
    facts: Facts = field(default_factory=dict)
    """Facts that the date itself says, of `facts_of`."""
    facts_of: tuple[str, ...] = ()
    not_before: str | None = None
    """The event of the same row that this one cannot come before."""
    used_before: bool = False
    """It is used all the same where it comes before: the statistics count a conference before its enquiry."""
    only_latest: bool = False
    """The return has the latest alone, so that its absence shows nothing."""
    of: tuple[str, ...] = ()
    """The events whose facts a code says: the first of them that the row has."""
    codes: Mapping[str, Facts] = field(default_factory=dict)
    switch: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Codes that make the row's event another one."""
    leaves_out: Mapping[str, str] = field(default_factory=dict)
    """Codes that leave the row out, with the reason."""
    json: str | None = None
    """The key of a JSON text that has the code."""
    duty: str | None = None
    counted_from: tuple[str, ...] = ()
    counted_from_row: bool = False
    """The start stands in the same row."""
    link: str | None = None
    first_year: int | None = None
    last_year: int | None = None

    def code_of(self, text: str) -> str:
        """Return a text as the mapping writes codes: in lower case, with yes, no and unknown by those names."""
        code = " ".join(text.casefold().split())
        if code in self.codes or code in self.switch or code in self.leaves_out:
            return code
        return "yes" if code in YES else "no" if code in NO else "unknown" if code in UNKNOWN else code


@dataclass(frozen=True, slots=True)
class Table:
    """One table of a return: a file, a sheet or an element."""

    name: str
    what: str
    source: Source
    columns: Mapping[str, Column]
    """By the name and each alias, in lower case."""
    listed: tuple[Column, ...]
    """Each column once, in the order of the mapping."""
    recognised_by: frozenset[str]
    episode: str | None = None
    unlisted: bool = False
    """Other columns of the table are not listed, and not used."""
    not_read: str | None = None

    uses: Mapping[str, Column] = field(default_factory=dict)
    """The first column of each use."""

    def using(self, use: Use) -> Column | None:
        """Return the first column of a use."""
        return self.uses.get(use)


@dataclass(frozen=True, slots=True)
class PlacementCode:
    """What a code of placement says."""

    codes: tuple[str, ...]
    facts: Facts
    with_status: str | None
    temporary: bool
    left_out: str | None


@dataclass(frozen=True, slots=True)
class LegalStatus:
    """What a code of legal status says."""

    codes: tuple[str, ...]
    legal_status: str | None
    event: str | None
    ended_by: str | None
    short_break: bool
    separate_breaks: bool
    left_out: str | None


@dataclass(frozen=True, slots=True)
class CodeList:
    """Where a list of codes is from."""

    source: Source
    note: str


@dataclass(frozen=True, slots=True)
class Mapped:
    """One return: its tables, and the codes of placements and legal statuses."""

    key: str
    title: str
    publisher: str
    form: Literal["xml", "tables"]
    about: str
    documents: Mapping[str, str]
    tables: Mapping[str, Table]
    placements: tuple[PlacementCode, ...] = ()
    statuses: tuple[LegalStatus, ...] = ()
    placement_list: CodeList | None = None
    status_list: CodeList | None = None

    def placement(self, code: str, status: str) -> PlacementCode | None:
        """Return what a code of placement says under a legal status, None for an unknown code."""
        rows = [row for row in self.placements if code in row.codes]
        return next((row for row in rows if row.with_status in {None, status}), None)

    def status(self, code: str) -> LegalStatus | None:
        """Return what a code of legal status says, None for an unknown code."""
        return next((row for row in self.statuses if code in row.codes), None)

    def events(self, tables: frozenset[str] | None = None) -> frozenset[str]:
        """Return the events that these tables (absent: all) show whenever they happen, by their codes."""
        shown: set[str] = set()
        for table in self.tables.values():
            if tables is not None and table.name not in tables:
                continue
            for column in table.listed:
                if not column.only_latest:
                    shown |= {*column.events, *(new for each in column.switch.values() for new in each.values())}
        for status in self.statuses:
            shown |= {event for event in (status.event, status.ended_by) if event is not None}
        return frozenset(shown)

    def latest_events(self) -> frozenset[str]:
        """Return the events of which some table gives the latest alone."""
        columns = (column for table in self.tables.values() for column in table.columns.values())
        return frozenset(event for column in columns if column.only_latest for event in column.events)


@cache
def load_mapping(key: str) -> Mapped:
    """Return the mapping of a return by its key. Raises KeyError for any other key."""
    if key not in SOURCES:
        raise KeyError(key)
    raw = _document(key)
    placements, statuses = raw.get("placement_types"), raw.get("legal_statuses")
    return Mapped(
        key=key,
        title=raw["title"],
        publisher=raw["publisher"],
        form=raw["form"],
        about=raw["about"],
        documents=raw["documents"],
        tables={table["name"]: _table(table) for table in raw["tables"]},
        placements=tuple(_placement(row) for row in _codes(placements, "placement_types")),
        statuses=tuple(_status(row) for row in _codes(statuses, "legal_statuses")),
        placement_list=_list(placements),
        status_list=_list(statuses),
    )


def _document(key: str) -> dict[str, Any]:
    return tomllib.loads((files("app.services.returns.mappings") / f"{key}.toml").read_text(encoding="utf-8"))


def _codes(raw: dict[str, Any] | None, name: str) -> list[dict[str, Any]]:
    if raw is None:
        return []
    return list(_document(raw["same_as"])[name]["codes"] if "same_as" in raw else raw["codes"])


def _list(raw: dict[str, Any] | None) -> CodeList | None:
    return None if raw is None else CodeList(Source(raw["document"], raw["section"]), raw.get("note", ""))


def _placement(raw: dict[str, Any]) -> PlacementCode:
    return PlacementCode(
        tuple(raw["codes"]),
        raw.get("facts", NO_FACTS),
        raw.get("with_status"),
        raw.get("temporary", False),
        raw.get("left_out"),
    )


def _status(raw: dict[str, Any]) -> LegalStatus:
    return LegalStatus(
        tuple(raw["codes"]),
        raw.get("legal_status"),
        raw.get("event"),
        raw.get("ended_by"),
        raw.get("short_break", False),
        raw.get("separate_breaks", False),
        raw.get("left_out"),
    )


def _table(raw: dict[str, Any]) -> Table:
    source = Source(raw["document"], raw["section"])
    columns: dict[str, Column] = {}
    for item in raw["columns"]:
        column = _column(item, source)
        columns |= {folded(name): column for name in (column.name, *column.aliases)}
    listed = tuple(dict.fromkeys(columns.values()))
    own = [column.name for column in listed if column.use in {"child", "care_child", "row"}]
    return Table(
        raw["name"],
        raw["what"],
        source,
        columns,
        listed,
        frozenset(folded(name) for name in raw.get("recognised_by", own)),
        raw.get("episode"),
        raw.get("other_columns") == "unused",
        raw.get("not_read"),
        {column.use: column for column in reversed(listed)},
    )


def _column(raw: dict[str, Any], source: Source) -> Column:
    events = tuple(raw.get("events", ()))
    implied = "event" if events else "check" if "duty" in raw else "link" if "link" in raw else "code"
    return Column(
        name=raw["name"],
        use=raw.get("use", implied),
        source=Source(raw.get("document", source.document), raw.get("section", source.section)),
        item=raw.get("item"),
        aliases=tuple(raw.get("aliases", ())),
        note=raw.get("note", ""),
        events=events,
        facts=raw.get("facts", NO_FACTS),
        facts_of=tuple(raw.get("facts_of", events)),
        not_before=raw.get("not_before"),
        used_before=raw.get("used_before", False),
        only_latest=raw.get("only_latest", False),
        of=tuple(raw.get("of", ())),
        codes=raw.get("codes", {}),
        switch=raw.get("switch", {}),
        leaves_out=raw.get("leaves_out", {}),
        json=raw.get("json"),
        duty=raw.get("duty"),
        counted_from=tuple(raw.get("counted_from", ())),
        counted_from_row=raw.get("counted_from_row", False),
        link=raw.get("link"),
        first_year=raw.get("first_year"),
        last_year=raw.get("last_year"),
    )


def folded(name: str) -> str:
    """Return a column's name as names are compared: without regard to case and spaces."""
    return " ".join(name.casefold().split())

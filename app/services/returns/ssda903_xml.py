"""The SSDA903 return as XML: the same tables as its CSV files, read one after the other."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from app.services.returns.census_xml import leaf_text, line_of, local_name, read_pieces, refused
from app.services.returns.faults import FaultList, Place
from app.services.returns.files import ReturnFile
from app.services.returns.tables import Line, Sheet

if TYPE_CHECKING:
    from lxml.etree import _Element

CHILD = frozenset({"CHILD"})
TABLES: dict[str, tuple[str, tuple[str, ...]]] = {
    "header": ("HEADER", ("SEX", "DOB", "ETHNIC", "UPN", "MOTHER", "MC_DOB")),
    "episodes": (
        "EPISODE",
        (
            *("DECOM", "RNE", "LS", "CIN", "PL", "PLACE_PROVIDER", "DEC", "REC", "REASON_PLACE_CHANGE", "HOME_POST"),
            *("PL_POST", "URN", "PL_LA", "PL_LOCATION", "PL_DISTANCE"),
        ),
    ),
    "reviews": ("AREVIEW", ("REVIEW", "REVIEW_CODE")),
    "missing": ("AMISSING", ("MISSING", "MIS_START", "MIS_END")),
    "placed_for_adoption": ("AD_PLACED", ("DATE_PLACED", "DATE_PLACED_CEASED", "REASON_PLACED_CEASED")),
    "ad1": ("HEADER", ("DATE_INT", "DATE_MATCH", "FOSTER_CARE", "NB_ADOPTR", "SEX_ADOPTR", "LS_ADOPTR")),
}
"""The element that is a row of each table, and the elements that are its cells."""
UNUSED = frozenset({"CHILDID", "UASC", "DUC", "IN_TOUCH", "ACTIV", "ACCOM", "PREV_PERM", "LA_PERM", "DATE_PERM"})
GROUPS = frozenset({"HEADER", "EPISODE", "AREVIEW", "AMISSING", "AD_PLACED"})


def is_xml(file: ReturnFile) -> bool:
    """Return True if a file begins as XML does."""
    start = file.content.read(64).lstrip(b"\xef\xbb\xbf \t\r\n")
    file.content.seek(0)
    return start.startswith(b"<")


def xml_sheets(file: ReturnFile, faults: FaultList) -> Iterator[Sheet]:
    """Yield each table that the file has. Raises Problem where it has none."""
    seen = False
    for name, (group, cells) in TABLES.items():
        file.content.seek(0)
        lines = _lines(file, group, cells, faults if name == "header" else None)
        first = next(lines, None)
        if first is not None:
            seen = True
            yield Sheet(file.name, name, _with_heading(cells, first, lines))
    if not seen:
        raise refused(
            file.name, None, "the file has no child in it", "send the return as XML: EXPSSDA903/CHILD, or CSV"
        )


def _with_heading(cells: tuple[str, ...], first: Line, lines: Iterator[Line]) -> Iterator[Line]:
    yield 1, ["CHILD", *cells]
    yield first
    yield from lines


def _lines(file: ReturnFile, group: str, names: tuple[str, ...], faults: FaultList | None) -> Iterator[Line]:
    for child in read_pieces(file.name, file.content, CHILD):
        key = next((leaf_text(each) for each in child.iter() if local_name(each) == "CHILDID"), "")
        for element in child.iter():
            if faults is not None and local_name(element) in GROUPS:
                _report_unknown(file.name, element, faults)
            if local_name(element) == group:
                texts = {local_name(leaf): leaf_text(leaf) for leaf in element if len(leaf) == 0}
                cells = [texts.get(name, "") for name in names]
                if any(cells):
                    yield line_of(element), [key, *cells]


def _report_unknown(file: str, element: _Element, faults: FaultList) -> None:
    readable = {name for group, names in TABLES.values() if group == local_name(element) for name in names} | UNUSED
    for leaf in element:
        if len(leaf) == 0 and leaf_text(leaf) and local_name(leaf) not in readable:
            message = "the return has no such element here; it was left out"
            remedy = "check its name; docs/returns/ssda903.md lists them all"
            faults.add("unreadable", Place(file, line_of(leaf), local_name(leaf)[:100]), message, remedy)

"""A file that is no workbook, or a hostile one, is refused with what to do; nothing of it is cut off in silence."""

import io
import zipfile
from collections.abc import Callable

import openpyxl
import pytest

from app.services.problems import Problem
from app.services.workbook import opening, read_workbook, write_workbook
from tests.services.workbooks import HEAD, one_rule


def packed(**parts: str | bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name.replace("__", "/").replace("_xml", ".xml"), data)
    return out.getvalue()


def with_part(name: str, change: Callable[[bytes], bytes]) -> bytes:
    """Give a sound workbook with one part of its package changed."""
    out = io.BytesIO()
    sound = zipfile.ZipFile(io.BytesIO(one_rule().data()))
    with sound, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for part in sound.namelist():
            archive.writestr(part, change(sound.read(part)) if part == name else sound.read(part))
    return out.getvalue()


SHEET, MANY = "xl/worksheets/sheet3.xml", b"<xf/>" * 200_001 + b"</styleSheet>"
ENTITIES = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x "xxxxxxxxxx"><!ENTITY y "&x;&x;&x;&x;">]>'


@pytest.mark.parametrize(
    ("data", "message", "remedy"),
    [
        (b"", "not a workbook", ".xlsx"),
        (b"Id,What\n", "not a workbook", ".xlsx"),
        (b"PK\x03\x04 cut off", "not a workbook", ".xlsx"),
        (b"\xd0\xcf\x11\xe0 of 1997", "old Excel format, or has a password", "without a password"),
        (packed(word__document_xml="<a/>"), "a Word file", "copy its table"),
        (packed(mimetype="application/vnd.oasis.opendocument.spreadsheet"), "an OpenDocument file", ".xlsx"),
        (packed(xl__sharedStrings_xml=b" " * (opening.MAX_UNPACKED_BYTES + 1)), "too large", "CSV"),
        (packed(**{f"part{number}": "" for number in range(opening.MAX_PARTS + 1)}), "too large", "CSV"),
        (with_part("xl/workbook.xml", lambda part: ENTITIES + part.partition(b"?>")[2]), "not a workbook", ".xlsx"),
        (with_part(SHEET, lambda part: part.replace(b"</row>", b"<c/>" * 300_001 + b"</row>")), "too large", "CSV"),
        (with_part("xl/styles.xml", lambda part: part.replace(b"</styleSheet>", MANY)), "too large", "CSV"),
        (with_part("xl/workbook.xml", lambda part: part[: len(part) // 2]), "not a workbook", ".xlsx"),
        (with_part("xl/worksheets/sheet3.xml", lambda part: part[: len(part) // 2]), "not a workbook", ".xlsx"),
    ],
    ids=[
        "empty",
        "csv",
        "cut",
        "old",
        "word",
        "odf",
        "bomb",
        "parts",
        "entities",
        "cells",
        "styles",
        "half",
        "half a sheet",
    ],
)
def test_what_is_no_workbook_is_refused_with_what_to_do(data: bytes, message: str, remedy: str) -> None:
    with pytest.raises(Problem) as refused:
        read_workbook(data)
    (fault,) = refused.value.faults
    assert message in fault.message
    assert remedy in fault.remedy


@pytest.mark.parametrize(
    ("cell", "message"),
    [("A3500", "more than 3,000 rows"), ("A1048576", "more than 3,000 rows"), ("CZ2", "80 columns")],
)
def test_what_stands_far_away_is_reported_and_not_cut_off(cell: str, message: str) -> None:
    book = one_rule()
    book.book["Rules"][cell] = "far"
    with pytest.raises(Problem) as refused:
        book.read()
    assert message in refused.value.faults[0].message


def test_a_column_formatted_to_its_end_does_no_harm() -> None:
    book = one_rule()
    book.book["Rules"]["A1048576"].number_format = "@"
    assert not book.read().faults


def test_a_workbook_without_its_sheets_is_to_be_made_anew() -> None:
    out = io.BytesIO()
    openpyxl.Workbook().save(out)
    found = read_workbook(out.getvalue())
    assert [fault.message for fault in found.faults] == [
        "the workbook has no sheet Profile",
        "the workbook has no sheet Rules",
    ]
    assert [warning.location.sheet for warning in found.warnings if warning.location] == ["Sheet"]


def test_a_text_longer_than_a_cell_is_refused_and_not_cut() -> None:
    with pytest.raises(Problem) as refused:
        write_workbook({**HEAD, "title": "x" * 40_000, "rules": []})
    assert refused.value.kind == "not-acceptable"

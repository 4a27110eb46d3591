"""CSV that a spreadsheet opens and does not execute, whichever export it comes from."""

from __future__ import annotations

import csv
import io
import json

import pytest

from app.services.bulk import Plan, answer_block, heading
from app.services.calculation.calculator import Calculator
from app.services.exports.csv_writer import CsvWriter, to_cell
from tests.services.worlds import small

FORMULAS = [
    "=1+1",
    "+1",
    "-1",
    "@A1",
    "\t=1",
    "\r",
    "\n=1",
    " =1+1",
    "   @A1",
    "\u3000=1",
    "\uff1d1+1",
    "\uff0b1",
    "\uff0d1",
    "\uff20A1",
]


@pytest.mark.parametrize("text", FORMULAS)
def test_a_text_that_may_be_a_formula_is_quoted(text: str) -> None:
    assert to_cell(text) == "'" + text
    assert to_cell([text, "more"]) == f"'{text}; more"


@pytest.mark.parametrize("text", ["", "a", "a=1", "2026-01-05", "(=1)", "'=1", "£5", " a"])
def test_any_other_text_stays_as_it_is(text: str) -> None:
    assert to_cell(text) == text


def test_values_are_written_as_a_spreadsheet_reads_them() -> None:
    assert [to_cell(each) for each in (None, True, False, -1, 2.5, ["a", "b"], ())] == [
        "",
        "true",
        "false",
        -1,
        2.5,
        "a; b",
        "",
    ]


def test_rows_are_taken_once() -> None:
    writer = CsvWriter()
    writer.write(("a", "=b"))
    assert (writer.take(), writer.take()) == (b"a,'=b\r\n", b"")


@pytest.mark.parametrize("text", [text for text in FORMULAS if text.isprintable()])
def test_a_reference_in_a_bulk_file_is_quoted_as_well(text: str) -> None:
    plan = Plan("ndjson", "csv", columns=("reference", "status"))
    body = {
        "profile": "small",
        "event": {"type": "strategy_discussion_held", "occurred_at": "2025-12-18"},
        "facts": {"section_47_initiated": True},
        "reference": text,
    }
    refused = {**body, "event": {"type": "nothing", "occurred_at": "2025-12-18"}}
    block = b"".join(json.dumps(each).encode() + b"\n" for each in (body, refused))
    output = heading(plan) + answer_block(Calculator(small()), plan, block, 1).output
    rows = list(csv.DictReader(io.StringIO(output.decode(), newline="")))
    assert [(row["reference"], row["status"]) for row in rows] == [("'" + text, "due"), ("'" + text, "fault")]

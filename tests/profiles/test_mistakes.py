"""What a beginner does who comes from Word and Excel is answered with what mends it."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from app.cli.diagnostics import format_diagnostics
from app.services.publishing.diagnostics import diagnose
from app.services.publishing.profile_file import decode
from app.services.snapshot.offline import packaged_snapshot

SNAPSHOT = packaged_snapshot()
DATA: dict[str, Any] = tomllib.loads((Path(__file__).parent / "mistakes.toml").read_text(encoding="utf-8"))
MISTAKES: list[dict[str, Any]] = DATA["mistake"]


def written(mistake: dict[str, Any]) -> str:
    """Return the profile with a mistake in it."""
    text: str = DATA["profile"].lstrip("\n")
    if "instead_of" in mistake:
        assert text.count(mistake["instead_of"]) == 1, mistake["name"]
        text = text.replace(mistake["instead_of"], mistake["write"])
    if "insert" in mistake:
        text = text.replace(mistake["line_after"], f"{mistake['line_after']}\n{mistake['insert']}")
    return text + (f"{mistake['line']}\n" if "line" in mistake else "")


def test_there_are_ninety_and_without_them_the_profile_is_valid() -> None:
    assert len(MISTAKES) >= 90
    assert len({mistake["name"] for mistake in MISTAKES}) == len(MISTAKES)
    assert diagnose(DATA["profile"], SNAPSHOT).findings == ()


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake["name"])
def test_a_mistake_is_answered_with_what_mends_it(mistake: dict[str, Any]) -> None:
    text = written(mistake)
    diagnostics = diagnose(text, SNAPSHOT)
    said = " ".join(format_diagnostics(diagnostics, text, "my.toml").split())
    for part in mistake["says"]:
        assert part in said
    assert diagnostics.errors == mistake.get("faults", 1), said


@pytest.mark.parametrize(
    ("sent", "says"),
    [
        (b"PK\x03\x04 the files of a docx or an xlsx", "a word processor or spreadsheet"),
        (b"\xd0\xcf\x11\xe0 an old doc or xls", "a word processor or spreadsheet"),
        (b"", "the file is empty"),
        (b"  \n\n", "the file is empty"),
        (b'title = "St\xe9phane"', "save it as UTF-8"),
    ],
)
def test_a_file_that_is_no_text_is_called_what_it_is(sent: bytes, says: str) -> None:
    assert says in str(decode(sent))


def test_a_table_of_a_spreadsheet_is_called_what_it_is() -> None:
    text = "id,duty,title\nicpc-held,hold_icpc,Hold it\n"
    (finding,) = diagnose(text, SNAPSHOT).findings
    assert "spreadsheet (CSV)" in finding.message
    assert "text/csv" in finding.remedy


def test_a_byte_order_mark_is_no_mistake() -> None:
    read = decode(b"\xef\xbb\xbf" + DATA["profile"].encode())
    assert isinstance(read, str)
    assert diagnose(read, SNAPSHOT).findings == ()


def test_what_a_word_processor_does_to_every_line_is_found_in_every_line() -> None:
    text = DATA["profile"].replace('"', "“")
    findings = diagnose(text, SNAPSHOT).findings
    assert len(findings) > 20
    assert all("curly" in finding.message for finding in findings)

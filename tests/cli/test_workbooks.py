"""The command line writes workbooks and reads them wherever it reads a profile's file."""

from pathlib import Path

import openpyxl
import pytest

from tests.cli.running import run


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_a_new_workbook_is_filled_in_and_calculates(capfd: pytest.CaptureFixture[str]) -> None:
    assert run(capfd, "profiles", "new", "my-council", "--workbook").out.startswith("wrote my-council.xlsx")
    empty = run(capfd, "profiles", "validate", "my-council.xlsx")
    assert empty.status == 1
    assert "my-council.xlsx:Rules!A1: error: the sheet Rules has no row" in empty.out
    book = openpyxl.load_workbook("my-council.xlsx")
    headings = [cell.value for cell in book["Rules"][1]]
    row = {
        "Id": "icpc-held",
        "What": "hold_icpc",
        "Title": "Hold the initial conference",
        "Starts from": "strategy_discussion_held",
        "Timing": "within",
        "Number": 10,
        "Unit": "working days",
        "Strength": "must",
        "Section": "5.1",
        "Met by": "icpc_held",
    }
    book["Rules"].append([row.get(heading) for heading in headings])
    book.save("my-council.xlsx")
    assert "is a valid profile: 1 rule" in run(capfd, "profiles", "validate", "my-council.xlsx").out
    answer = run(capfd, "calculate", "my-council.xlsx", "strategy_discussion_held", "2027-05-04")
    assert "2027-05-18" in answer.out
    assert "initial conference" in run(capfd, "profiles", "handbook", "my-council.xlsx").out


def test_a_workbook_of_a_packaged_profile_differs_from_it_in_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    assert run(capfd, "profiles", "workbook", "torbay-no-such").status != 0
    assert run(capfd, "profiles", "workbook", "wiltshire", "-o", "copy.xlsx").status == 0
    found = run(capfd, "profiles", "diff", "wiltshire", "copy.xlsx")
    assert (found.status, found.out.splitlines()[-1]) == (0, "rules: 0 added, 0 removed, 0 changed, 57 unchanged")


def test_a_workbook_that_exists_is_not_overwritten(capfd: pytest.CaptureFixture[str]) -> None:
    Path("my-council.xlsx").write_bytes(b"mine")
    found = run(capfd, "profiles", "new", "my-council", "--workbook")
    assert found.status == 2
    assert "my-council.xlsx already exists" in found.err
    assert Path("my-council.xlsx").read_bytes() == b"mine"

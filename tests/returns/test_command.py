"""`deadlines import`: the same by hand, for files of any size."""

from __future__ import annotations

import csv
import io
import json
import os
from pathlib import Path

import pytest

from tests.cli.running import run
from tests.returns.reading import FILES, S903, SSD, read


def table(path: Path) -> list[dict[str, str]]:
    """Give the rows of a CSV file."""
    return list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"))))


def test_cases_faults_and_dates_go_into_files_of_their_own(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    cases, faults, dates = tmp_path / "c.ndjson", tmp_path / "f.csv", tmp_path / "d.csv"
    ran = run(
        capfd, "import", "standard-safeguarding-dataset", *map(str, SSD),
        "--cases", str(cases), "--faults", str(faults), "--dates", str(dates),
    )  # fmt: skip
    assert ran.status == 1
    assert "3 children, 4 cases, 34 events" in ran.err
    expected = read("standard-safeguarding-dataset", SSD)
    assert [json.loads(line) for line in cases.read_text().splitlines()] == [case.as_json() for case in expected.cases]
    rows = table(faults)
    assert sum(int(row["count"]) for row in rows) == expected.imported.faults.total
    assert {row["column"] for row in rows} >= {"clar_cla_id", "cppv_cp_visit_seen"}
    checked = table(dates)
    assert [row["verdict"] for row in checked] == ["right", "early", "late", "early", "early"]
    assert "three as 91" in checked[1]["explained_by"]


def test_every_line_is_in_the_table_of_faults(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    rows = "".join(f"{child},31/02/2025,S,V2,U6,,\n" for child in range(1_000))
    (tmp_path / "e.csv").write_text("CHILD,DECOM,RNE,LS,PLACE,DEC,REC\n" + rows)
    faults = tmp_path / "f.csv"
    assert run(capfd, "import", "ssda903", str(tmp_path / "e.csv"), "--faults", str(faults)).status == 1
    assert {row["line"] for row in table(faults)} == {str(line) for line in range(2, 1_002)}
    assert len(table(faults)) == 1_000


def test_a_return_is_never_written_over_and_comes_from_files(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    source, cases = tmp_path / "e.csv", tmp_path / "c.ndjson"
    source.write_text("CHILD,DECOM,RNE,LS,PLACE,DEC,REC\n510000,05/01/2026,S,V2,U6,,\n")
    before = source.read_bytes()
    over = run(capfd, "import", "ssda903", str(source), "--cases", str(source), "--force")
    assert (over.status, "overwrite the input" in over.err, source.read_bytes()) == (2, True, before)
    twice = run(capfd, "import", "ssda903", str(source), "--cases", str(cases), "--faults", str(cases))
    assert (twice.status, "two outputs" in twice.err) == (2, True)
    os.mkfifo(tmp_path / "pipe.csv")
    piped = run(capfd, "import", "ssda903", str(tmp_path / "pipe.csv"), "--cases", str(cases))
    assert (piped.status, "is no file" in piped.err, cases.exists()) == (2, True, False)


def test_without_files_the_cases_are_written_out_and_the_faults_counted(capfd: pytest.CaptureFixture[str]) -> None:
    ran = run(capfd, "import", "cin-census", str(FILES / "cin" / "census-2024.xml"))
    assert ran.status == 0
    assert len(ran.out.splitlines()) == 4
    assert "not used" in ran.err


def test_an_existing_file_is_overwritten_only_when_it_is_said(
    capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    cases = tmp_path / "c.ndjson"
    cases.write_text("mine")
    names = ["import", "ssda903", *map(str, S903), "--cases", str(cases)]
    assert run(capfd, *names).status == 2
    assert cases.read_text() == "mine"
    run(capfd, *names, "--force")
    assert cases.read_text().startswith("{")


@pytest.mark.parametrize("names", [["school-census", "x.csv"], ["ssda903", "nowhere.csv"], ["ssda903", str(SSD[0])]])
def test_wrong_use_ends_with_2_and_a_remedy(capfd: pytest.CaptureFixture[str], names: list[str]) -> None:
    ran = run(capfd, "import", *names)
    assert ran.status == 2
    assert ran.err.startswith("error:")

"""`deadlines timeliness`: a year's figures from a file of cases, in a folder."""

import gzip
import json
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import polars as pl
import pytest

from app.cli import workers
from tests.cli.running import Ran, run


def case(number: int, conference: str) -> dict[str, Any]:
    return {
        "reference": f"child-{number}",
        "events": [
            {"type": "strategy_discussion_held", "occurred_at": "2025-06-02", "facts": {"section_47_initiated": True}},
            {"type": "section_47_started", "occurred_at": "2025-06-02"},
            {"type": "icpc_held", "occurred_at": conference},
        ],
    }


CASES = [
    *(case(number, "2025-06-20") for number in range(12)),
    *(case(number, "2025-07-14") for number in range(12, 15)),
]


def counted(capfd: pytest.CaptureFixture[str], folder: Path, *more: str, lines: list[Any] | None = None) -> Ran:
    source = folder / "cases.ndjson"
    rest = {"source": "cin-census", "counts": {"cases": 15}, "faults": []}
    source.write_text("".join(json.dumps(line) + "\n" for line in (lines or [*CASES, rest])), encoding="utf-8")
    out = str(folder / "out")
    options = ["--profile", "swindon", "--year", "2025-26", "--source", "cin-census", "--out", out, *more]
    return run(capfd, "timeliness", str(source), *options)


def table(folder: Path, name: str) -> pl.DataFrame:
    return pl.read_csv(folder / "out" / name, infer_schema=False)


def test_a_year_is_counted_and_small_numbers_are_suppressed(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    ran = counted(capfd, tmp_path)
    assert ran.status == 0
    assert "12" in ran.out
    assert "80.0%" in ran.out
    first = table(tmp_path, "measures.csv").row(0, named=True)
    assert (first["key"], first["numerator"], first["denominator"], first["share"]) == (
        "icpc-within-15-working-days",
        "c",
        "15",
        "c",
    )
    assert "child-" not in "".join(file.read_text(encoding="utf-8") for file in (tmp_path / "out").glob("*.*"))


def test_exact_figures_are_marked_as_not_for_sharing(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert counted(capfd, tmp_path, "--exact").status == 0
    assert table(tmp_path, "measures.csv").row(0)[2:4] == ("12", "15")
    assert "Not for sharing" in (tmp_path / "out" / "report.html").read_text(encoding="utf-8")


def test_each_child_and_duty_is_a_row_with_dates_as_dates(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    counted(capfd, tmp_path)
    acts = pl.read_parquet(tmp_path / "out" / "children" / "acts.parquet")
    late = acts.filter(~pl.col("in_time"))
    assert sorted(late["reference"]) == ["child-12", "child-13", "child-14"]
    assert set(late["working_days"]) == {30}
    assert acts.schema["done_on"] == pl.Date
    obligations = pl.read_parquet(tmp_path / "out" / "children" / "obligations.parquet")
    conferences = obligations.filter(pl.col("duty") == "hold_icpc")
    assert conferences["due_date"].dtype == pl.Date
    assert conferences.height == 15


def test_a_line_that_is_no_case_is_listed_and_fails_no_other(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    ran = counted(capfd, tmp_path, lines=[*CASES, {"reference": "odd", "events": [{"type": "nope"}]}])
    assert ran.status == 1
    refused = table(tmp_path, "refused.csv")
    assert set(refused["reference"]) == {"odd"}
    assert table(tmp_path, "measures.csv").row(0)[3] == "15"


def test_a_line_that_is_no_json_is_refused_by_its_line(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "cases.ndjson").write_text(json.dumps(CASES[0]) + "\n{oops\n", encoding="utf-8")
    options = ["--profile", "swindon", "--year", "2025-26", "--out", str(tmp_path / "out")]
    assert run(capfd, "timeliness", str(tmp_path / "cases.ndjson"), *options).status == 1
    refused = table(tmp_path, "refused.csv").row(0, named=True)
    assert refused["place"] == "line 2"
    assert "must be a string" in refused["message"]


def test_several_processes_give_the_figures_of_one_also_from_a_compressed_file(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = "".join(json.dumps(CASES[number % 15]) + "\n" for number in range(90))
    # About eight portions, more than two processes are sent at once, and enough for other processes to be started.
    assert 2 * workers.AHEAD < 8
    monkeypatch.setattr("app.cli.blocks.BLOCK_BYTES", len(lines) // 8)
    monkeypatch.setattr("app.cli.timeliness_workers.ALONE_BYTES", len(lines) // 2)
    elsewhere = Mock(wraps=workers.in_order)
    monkeypatch.setattr("app.cli.timeliness_workers.in_order", elsewhere)
    (tmp_path / "cases.ndjson.gz").write_bytes(gzip.compress(lines.encode()))
    options = ["--profile", "swindon", "--year", "2025-26", "--source", "cin-census"]
    written = []
    for processes in ("1", "2"):
        out = tmp_path / f"out-{processes}"
        source = tmp_path / "cases.ndjson.gz"
        if processes == "2":
            source = tmp_path / "cases.ndjson"
            source.write_text(lines, encoding="utf-8")
        assert run(capfd, "timeliness", str(source), *options, "--out", str(out), "-n", processes).status == 0
        written.append({file.name: file.read_bytes() for file in out.rglob("*.csv")})
    assert elsewhere.call_count == 1
    assert written[0] == written[1]


def test_an_earlier_run_is_not_overwritten_unasked(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert counted(capfd, tmp_path).status == 0
    again = counted(capfd, tmp_path)
    assert again.status == 2
    assert "--force" in again.err
    assert counted(capfd, tmp_path, "--force").status == 0


def test_an_unknown_year_profile_and_source_are_named_together(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "cases.ndjson"
    file.write_text("", encoding="utf-8")
    ran = run(capfd, "timeliness", str(file), "--profile", "swindn", "--year", "2025", "--out", str(tmp_path / "out"))
    assert ran.status == 2
    assert "2025-26" in ran.err
    assert "swindon" in ran.err

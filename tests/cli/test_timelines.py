"""Many whole cases as a table: each child's rows are one case, judged as its timeline is."""

import csv
import json
import math
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest

from app.cli import blocks, caseload, columnar_files, workers
from app.services.snapshot.bundle import standards_digest
from app.services.snapshot.offline import packaged_snapshot, packaged_state
from app.services.timelines import timeline
from tests.cli.running import run

AS_OF = "2026-03-31"
SCHEMA = pa.schema(
    [
        ("child_id", pa.int64()),
        ("event", pa.string()),
        ("at", pa.date32()),
        ("section_47_initiated", pa.bool_()),
        ("child_date_of_birth", pa.date32()),
        ("team", pa.string()),
    ]
)
OPTIONS = ("--profile", "swindon", "--as-of", AS_OF, "--child", "child_id", "-n", "1")


def events(children: int) -> list[dict[str, Any]]:
    """Return four events of each child, on days that differ from child to child."""
    rows = []
    for child in range(children):
        day = date(2025, 4, 1) + timedelta(days=child % 300)
        said: dict[str, Any] = {"section_47_initiated": True} if child % 5 else {}
        rows += [
            {"event": "strategy_discussion_held", "at": day, "child_date_of_birth": date(2015, 6, 1), **said},
            {"event": "icpc_held", "at": day + timedelta(days=14 + child % 20)},
            {"event": "cp_plan_started", "at": day + timedelta(days=14 + child % 20)},
            {"event": "cp_visit_made", "at": day + timedelta(days=25 + child % 20)},
        ]
    return [{"child_id": number // 4, "team": f"team {number % 3}", **row} for number, row in enumerate(rows)]


def table(rows: list[dict[str, Any]]) -> pa.Table:
    return pa.Table.from_pylist(rows, SCHEMA)


def write(given: pa.Table, path: Path) -> None:
    if path.suffix == ".parquet":
        pq.write_table(given, path)
    elif path.suffix == ".csv":
        pyarrow.csv.write_csv(given, path)
    else:
        with pa.ipc.new_file(str(path), given.schema) as writer:
            writer.write_table(given)


def read(path: Path) -> list[dict[str, Any]]:
    if path.suffix == ".parquet":
        return list(pq.read_table(path).to_pylist())
    if path.suffix == ".arrow":
        return list(pa.ipc.open_file(str(path)).read_all().to_pylist())
    if path.suffix == ".csv":
        with path.open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def shown(rows: list[dict[str, Any]]) -> list[list[object]]:
    """Return what the service's timelines say of the same events, a line for each row expected."""
    lines: list[list[object]] = []
    for child in dict.fromkeys(row["child_id"] for row in rows):
        case = [row for row in rows if row["child_id"] == child]
        sent = [
            {
                "type": row["event"],
                "occurred_at": row["at"].isoformat(),
                "facts": {
                    name: value.isoformat() if isinstance(value, date) else value
                    for name, value in row.items()
                    if name not in {"child_id", "event", "at", "team"}
                },
            }
            for row in case
        ]
        answer: Any = timeline(
            packaged_snapshot(), {"profile": "swindon", "as_of": AS_OF, "until": AS_OF, "events": sent}
        )
        lines += [
            [child, each["status"], each["rule"], each["due_date"], each["days_taken"], each["late_by_days"]]
            for each in answer["obligations"]
        ]
        lines += [[child, "undetermined", each["rule"], None, None, None] for each in answer["undetermined"]]
    return lines


@pytest.mark.parametrize("form", ["parquet", "arrow", "csv"])
def test_each_child_is_judged_as_its_timeline_is(
    capfd: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    # Small blocks: a child's rows begin in one and end in the next.
    monkeypatch.setattr(columnar_files, "BATCH_ROWS", 7)
    monkeypatch.setattr(blocks, "BLOCK_BYTES", 333)
    rows, source, target = events(60), tmp_path / f"in.{form}", tmp_path / "out.parquet"
    given = table(rows).drop_columns(["team"])
    write(given, source)
    ran = run(capfd, "timelines", str(source), str(target), *OPTIONS)
    assert (ran.status, "60 cases judged" in ran.err) == (0, True), ran.err
    name = "reference" if form == "csv" else "child_id"
    found = read(target)
    assert [
        [
            int(row[name]),
            row["status"],
            row["rule"],
            row["due_date"] and row["due_date"].isoformat(),
            row["days_taken"],
            row["late_by_days"],
        ]
        for row in found
    ] == shown(rows)
    assert {row["standards"] for row in found} == {standards_digest(packaged_state())}
    late = next(row for row in found if row["rule"] == "icpc-held" and row["working_days_taken"] is not None)
    assert late["working_days_taken"] <= late["days_taken"]


@pytest.mark.parametrize("form", ["parquet", "arrow", "csv", "ndjson"])
def test_every_form_of_output_says_the_same(capfd: pytest.CaptureFixture[str], tmp_path: Path, form: str) -> None:
    rows, target = events(12), tmp_path / f"out.{form}"
    write(table(rows), tmp_path / "in.parquet")
    carry = ("--carry", "team") if form in {"parquet", "arrow"} else ()
    source = tmp_path / "in.parquet"
    if not carry:
        write(table(rows).drop_columns(["team"]), source)
    assert run(capfd, "timelines", str(source), str(target), *OPTIONS, *carry).status == 0
    found = read(target)
    assert [[int(row["reference"]), row["status"], row["rule"]] for row in found] == [
        [line[0], line[1], line[2]] for line in shown(rows)
    ]
    if carry:
        assert {row["child_id"]: row["team"] for row in found} == {n: f"team {n * 4 % 3}" for n in range(12)}


def test_a_child_that_comes_back_is_refused_by_its_row(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    rows = events(3)
    for form in ("parquet", "csv"):
        source, target = tmp_path / f"in.{form}", tmp_path / "out.csv"
        write(table([*rows, rows[0]]).drop_columns(["team"]), source)
        ran = run(capfd, "timelines", str(source), str(target), *OPTIONS, "--force")
        assert ran.status == 2
        assert f"row {14 if form == 'csv' else 13}" in ran.err
        assert "sort the table by child_id" in ran.err
        assert not target.exists()


@pytest.mark.parametrize(
    "nobody", [pa.nulls(2, pa.int64()), pa.array([[1], [1]]), pa.array([{"a": 1}] * 2), pa.array([math.nan] * 2)]
)
def test_a_row_whose_child_is_no_name_is_a_fault_of_its_own(
    capfd: pytest.CaptureFixture[str], tmp_path: Path, nobody: pa.Array
) -> None:
    two = table(events(1)).slice(0, 2).drop_columns(["child_id", "team"])
    write(two.append_column("child_id", nobody), tmp_path / "in.parquet")
    ran = run(capfd, "timelines", str(tmp_path / "in.parquet"), str(tmp_path / "out.csv"), *OPTIONS)
    assert (ran.status, "2 cases judged, 0 obligations, 2 cases with faults" in ran.err) == (1, True)
    assert "names no child" in (tmp_path / "out.csv").read_text()


def test_cases_of_an_import_are_judged_line_by_line(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    lines = [
        {
            "reference": "510000/2026-01-05",
            "facts": {"child_date_of_birth": "2015-06-01"},
            "events": [{"id": "a", "type": "became_looked_after", "occurred_at": "2026-01-05"}],
        },
        {"reference": "510001", "events": [{"type": "no such event", "occurred_at": "2026-01-05"}]},
        {"reference": "510002", "events": []},
        {"counts": {"cases": 3}, "faults": []},
    ]
    source, target = tmp_path / "cases.ndjson", tmp_path / "out.ndjson"
    text = "\n".join([*map(json.dumps, lines[:2]), "{broken", *map(json.dumps, lines[2:])])
    source.write_text(text, encoding="utf-8")
    options = ("--profile", "statutory-england", "--as-of", AS_OF, "--source", "ssda903", "-n", "1")
    ran = run(capfd, "timelines", str(source), str(target), *options)
    assert (ran.status, "4 cases judged" in ran.err, "2 cases with faults" in ran.err) == (1, True, True), ran.err
    found = read(target)
    assert {row["status"] for row in found if row["line"] == 1} >= {"outstanding"}
    # The return has no visits: what it cannot show is not overdue.
    assert "overdue" not in {row["status"] for row in found if row["observable"] is False}
    ends = [(row["line"], row["reference"], row["status"], row["problem"]) for row in found if row["line"] > 1]
    assert ends == [
        (2, "510001", "fault", "invalid-request"),
        (3, None, "fault", "invalid-json"),
        (4, "510002", "nothing_due", None),
    ]
    assert {tuple(each) for row in found for each in row["faults"] or ()} == {("path", "message", "remedy")}


@pytest.mark.parametrize("line", ["null", "[]", "{"])
def test_a_line_that_is_no_case_is_a_fault_of_the_line(
    capfd: pytest.CaptureFixture[str], tmp_path: Path, line: str
) -> None:
    source = tmp_path / "in.ndjson"
    source.write_text(f"{line}\n", encoding="utf-8")
    ran = run(
        capfd, "timelines", str(source), "-", "--to", "ndjson", "--profile", "swindon", "--as-of", AS_OF, "-n", "1"
    )
    (row,) = [json.loads(each) for each in ran.out.splitlines()]
    assert (row["status"], [fault["path"] for fault in row["faults"]]) == ("fault", ["(line)"])


def test_a_row_that_cannot_be_read_is_a_fault_of_the_cases_next_to_it(
    capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    source = tmp_path / "in.csv"
    source.write_text(
        "child,event,at\na,referral_received,2026-01-05\nb,referral_received\n,referral_received,2026-01-05\n"
        "c,referral_received,2026-01-05\nd,referral_received,5/1/2026\ne,referral_received,2026-01-05\n",
        encoding="utf-8",
    )
    ran = run(
        capfd, "timelines", str(source), "-", "--to", "ndjson", "--profile", "swindon", "--as-of", AS_OF, "-n", "1"
    )
    found = [json.loads(line) for line in ran.out.splitlines()]
    fault_lines = [(row["line"], row["reference"]) for row in found if row["status"] == "fault"]
    assert fault_lines == [(2, "a"), (3, None), (4, None), (5, "c"), (6, "d")]
    assert {row["line"] for row in found if row["status"] != "fault"} == {7}
    assert "5/1/2026" not in ran.out


def test_what_is_wrong_with_the_table_is_said_before_a_case_is_read(
    capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    source, target = tmp_path / "in.parquet", tmp_path / "out.parquet"
    write(table(events(2)), source)
    ran = run(capfd, "timelines", str(source), str(target), "--as-of", "31/3/2026", "-n", "1")
    assert (ran.status, "as_of" in ran.err) == (2, True)
    ran = run(capfd, "timelines", str(source), str(target), "--as-of", AS_OF, "--source", "ssda", "-n", "1")
    assert ran.status == 2
    for part in ("column team", "the column child is missing", "names no profile", "source"):
        assert part in ran.err
    assert not target.exists()


@pytest.mark.parametrize("form", ["parquet", "csv"])
def test_an_interrupted_run_goes_on_to_the_same_rows(
    capfd: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    source, whole = tmp_path / f"in.{form}", workers.answer_blocks
    write(table(events(40)).drop_columns(["team"]), source)

    def interrupted(*arguments: Any) -> Iterator[Any]:
        for number, done in enumerate(whole(*arguments)):
            if number == 3:
                raise KeyboardInterrupt
            yield done

    monkeypatch.setattr(columnar_files, "BATCH_ROWS", 10)
    monkeypatch.setattr(blocks, "BLOCK_BYTES", 400)
    monkeypatch.setattr(caseload, "answer_blocks", interrupted)
    paths = [str(source), str(tmp_path / f"out.{form}"), *OPTIONS]
    assert run(capfd, "timelines", *paths).status == 1
    monkeypatch.setattr(caseload, "answer_blocks", whole)
    ran = run(capfd, "timelines", *paths, "--resume")
    assert (ran.status, "40 cases judged" in ran.err) == (0, True), ran.err
    other = tmp_path / f"whole.{form}"
    assert run(capfd, "timelines", str(source), str(other), *OPTIONS).status == 0
    assert read(tmp_path / f"out.{form}") == read(other)


def test_several_processes_give_the_rows_of_one(
    capfd: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(table(events(30)).drop_columns(["team"]), tmp_path / "in.arrow")
    monkeypatch.setattr(columnar_files, "BATCH_ROWS", 20)
    for processes in ("1", "2"):
        ran = run(
            capfd, "timelines", str(tmp_path / "in.arrow"), str(tmp_path / f"{processes}.csv"), *OPTIONS[:-1], processes
        )
        assert ran.status == 0
    assert (tmp_path / "1.csv").read_bytes() == (tmp_path / "2.csv").read_bytes()

"""Bulk over Parquet and Arrow: typed columns in and out, the answers those of the service."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from app.cli import caseload, columnar_files, workers
from app.services.calculation.request import read_request
from app.services.calculation.response import calculate_response
from app.services.snapshot.bundle import standards_digest
from app.services.snapshot.offline import packaged_snapshot, packaged_state
from tests.cli.running import Ran, run
from tests.cli.test_bulk import requests

SCHEMA = pa.schema(
    [
        ("profile", pa.string()),
        ("event", pa.string()),
        ("at", pa.date32()),
        ("reference", pa.string()),
        ("section_47_initiated", pa.bool_()),
        ("child_date_of_birth", pa.date32()),
        ("placement_type", pa.string()),
        ("child_id", pa.int64()),
    ]
)


def table(items: list[dict[str, Any]]) -> pa.Table:
    rows = []
    for number, item in enumerate(items):
        facts = {name: date.fromisoformat(v) if name.endswith("birth") else v for name, v in item["facts"].items()}
        event = item["event"]
        at = date.fromisoformat(event["occurred_at"])
        rows.append(
            {"profile": item["profile"], "event": event["type"], "at": at, "reference": item["reference"], **facts}
            | {"child_id": number}
        )
    return pa.Table.from_pylist(rows, SCHEMA)


def answered(
    capfd: pytest.CaptureFixture[str], folder: Path, given: pa.Table, *more: str, form: str = "parquet"
) -> tuple[Ran, list[dict[str, Any]]]:
    source, target = folder / f"in.{form}", folder / f"out.{form}"
    if form == "parquet":
        pq.write_table(given, source)
    else:
        with pa.ipc.new_file(str(source), given.schema) as writer:
            writer.write_table(given)
    ran = run(capfd, "bulk", str(source), str(target), "-n", "1", "--force", *more)
    if not target.exists():
        return ran, []
    found = pq.read_table(target) if form == "parquet" else pa.ipc.open_file(str(target)).read_all()
    return ran, found.to_pylist()


@pytest.mark.parametrize("form", ["parquet", "arrow"])
def test_each_row_has_the_dates_that_the_service_gives(
    capfd: pytest.CaptureFixture[str], tmp_path: Path, form: str
) -> None:
    items = requests(40)
    ran, rows = answered(capfd, tmp_path, table(items), "--carry", "child_id", form=form)
    assert ran.status == 0
    snapshot = packaged_snapshot()
    expected: list[tuple[Any, ...]] = []
    for number, item in enumerate(items):
        body: Any = calculate_response(read_request(snapshot, item))
        for each in body["obligations"]:
            due = datetime.fromisoformat(each["due_at"]).astimezone(UTC)
            expected.append((number, item["reference"], "due", each["rule"], each["occurrence"], each["due_date"], due))
        expected += [
            (number, item["reference"], "undetermined", each["rule"], None, None, None) for each in body["undetermined"]
        ]
        if not body["obligations"] and not body["undetermined"]:
            expected.append((number, item["reference"], "nothing_due", None, None, None, None))
    found = [
        (
            row["child_id"],
            row["reference"],
            row["status"],
            row["rule"],
            row["occurrence"],
            row["due_date"] and row["due_date"].isoformat(),
            row["due_at"],
        )
        for row in rows
    ]
    assert found == expected
    assert {row["standards"] for row in rows} == {standards_digest(packaged_state())}


def test_columns_have_types(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    answered(capfd, tmp_path, table(requests(4)), "--carry", "child_id")
    schema = pq.read_schema(tmp_path / "out.parquet")
    assert schema.field("due_date").type == pa.date32()
    assert schema.field("due_at").type == pa.timestamp("us", tz="UTC")
    assert schema.field("section").type == pa.list_(pa.field("element", pa.string()))
    assert schema.field("provisional").type == pa.bool_()


def one_event(at: pa.Array, **more: pa.Array) -> pa.Table:
    given = {"profile": ["swindon"], "event": ["strategy_discussion_held"], "at": at, "section_47_initiated": [True]}
    return pa.table({**given, **more})


@pytest.mark.parametrize(
    ("at", "sent"),
    [
        (pa.array([date(2025, 7, 1)], pa.date32()), "2025-07-01"),
        (pa.array([datetime(2025, 6, 30, 23, tzinfo=UTC)], pa.timestamp("us", tz="UTC")), "2025-06-30T23:00:00+00:00"),
        (pa.array([datetime(2025, 7, 1, 14, 30)], pa.timestamp("us")), "2025-07-01T14:30:00"),  # noqa: DTZ001 - local
        (pa.array(["2025-07-01T14:30"]), "2025-07-01T14:30"),
        (pa.array(["2025-07-01"]).dictionary_encode(), "2025-07-01"),
        (pa.array(["2025-07-01"], pa.large_string()), "2025-07-01"),
    ],
)
def test_a_moment_may_be_a_date_an_instant_a_local_time_or_text(
    capfd: pytest.CaptureFixture[str], tmp_path: Path, at: pa.Array, sent: str
) -> None:
    ran, rows = answered(capfd, tmp_path, one_event(at))
    assert ran.status == 0
    assert {row["at"] for row in rows} == {sent}
    assert {row["event_day"] for row in rows} == {date(2025, 7, 1)}


def test_facts_may_be_one_map_as_text(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    entries = pa.array([[("section_47_initiated", "TRUE")]], pa.map_(pa.string(), pa.string()))
    given = one_event(pa.array(["2025-12-18"]), facts=entries).drop_columns(["section_47_initiated"])
    _, rows = answered(capfd, tmp_path, given, "--duty", "hold_icpc")
    assert [row["due_date"] for row in rows] == [date(2026, 1, 13)]


def test_a_row_at_fault_is_a_row_that_never_repeats_the_value(
    capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    given = pa.concat_tables([one_event(pa.array(["18/12/2025"])), one_event(pa.array(["2025-12-18"]))])
    ran, rows = answered(capfd, tmp_path, given, "--duty", "hold_icpc")
    assert ran.status == 1
    fault, right = rows
    assert (fault["status"], fault["line"], fault["problem"]) == ("fault", 1, "invalid-request")
    assert [set(each) for each in fault["faults"]] == [{"path", "message", "remedy"}]
    assert "18/12/2025" not in str(fault)
    assert right["due_date"] == date(2026, 1, 13)


def test_a_column_that_is_neither_a_fact_nor_carried_is_refused_by_name(
    capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    ran, _ = answered(capfd, tmp_path, table(requests(2)))
    assert (ran.status, "unknown column" in ran.err, "child_id" in ran.err) == (2, True, True)
    ran, _ = answered(capfd, tmp_path, table(requests(2)), "--carry", "child")
    assert (ran.status, "carry" in ran.err) == (2, True)


def test_a_table_without_rows_gives_one_with_the_same_columns(
    capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    answered(capfd, tmp_path, table(requests(4)), "--carry", "child_id")
    full = pq.read_schema(tmp_path / "out.parquet")
    ran, rows = answered(capfd, tmp_path, table(requests(4)).slice(0, 0), "--carry", "child_id")
    assert (ran.status, rows) == (0, [])
    assert pq.read_schema(tmp_path / "out.parquet").equals(full)


def test_an_interrupted_table_goes_on_to_the_same_rows(
    capfd: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pq.write_table(table(requests(600)).drop_columns(["child_id"]), tmp_path / "in.parquet")
    whole = workers.answer_blocks

    def interrupted(*arguments: Any) -> Iterator[Any]:
        for number, done in enumerate(whole(*arguments)):
            if number == 3:
                raise KeyboardInterrupt
            yield done

    monkeypatch.setattr(columnar_files, "BATCH_ROWS", 100)
    monkeypatch.setattr(caseload, "answer_blocks", interrupted)
    paths = [str(tmp_path / "in.parquet"), str(tmp_path / "out.parquet"), "-n", "1"]
    assert run(capfd, "bulk", *paths).status == 1
    assert not (tmp_path / "out.parquet").exists()
    monkeypatch.setattr(caseload, "answer_blocks", whole)
    with (tmp_path / "out.parquet.partial").open("ab") as file:
        file.write(b"half a batch")
    ran = run(capfd, "bulk", *paths, "--resume")
    assert (ran.status, "600 lines answered" in ran.err) == (0, True)
    assert run(capfd, "bulk", paths[0], str(tmp_path / "whole.parquet"), "-n", "1").status == 0
    assert pq.read_table(tmp_path / "out.parquet").equals(pq.read_table(tmp_path / "whole.parquet"))
    assert [file.name for file in tmp_path.glob("out.parquet.*")] == []


def test_parquet_is_not_written_to_a_pipe(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    pq.write_table(table(requests(2)), tmp_path / "in.parquet")
    ran = run(capfd, "bulk", str(tmp_path / "in.parquet"), "-", "--to", "parquet")
    assert (ran.status, "--to arrow" in ran.err) == (2, True)

"""Spark, classic and Connect, on two local cores: the rows of the service, whatever partition they are in.

pyspark is no part of the development environment: `make spark` installs it, with its own lock, into build/spark, and
runs this file. It runs in a process of its own with that environment's interpreter.
"""

import json
import os
import shutil
import subprocess
import sys
import zlib
from datetime import date
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from app.frames import arrow, spark
from app.frames.spark_executor import answer_batches
from app.services.snapshot.bundle import write_bundle
from tests.frames.every_event import cases, copies, every_event, expected, standards
from tests.house.files import ROOT

PYTHON = os.environ.get("SPARK_PYTHON", "")
"""The interpreter of the environment with Spark, which `make spark` passes."""
COPIES = 10
LIGHT_JAVA = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
"""So little is to be done that Java's own compiling would take longer."""


def why_not() -> str:
    """Return why Spark cannot be run here; nothing where it can."""
    if shutil.which("java") is None:
        return "Spark runs on Java, and no java is on the PATH"
    return "" if PYTHON else "Spark has an environment of its own: `make spark` installs it and runs this"


needs_spark = pytest.mark.skipif(bool(why_not()), reason=why_not() or "it is here")


@pytest.fixture(scope="module", params=["classic", "connect"])
def answered(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder with what one kind of session answered."""
    folder = tmp_path_factory.mktemp(request.param)
    done = subprocess.run(
        [PYTHON, "-m", "tests.frames.spark_session", request.param, str(folder)],
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
        timeout=600,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "default", "JDK_JAVA_OPTIONS": LIGHT_JAVA},
    )
    assert done.returncode == 0, done.stderr[-4000:]
    return folder


def rows(path: Path) -> list[dict[str, Any]]:
    return list(pa.ipc.open_file(str(path)).read_all().to_pylist())


def in_order(given: list[dict[str, Any]]) -> list[str]:
    return sorted(json.dumps(row, sort_keys=True, default=str) for row in given)


@pytest.mark.spark
@needs_spark
def test_every_event_of_every_profile_has_the_rows_of_the_service(answered: Path) -> None:
    found = rows(answered / "due.arrow")
    assert in_order(found) == in_order(
        arrow.obligations(copies(COPIES), standards(), carry=["reference"], ids=True).drop_columns(["line"]).to_pylist()
    )
    # That these are the service's own is the first law of test_arrow.py.
    assert len(found) == len(expected()) * COPIES


@pytest.mark.spark
@needs_spark
def test_each_child_is_judged_as_in_one_process(answered: Path) -> None:
    found = rows(answered / "judged.arrow")
    in_time = cases().sort_by([("at", "ascending"), ("event", "ascending")])
    own = arrow.statuses(in_time, standards(), "2026-03-31", profile="swindon").drop_columns(["line"]).to_pylist()
    teams = [{**row, "team": None if row["child"] is None else row["child"] % 3} for row in own]
    assert in_order(found) == in_order(teams)
    assert {row["status"] for row in found} >= {"met", "met_late", "overdue", "undetermined", "fault"}
    assert {row["standards"] for row in found} == {standards().digest}


@pytest.mark.spark
@needs_spark
def test_the_job_writes_tables_that_say_together_what_one_process_says(answered: Path) -> None:
    own = arrow.obligations(copies(COPIES), standards(), carry=["reference"], lean=True).drop_columns(["line"])
    found = pq.read_table(answered / "job")
    assert in_order(found.to_pylist()) == in_order(own.to_pylist())
    assert found.schema.field("due_at").type == pa.timestamp("us", tz="UTC")
    assert in_order(pq.read_table(answered / "rules").to_pylist()) == in_order(arrow.rules(standards()).to_pylist())


@pytest.mark.spark
@needs_spark
def test_what_would_go_wrong_is_refused_before_a_task_runs(answered: Path) -> None:
    said = json.loads((answered / "refused.json").read_text(encoding="utf-8"))
    assert "pupil" in str(said["column"])
    assert "spark.sql.session.timeZone" in str(said["zone"])
    assert "title" not in said["lean"]


def test_the_number_of_partitions_is_wanted_where_the_platform_has_none() -> None:
    frame = Mock()
    frame.sparkSession.conf.get.side_effect = ["auto", "64"]
    with pytest.raises(ValueError, match="pass partitions, about four for each core"):
        spark._partitions(frame)
    assert spark._partitions(frame) == 64


def test_events_of_one_day_are_judged_alike_in_whatever_order_spark_collects_them() -> None:
    bundle = zlib.compress(write_bundle(standards().state))
    found = []
    for known in (["East", "West"], ["West", "East"]):
        events: list[dict[str, Any]] = [
            {"at": date(2025, 12, 18), "event": "strategy_discussion_held", "id": "1" + name} for name in known
        ]
        whole = [{**each, "facts": [("section_47_initiated", "true")], "team": each["id"][1:]} for each in events]
        kinds = {"at": pa.date32(), "event": pa.string(), "id": pa.string(), "team": pa.string()}
        event = pa.struct([*kinds.items(), ("facts", pa.map_(pa.string(), pa.string()))])
        one = pa.record_batch({"child": [510000], "events": pa.array([whole], pa.list_(event))})
        options = {"as_of": "2026-03-31", "profile": "swindon", "child": "child", "carry": ["team"]}
        found.append(
            [
                batch.to_pylist()
                for batch in answer_batches(iter([one]), standards().digest, bundle, "statuses", options)
            ]
        )
    assert found[0] == found[1]
    assert {(row["child"], row["team"]) for row in found[0][0]} == {(510000, "East")}


def test_an_executor_that_would_count_otherwise_is_refused() -> None:
    bundle = zlib.compress(write_bundle(standards().state))
    batch = copies(1).to_batches()[0]
    (answer,) = answer_batches(iter([batch]), standards().digest, bundle, "obligations", {"carry": ["reference"]})
    assert answer.num_rows == len(expected())
    assert len(every_event()) == batch.num_rows
    with pytest.raises(RuntimeError, match="install one wheel and one lock on both"):
        list(answer_batches(iter([batch]), "sha256:another", bundle, "obligations", {}))


def test_another_package_of_the_same_name_is_refused_by_its_file(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("", encoding="utf-8")
    script = (
        "import sys, pickle\n"
        "from app.frames.spark import _carrier\n"
        "from app.services.standards import Standards\n"
        "carried = _carrier(Standards.packaged(), 'obligations', {})\n"
        "for name in [name for name in sys.modules if name.split('.')[0] == 'app']: del sys.modules[name]\n"
        "sys.path.insert(0, sys.argv[1])\n"
        "try: list(carried(iter([])))\n"
        "except RuntimeError as error: print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path)], cwd=ROOT, check=True, capture_output=True, text=True
    )
    assert "the wheel of practice-deadlines" in done.stdout
    assert str(tmp_path / "app.py") in done.stdout

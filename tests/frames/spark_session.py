"""Answer every event of every profile on local[2], in a process of its own: `python -m … classic|connect FOLDER`.

Spark's warnings, its Java process and its one session for each process stay there.
"""

import json
import os
import runpy
import sys
from pathlib import Path
from unittest.mock import Mock

import pyarrow as pa
import pyarrow.ipc
from pyspark.errors import PySparkException
from pyspark.sql import SparkSession, functions

from app.frames import spark
from app.services.problems import Problem
from app.services.snapshot.bundle import write_bundle
from tests.frames.every_event import cases, copies, standards


def main(kind: str, folder: Path) -> None:
    """Write what Spark answers as Arrow files, and what it refuses as JSON."""
    os.environ["PYSPARK_PYTHON"] = sys.executable
    builder = SparkSession.builder.remote("local[2]") if kind == "connect" else SparkSession.builder.master("local[2]")
    # By default each shuffle has 200 partitions.
    builder = builder.config("spark.sql.shuffle.partitions", "4")
    session = builder.config("spark.sql.session.timeZone", "UTC").getOrCreate()
    session.createDataFrame(copies(10)).write.mode("overwrite").parquet(str(folder / "events"))
    events = session.read.parquet(str(folder / "events"))
    due = spark.obligations(events, standards(), carry=["reference"], ids=True, partitions=4)
    write(due.toArrow(), folder / "due.arrow")
    lean = spark.obligations(events.limit(20), standards(), lean=True, partitions=2)
    judged = spark.statuses(
        session.createDataFrame(cases()).withColumn("team", functions.col("child") % 3),
        standards(),
        "2026-03-31",
        profile="swindon",
        carry=["team"],
        partitions=4,
    )
    write(judged.toArrow(), folder / "judged.arrow")
    refused = {"lean": lean.columns}
    try:
        spark.obligations(events.withColumnRenamed("reference", "pupil"), standards())
    except Problem as problem:
        refused["column"] = [fault.message for fault in problem.faults]
    job(folder)
    session.conf.set("spark.sql.session.timeZone", "Europe/London")
    try:
        spark.obligations(events, standards(), carry=["reference"])
    except ValueError as error:
        refused["zone"] = [str(error)]
    (folder / "refused.json").write_text(json.dumps(refused), encoding="utf-8")
    session.stop()


def job(folder: Path) -> None:
    """Run the job script in this session: from a file of events and one of standards to files of answers and rules."""
    (folder / "standards.json").write_bytes(write_bundle(standards().state))
    names = {"--events": "events", "--out": "job", "--rules": "rules", "--standards": "standards.json"}
    paths = [word for option, name in names.items() for word in (option, str(folder / name))]
    sys.argv = [
        "job.py",
        "obligations",
        *paths,
        "--form",
        "parquet",
        "--carry",
        "reference",
        "--partitions",
        "4",
        "--lean",
    ]
    script = runpy.run_path("deploy/spark/job.py")
    assert script["main"]() == 0
    sys.argv += ["--carry", "pupil"]
    assert script["main"]() == 2
    serverless = Mock()
    serverless.conf.set.side_effect = PySparkException("CONFIG_NOT_AVAILABLE")
    script["write_instants_for_others"](serverless)
    serverless.conf.set.assert_called_once()


def write(table: pa.Table, path: Path) -> None:
    """Write a table as an Arrow file."""
    with pyarrow.ipc.new_file(str(path), table.schema) as writer:
        writer.write_table(table)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))

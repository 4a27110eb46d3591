"""Measure Spark on a number of cores, in a process of its own: `python -m bench.spark_session FOLDER CORES`.

The process, its Java and its Python workers are kept to as many cores of the machine as Spark is said to have, so that
a core has all of the work of an executor's core: reading, the shuffle, Java's side and Python's. A line of JSON says
what each kind of answer took.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as f

from app.frames import spark
from app.services.standards import Standards
from bench.server import processor
from bench.tables import AS_OF, CASES_OF

ROUNDS = 2
PARTITIONS = 8


def main(folder: Path, cores: int) -> None:
    """Answer the events and the cases of a folder, each once to start and warm the workers, then for the clock."""
    os.sched_setaffinity(0, set(sorted(os.sched_getaffinity(0))[:cores]))
    os.environ["PYSPARK_PYTHON"] = sys.executable
    session = (
        SparkSession.builder.master(f"local[{cores}]")
        .config("spark.sql.session.timeZone", "UTC")
        .config("spark.sql.parquet.outputTimestampType", "TIMESTAMP_MICROS")
        .config("spark.ui.enabled", "false")
        .getOrCreate()
    )
    session.sparkContext.setLogLevel("ERROR")
    standards = Standards.packaged()

    def spread(name: str) -> DataFrame:
        # A file as small as these is one task's work to read, and a cluster's table is many files.
        parts = str(folder / f"{name}-{cores}")
        session.read.parquet(str(folder / f"{name}.parquet")).repartition(PARTITIONS).write.parquet(parts)
        return session.read.parquet(parts)

    def measured(number: int, answer: Callable[[], DataFrame]) -> dict[str, Any]:
        out = str(folder / f"out-{cores}")
        costs = []
        for _ in range(1 + ROUNDS):
            used, began = processor(os.getpid()), time.perf_counter()
            answer().write.mode("overwrite").parquet(out)
            costs.append((time.perf_counter() - began, processor(os.getpid()) - used))
        statuses = session.read.parquet(out).groupBy("status").agg(f.count("*").alias("rows")).collect()
        counted = {row["status"]: row["rows"] for row in statuses}
        if not counted or "fault" in counted:
            raise RuntimeError(f"the answers are not those of sound rows: {counted}")
        first, *warm = costs
        return {
            "events": number,
            "rows": sum(counted.values()),
            "first": first[0],
            "seconds": min(clock for clock, _ in warm),
            "processor": min(used for _, used in warm),
        }

    events, cases = spread("events"), spread("cases")
    found = {
        "version": session.version,
        "obligations": measured(events.count(), lambda: spark.obligations(events, standards, partitions=PARTITIONS)),
        "statuses": measured(
            cases.count(),
            lambda: spark.statuses(cases, standards, AS_OF, profile=CASES_OF, partitions=PARTITIONS),
        ),
    }
    session.stop()
    print(json.dumps(found))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))

"""Answer a table of events on Spark, and write a table of obligations or statuses.

    spark-submit job.py obligations --events EVENTS --out OUT --standards standards.json --carry child_id
    spark-submit job.py statuses    --events EVENTS --out OUT --standards standards.json --profile KEY \
        --as-of 2026-03-31 --child child_id

EVENTS and OUT are names of tables, or paths where --form says what is there (parquet, delta, iceberg). The exit status
is 1 where a row could not be read, unless --faults-allowed, and 2 where a column, an option or the standards are wrong.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession


def main() -> int:
    """Answer a table; of columns, profiles or standards that cannot be right say each fault, and end with 2."""
    from app.services.standards import Problem

    try:
        return answer(arguments())
    except Problem as problem:
        print(problem.detail, *problem.faults, sep="\n", file=sys.stderr)
        return 2


def answer(chosen: argparse.Namespace) -> int:
    """Read, answer, write, and say how it went."""
    from pyspark.sql import SparkSession

    from app.frames import arrow, spark
    from app.services.standards import Standards

    standards = Standards.from_file(chosen.standards) if chosen.standards else Standards.packaged()
    session = SparkSession.builder.appName("practice-deadlines").getOrCreate()
    session.conf.set("spark.sql.session.timeZone", "UTC")
    write_instants_for_others(session)
    events = read(session, chosen.events, chosen.form)
    began = time.monotonic()
    if chosen.what == "obligations":
        rows = spark.obligations(
            events,
            standards,
            profile=chosen.profile,
            carry=chosen.carry,
            lean=chosen.lean,
            ids=chosen.ids,
            partitions=chosen.partitions,
        )
    else:
        rows = spark.statuses(
            events,
            standards,
            chosen.as_of,
            profile=chosen.profile,
            child=chosen.child,
            source=chosen.source,
            carry=chosen.carry,
            partitions=chosen.partitions,
        )
    write(rows, chosen.out, chosen.form, standards.digest)
    if chosen.rules:
        write(session.createDataFrame(arrow.rules(standards)), chosen.rules, chosen.form, standards.digest)
    seconds = time.monotonic() - began
    counted = {
        row["status"]: row["count"]
        for row in read(session, chosen.out, chosen.form).groupBy("status").count().collect()
    }
    print(json.dumps({"rows": counted, "seconds": round(seconds, 1), "standards": standards.digest}))
    return 1 if counted.get("fault") and not chosen.faults_allowed else 0


def write_instants_for_others(session: SparkSession) -> None:
    """Have instants written with their zone: by default others read those of Spark's Parquet files as without one.

    Serverless platforms let few settings be changed. That is said, and the job goes on: a Delta table's own schema has
    the zone.
    """
    from pyspark.errors import PySparkException

    setting = "spark.sql.parquet.outputTimestampType"
    try:
        session.conf.set(setting, "TIMESTAMP_MICROS")
    except PySparkException as error:
        print(f"{setting} stays as it is: {error}", file=sys.stderr)


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description="Answer a table of events on Spark.")
    parser.add_argument("what", choices=["obligations", "statuses"])
    parser.add_argument("--events", required=True, help="the table of events, or its path")
    parser.add_argument("--out", required=True, help="the table to write, or its path")
    parser.add_argument("--form", help="what the paths are: parquet, delta, iceberg; absent: they are names of tables")
    parser.add_argument("--standards", help="a file of `deadlines standards export`; absent: the packaged standards")
    parser.add_argument("--profile", help="the profile of rows that name none")
    parser.add_argument("--carry", action="append", default=[], help="a column that passes through")
    parser.add_argument(
        "--lean", action="store_true", help="obligations: leave the rules' words to the table of --rules"
    )
    parser.add_argument("--ids", action="store_true", help="obligations: add the calculation_id")
    parser.add_argument("--rules", help="write what each rule says to this table")
    parser.add_argument("--as-of", help="statuses: the day or instant at which the cases are looked at")
    parser.add_argument("--child", default="child", help="statuses: the column that names the child")
    parser.add_argument("--source", help="statuses: the return that the events come from")
    parser.add_argument("--partitions", type=int, help="about four for each core; absent: spark.sql.shuffle.partitions")
    parser.add_argument("--faults-allowed", action="store_true", help="end with 0 where rows could not be read")
    chosen = parser.parse_args()
    if chosen.what == "statuses" and not (chosen.as_of and chosen.profile):
        parser.error("statuses need --as-of and --profile")
    of_the_other = {"statuses": ("lean", "ids"), "obligations": ("as_of", "source")}[chosen.what]
    for name in of_the_other:
        if getattr(chosen, name):
            parser.error(f"--{name.replace('_', '-')} is not for {chosen.what}")
    if chosen.out == chosen.events:
        parser.error("--out would overwrite --events")
    return chosen


def read(session: SparkSession, name: str, form: str | None) -> DataFrame:
    """Read a table by its name, or by its path and form."""
    return session.read.format(form).load(name) if form else session.table(name)


def write(frame: DataFrame, name: str, form: str | None, digest: str) -> None:
    """Write a table in the place of what was there; where tables have comments, with what it was counted by."""
    writer: Any = frame.write.mode("overwrite")
    if form:
        writer.format(form).save(name)
    else:
        writer.saveAsTable(name)
        frame.sparkSession.sql(f"ALTER TABLE {name} SET TBLPROPERTIES ('deadlines.standards' = '{digest}')")


if __name__ == "__main__":
    sys.exit(main())

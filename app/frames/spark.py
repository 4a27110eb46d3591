"""Spark data frames of events in, data frames of obligations or statuses out: classic Spark and Spark Connect alike.

The standards travel in the closure as a compressed bundle without keys, and are compiled once in each Python worker.
Executors need this package by its wheel; what they lack or have in another version is refused by name.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from app.frames.arrow import obligation_schema
from app.frames.spark_executor import EVENTS
from app.services.bulk import Plan, WholeCases, check_plan
from app.services.bulk.case_answers import status_schema
from app.services.snapshot.bundle import write_bundle
from app.services.standards.loading import Standards
from app.services.standards.values import as_sent

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.sql import DataFrame

UTC_NAMES = frozenset({"UTC", "Etc/UTC", "Z", "GMT", "+00:00"})


def obligations(
    df: DataFrame, standards: Standards, *, carry: Sequence[str] = (), partitions: int | None = None, **options: Any
) -> DataFrame:
    """Return a row for each obligation, as `arrow.obligations` does with the same options; `line` is left out.

    Rows are spread evenly over the partitions: Spark splits a small file by bytes, which leaves most rows to one core.
    """
    lean, ids = bool(options.get("lean")), bool(options.get("ids"))
    check_plan(
        standards.snapshot, Plan("arrow", "arrow", tuple(df.columns), options.get("profile"), carry=tuple(carry))
    )
    schema = _schema(df, carry, obligation_schema(lean=lean, ids=ids))
    answer = _carrier(standards, "obligations", {**options, "carry": list(carry)})
    return df.repartition(partitions or _partitions(df)).mapInArrow(answer, schema)


def statuses(
    df: DataFrame,
    standards: Standards,
    as_of: date | datetime | str,
    *,
    profile: str,
    child: str = "child",
    source: str | None = None,
    carry: Sequence[str] = (),
    partitions: int | None = None,
) -> DataFrame:
    """Return what became of every obligation of each child's events by a day, as `arrow.statuses`; without `line`.

    What `carry` names passes through from the child's first event.
    """
    from pyspark.sql import functions as f

    whole = WholeCases(str(as_sent(as_of)), child, source)
    plan = Plan("arrow", "arrow", tuple(df.columns), profile, carry=tuple(carry), whole_cases=whole)
    check_plan(standards.snapshot, plan)
    schema = _schema(df, plan.passing, status_schema())
    options = {"as_of": whole.as_of, "profile": profile, "child": child, "source": source, "carry": list(carry)}
    event = f.struct(*(f.col(name) for name in df.columns if name != child))
    cases = df.groupBy(child).agg(f.collect_list(event).alias(EVENTS))
    return cases.repartition(partitions or _partitions(df)).mapInArrow(_carrier(standards, "statuses", options), schema)


def _carrier(
    standards: Standards, what: str, options: dict[str, Any]
) -> Callable[[Iterator[pa.RecordBatch]], Iterator[pa.RecordBatch]]:
    """Return what runs on the executors. It imports `app` there itself, so that a missing one is refused by name."""
    digest, bundle = standards.digest, zlib.compress(write_bundle(standards.state))

    def carry_out(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        try:
            from app.frames.spark_executor import answer_batches
        except ImportError as error:
            import sys

            other = getattr(sys.modules.get("app"), "__file__", None)
            where = f"another module named app stands in its place here: {other}" if other else "it is not installed"
            raise RuntimeError(f"the executors need the wheel of practice-deadlines; {where}") from error
        yield from answer_batches(batches, digest, bundle, what, options)

    return carry_out


def _schema(df: DataFrame, carried: Sequence[str], own: pa.Schema) -> Any:
    """Return the columns of an answer as Spark has them."""
    from pyspark.sql.pandas.types import from_arrow_schema
    from pyspark.sql.types import StructType

    zone = df.sparkSession.conf.get("spark.sql.session.timeZone")
    if zone not in UTC_NAMES:
        raise ValueError(f"the session's time zone is {zone}: set spark.sql.session.timeZone to UTC")
    left_out = {"line", *carried}
    answer = from_arrow_schema(own)
    return StructType([*(df.schema[name] for name in carried), *(each for each in answer if each.name not in left_out)])


def _partitions(df: DataFrame) -> int:
    """Return what the session says. Raises ValueError where that is `auto`, as on serverless Databricks."""
    number = df.sparkSession.conf.get("spark.sql.shuffle.partitions") or "1"
    if not number.isdecimal():
        raise ValueError(f"spark.sql.shuffle.partitions is {number}: pass partitions, about four for each core")
    return int(number)

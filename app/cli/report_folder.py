"""The folder of a collection year: figures to be shared, and rows of children that are not."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from app.cli.errors import fail

SHARED = ("report.html", "measures.csv", "months.csv", "bands.csv", "left-out.csv", "standards.csv", "refused.csv")
CHILDREN = "children"
Row = Mapping[str, Any]


class ReportFolder:
    """Writes the files of one run. Exits with a message where an earlier run's would be overwritten unasked."""

    def __init__(self, path: Path, *, force: bool) -> None:
        self.path = path
        present = [name for name in (*SHARED, CHILDREN) if (path / name).exists()]
        if present and not force:
            fail(f"{path} has {present[0]} already", "name another folder, or overwrite it with --force")
        try:
            (path / CHILDREN).mkdir(parents=True, exist_ok=True)
        except OSError as error:
            fail(f"{path} cannot be written: {error.strerror or error}")

    @contextmanager
    def rows(self, name: str, columns: Sequence[str]) -> Iterator[Callable[[Iterable[Row]], None]]:
        """Write rows about children as CSV while they come, and the same table as Parquet at the end."""
        from app.services.exports.csv_writer import CsvWriter

        target = self.path / CHILDREN / f"{name}.csv"
        writer = CsvWriter()
        writer.write(columns)
        with target.open("wb") as file:

            def write(rows: Iterable[Row]) -> None:
                for row in rows:
                    writer.write(row.get(column) for column in columns)
                file.write(writer.take())

            write(())
            yield write
        _to_parquet(target, columns)

    def write(self, name: str, text: str) -> None:
        """Write one file."""
        (self.path / name).write_text(text, encoding="utf-8")

    def write_figures(self, answer: dict[str, Any], *, exact: bool) -> None:
        """Write the tables of the figures, small numbers suppressed unless they are to be exact."""
        from app.services.measures.suppression import shared

        figures: dict[str, Any] = shared(answer, exact=exact)
        measures = figures["measures"]
        self._table(
            "measures.csv", ("key", "title", "numerator", "denominator", "share", "published", "counts"), measures
        )
        for name, part, columns in (
            ("months.csv", "months", ("month", "numerator", "denominator", "share", "median_days")),
            ("bands.csv", "bands", ("working_days", "count")),
            ("left-out.csv", "left_out", ("reason", "count")),
            ("standards.csv", "standards", ("profile", "duty", "title", "met", "judged", "share_in_time_lowest",
                                            "share_in_time_highest", "unobservable", "undetermined")),
        ):  # fmt: skip
            rows = [{"measure": measure["key"], **row} for measure in measures for row in measure[part]]
            self._table(name, ("measure", *columns), rows)
        refused = [
            {"place": each["place"], "reference": each["reference"], "path": fault.get("path"),
             "message": fault.get("message") or each["problem"]["detail"], "remedy": fault.get("remedy")}
            for each in answer["refused"] for fault in each["problem"].get("errors") or [{}]
        ]  # fmt: skip
        self._table("refused.csv", ("place", "reference", "path", "message", "remedy"), refused)

    def _table(self, name: str, columns: Sequence[str], rows: Iterable[Row]) -> None:
        from app.services.exports.csv_writer import CsvWriter

        writer = CsvWriter()
        writer.write(columns)
        for row in rows:
            writer.write(row.get(column) for column in columns)
        (self.path / name).write_bytes(writer.take())


def _to_parquet(source: Path, columns: Sequence[str]) -> None:
    """Write a table of rows as Parquet with dates as dates; without the library for it, the CSV stands alone."""
    try:
        import polars as pl
    except ImportError:
        return
    texts = dict.fromkeys(columns, pl.String)
    frame = pl.scan_csv(source, schema_overrides=texts)
    typed = [
        pl.col(column).str.to_date("%Y-%m-%d", strict=False)
        for column in columns
        if column in {"started_on", "due_date", "done_on"}
    ]
    numbers = [
        pl.col(column).cast(pl.Int64, strict=False)
        for column in columns
        if column in {"profile_version", "days", "calendar_days", "working_days"}
    ]
    truths = [
        (pl.col(column) == "true").alias(column)
        for column in columns
        if column in {"missed", "excused", "trackable", "observable", "in_window", "in_time"}
    ]
    frame.with_columns(*typed, *numbers, *truths).sink_parquet(source.with_suffix(".parquet"))

"""What a bulk run reads: lines of text, or rows of a table, in blocks for several processes."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Protocol

from app.cli.blocks import Block, blocks
from app.cli.columnar_files import ColumnarInput
from app.cli.errors import fail
from app.cli.input_stream import open_input
from app.cli.whole_cases import whole_cases

if TYPE_CHECKING:
    from app.services.bulk import Plan

MAX_HEADER_BYTES = 1024 * 1024


class Source(Protocol):
    """An input: its plan with the header, where its lines begin, and whether it can be gone on with."""

    plan: Plan
    start: int
    first_line: int
    regular: bool
    size: int | None

    def blocks(self, read: int, next_line: int) -> Iterator[Block]:
        """Yield the blocks after what was read before."""

    def position(self, read: int) -> int:
        """Return how much of `size` has been read."""


class LineSource:
    """Lines of CSV or NDJSON, from a file, a pipe or the standard input, compressed or not."""

    def __init__(self, path: Path, plan: Plan, stack: ExitStack) -> None:
        self._input = open_input(path, stack)
        self.plan, self.start, self.first_line = _header(plan, self._input.lines)
        self.regular, self.size = self._input.regular, self._input.size

    def blocks(self, read: int, next_line: int) -> Iterator[Block]:
        """Yield whole lines."""
        if self.plan.whole_cases is not None and self.plan.reads == "csv":
            every = blocks(self._input.lines, self.start, self.first_line, quoted=True)
            return _after(read, whole_cases(every, self.plan, self.plan.whole_cases.child))
        if read != self.start:
            self._input.lines.seek(read)
        return blocks(self._input.lines, read, next_line, quoted=self.plan.reads == "csv")

    def position(self, read: int) -> int:
        """Return how many bytes of the file have been read, as it lies on the disk."""
        del read
        return self._input.position()


class RowSource:
    """Rows of a Parquet or Arrow file."""

    start = 0
    first_line = 1

    def __init__(self, path: Path, plan: Plan) -> None:
        self._table = ColumnarInput(path, plan.reads)
        self.plan = replace(plan, header=tuple(self._table.schema.names))
        self.size = self._table.rows
        self.regular = self.size is not None
        self.carried = [self._table.schema.field(name) for name in plan.passing if name in self._table.schema.names]

    def blocks(self, read: int, next_line: int) -> Iterator[Block]:
        """Yield batches of rows."""
        del next_line
        if self.plan.whole_cases is not None:
            return _after(read, whole_cases(self._table.blocks(0), self.plan, self.plan.whole_cases.child))
        return self._table.blocks(read)

    def position(self, read: int) -> int:
        """Return how many rows have been read."""
        return read


def open_source(path: Path, plan: Plan, stack: ExitStack) -> LineSource | RowSource:
    """Open an input in its form. Exits with a message where it cannot be read."""
    from app.services.bulk import COLUMNAR

    return RowSource(path, plan) if plan.reads in COLUMNAR else LineSource(path, plan, stack)


def _after(read: int, every: Iterator[Block]) -> Iterator[Block]:
    """Leave out what was answered before: whether a child's rows stand together is seen from the beginning alone."""
    return (block for block in every if block.end > read)


def _header(plan: Plan, lines: BinaryIO) -> tuple[Plan, int, int]:
    """Read the CSV header; return the plan with it, the offset of the next line and that line's number."""
    if plan.reads != "csv":
        return plan, 0, 1
    first = lines.readline(MAX_HEADER_BYTES)
    try:
        names = next(csv.reader([first.decode("utf-8-sig", errors="replace")]), [])
    except csv.Error:
        fail("the first line is no header of CSV", "name its columns, separated by commas; end lines with a line feed")
    return replace(plan, header=tuple(name.strip() for name in names)), len(first), 2

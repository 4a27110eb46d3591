"""Cut a table of events where one child's rows end, so that each block has whole cases."""

from __future__ import annotations

import csv
import io
from collections.abc import Hashable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from app.cli.blocks import Block
from app.cli.errors import fail

if TYPE_CHECKING:
    from app.services.bulk import Plan

MAX_ROWS_OF_A_CHILD = 10_000


def whole_cases(blocks: Iterator[Block], plan: Plan, child: str) -> Iterator[Block]:
    """Yield blocks that end where a child's rows end. The input has to be read from its beginning.

    Exits with a message, which names the row and the column, where a child comes back after others did. What was seen
    of each child is its name alone.
    """
    cut = _cut_rows if plan.reads in {"parquet", "arrow"} else _cut_lines
    yield from cut(blocks, child, list(plan.header), _Seen(child))


class _Seen:
    """The children whose rows came before."""

    def __init__(self, column: str) -> None:
        self._column = column
        self._children: set[Hashable] = set()
        self._current: Hashable = None
        self._rows = 0

    def begins(self, child: Any, row: int) -> bool:
        """Return True if a row begins another child's; a row that names none is a case of its own."""
        if isinstance(child, list | dict):
            child = None
        if child is not None and child == self._current:
            self._rows += 1
            if self._rows > MAX_ROWS_OF_A_CHILD:
                more = f"more than {MAX_ROWS_OF_A_CHILD:,} rows have the same {self._column}, up to row {row:,}"
                fail(more, "name the child's column with --child")
            return False
        if child is not None and child in self._children:
            fail(
                f"row {row:,}: the rows of this {self._column} do not stand together",
                f"sort the table by {self._column}",
            )
        if self._current is not None:
            self._children.add(self._current)
        self._current, self._rows = child, 1
        return True


def _cut_rows(blocks: Iterator[Block], child: str, header: Sequence[str], seen: _Seen) -> Iterator[Block]:
    """Cut record batches."""
    del header
    import pyarrow as pa

    from app.services.bulk.arrow_values import python_values, read_batch, to_stream

    waiting: pa.RecordBatch | None = None
    end = first = 0
    for block in blocks:
        batch = read_batch(block.text)
        keys = python_values(batch.column(child))
        starts = [place for place, key in enumerate(keys) if seen.begins(key, block.first_line + place)]
        if waiting is not None:
            starts = [waiting.num_rows + place for place in starts]
            batch = pa.concat_batches([waiting, batch])
        else:
            first = block.first_line
        end, last = block.end, starts[-1] if starts else 0
        if last:
            yield Block(to_stream(batch.slice(0, last)), first, last, first - 1 + last)
            first += last
        waiting = batch.slice(last)
    if waiting is not None:
        yield Block(to_stream(waiting), first, waiting.num_rows, end)


def _cut_lines(blocks: Iterator[Block], child: str, header: Sequence[str], seen: _Seen) -> Iterator[Block]:
    """Cut lines of CSV. A row that cannot be read stays with those next to it."""
    place = header.index(child)
    waiting: list[bytes] = []
    first: int | None = None
    end = 0
    for block in blocks:
        lines = io.BytesIO(block.text).readlines()
        first = block.first_line if first is None else first
        starts = [len(waiting) + line for line in _starts(lines, place, len(header), seen, block.first_line)]
        lines = [*waiting, *lines]
        last = starts[-1] if starts else 0
        waiting = lines[last:]
        if last:
            text = b"".join(lines[:last])
            yield Block(text, first, last, block.end - sum(map(len, waiting)))
            first += last
        end = block.end
    if first is not None and waiting:
        yield Block(b"".join(waiting), first, len(waiting), end)


def _starts(lines: Sequence[bytes], place: int, width: int, seen: _Seen, first: int) -> Iterator[int]:
    """Yield the line of each row that begins another child's rows."""
    reader = csv.reader((line.decode("utf-8", errors="replace") for line in lines), strict=True)
    after_fault = False
    while True:
        line = reader.line_num
        try:
            row = next(reader, None)
        except csv.Error:
            after_fault = True
            continue
        if row is None:
            return
        if len(row) != width:
            after_fault = after_fault or bool(row)
            continue
        if seen.begins(row[place].strip() or None, first + line) and not after_fault:
            yield line
        after_fault = False

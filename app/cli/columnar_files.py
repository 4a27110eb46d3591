"""Read and write Parquet and Arrow files for bulk commands, a batch of rows at a time."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from app.cli.blocks import Block
from app.cli.errors import BrokenInput, fail
from app.cli.input_stream import PIPE

if TYPE_CHECKING:
    import pyarrow as pa

BATCH_ROWS = 4_096
ROW_GROUP_ROWS = 65_536


class ColumnarInput:
    """The rows of a Parquet or Arrow file, in batches; `rows` is None of an Arrow stream that comes through a pipe.

    Exits with a message where it cannot be read.
    """

    def __init__(self, path: Path, form: str) -> None:
        require_arrow()
        import pyarrow as pa
        import pyarrow.parquet as pq

        regular = path.is_file()
        if str(path) != PIPE and not path.exists():
            fail(f"{path} cannot be read: there is no such file")
        if path.is_dir():
            fail(f"{path} is a folder", "name one of the files in it")
        if form == "parquet" and not regular:
            fail(f"{path} is no file: Parquet is read from its end", "name a file, or send an Arrow stream")
        self._path = path
        self.rows: int | None = None
        try:
            self._parquet: Any = pq.ParquetFile(path) if form == "parquet" else None
            if self._parquet is not None:
                self.rows = self._parquet.metadata.num_rows
                self.schema: pa.Schema = self._parquet.schema_arrow
                return
            if regular:
                self.rows = sum(batch.num_rows for batch in _arrow_batches(_arrow_reader(path)))
            self._arrow = _arrow_reader(path)
            self.schema = self._arrow.schema
        except (OSError, pa.ArrowException) as error:
            reason = f"{path} cannot be read as {form}: {str(error).splitlines()[0][:200]}"
            fail(reason, *() if regular else ("through a pipe comes Arrow's form of a stream, not that of a file",))

    def blocks(self, start: int) -> Iterator[Block]:
        """Yield the batches after so many rows, each as a stream of its own."""
        from app.services.bulk.arrow_values import to_stream

        row = 0
        for whole in self._batches():
            for offset in range(0, whole.num_rows, BATCH_ROWS):
                batch = whole.slice(offset, BATCH_ROWS)
                before, row = row, row + batch.num_rows
                if row <= start:
                    continue
                if before < start:
                    batch, before = batch.slice(start - before), start
                yield Block(to_stream(batch), before + 1, batch.num_rows, row)

    def _batches(self) -> Iterator[pa.RecordBatch]:
        import pyarrow as pa

        try:
            yield from self._parquet.iter_batches(BATCH_ROWS) if self._parquet else _arrow_batches(self._arrow)
        except (OSError, pa.ArrowException) as error:
            raise BrokenInput(self._path, error) from error


def _arrow_reader(path: Path) -> Any:
    """Open an Arrow file, in its file form or its stream form, or a stream from a pipe."""
    import pyarrow as pa

    if not path.is_file():
        return pa.ipc.open_stream(sys.stdin.buffer if str(path) == PIPE else path.open("rb"))
    try:
        return pa.ipc.open_file(pa.memory_map(str(path)))
    except pa.ArrowInvalid:
        return pa.ipc.open_stream(pa.memory_map(str(path)))


def _arrow_batches(reader: Any) -> Iterator[pa.RecordBatch]:
    if hasattr(reader, "num_record_batches"):
        for number in range(reader.num_record_batches):
            yield reader.get_batch(number)
    else:
        yield from reader


def partial_path(target: Path) -> Path:
    """Return where answers are collected until the file is whole: a Parquet file cannot be gone on with."""
    return target.with_name(f"{target.name}.partial")


def write_columnar(partial: Path, target: Path, form: str, schema: pa.Schema) -> None:
    """Write the collected answers as one Parquet or Arrow file, in the place of what was there, and remove them."""
    draft = target.with_name(f"{target.name}.new")
    try:
        _write_draft(draft, partial, form, schema)
    except OSError:
        draft.unlink(missing_ok=True)
        raise
    draft.replace(target)
    partial.unlink()


def _write_draft(draft: Path, partial: Path, form: str, schema: pa.Schema) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    from app.services.bulk.arrow_values import written_out

    writer: Any = (
        pq.ParquetWriter(draft, schema, compression="zstd")
        if form == "parquet"
        else pa.ipc.new_file(str(draft), schema, options=pa.ipc.IpcWriteOptions(compression="zstd"))
    )
    with writer, partial.open("rb") as source:
        waiting: list[pa.RecordBatch] = []
        for batch in streams(source):
            waiting.append(written_out(batch, schema))
            if sum(each.num_rows for each in waiting) >= ROW_GROUP_ROWS:
                writer.write_table(pa.Table.from_batches(waiting, schema))
                waiting = []
        if waiting:
            writer.write_table(pa.Table.from_batches(waiting, schema))


class _PipedStream:
    """One Arrow stream on a pipe, made of the streams of the blocks."""

    def __init__(self, out: BinaryIO, writer: Any, schema: pa.Schema) -> None:
        self._out = out
        self._writer = writer
        self._schema = schema

    def write(self, output: bytes) -> None:
        import pyarrow as pa

        from app.services.bulk.arrow_values import written_out

        if not output:
            return
        with pa.ipc.open_stream(output) as reader:
            for batch in reader:
                self._writer.write_batch(written_out(batch, self._schema))

    def flush(self) -> None:
        self._out.flush()


@contextmanager
def piped_stream(out: BinaryIO, schema: pa.Schema) -> Iterator[_PipedStream]:
    """Give what makes one Arrow stream on a pipe of the streams of the blocks; without rows it has its columns."""
    import pyarrow as pa

    with pa.ipc.new_stream(out, schema) as writer:
        yield _PipedStream(out, writer, schema)


def streams(source: BinaryIO) -> Iterator[pa.RecordBatch]:
    """Yield the batches of streams that stand one after another."""
    import pyarrow as pa

    while source.peek(1):  # type: ignore[attr-defined]  # a buffered file has it
        with pa.ipc.open_stream(source) as reader:
            yield from reader


def require_arrow() -> None:
    """Exit with a message where the library for Parquet and Arrow is not installed."""
    from importlib.util import find_spec

    if find_spec("pyarrow") is None:
        fail("Parquet and Arrow need the extra `arrow`", "pip install 'practice-deadlines[arrow]'")

"""Open what a bulk command reads: a file, a pipe or the standard input, compressed or not."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import stat
import sys
import zlib
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

from app.cli.errors import BrokenInput, fail

PIPE = "-"
COMPRESSED: dict[bytes, Callable[[BinaryIO], BinaryIO]] = {
    b"\x1f\x8b": lambda raw: cast(BinaryIO, gzip.GzipFile(fileobj=raw)),
    b"BZh": lambda raw: cast(BinaryIO, bz2.BZ2File(raw)),
    b"\xfd7zXZ\x00": lambda raw: cast(BinaryIO, lzma.LZMAFile(raw)),  # noqa: SIM115 - closed with what it reads
}
SUFFIXES = (".gz", ".bz2", ".xz")
"""Left out where a file's name says its form; whether it is compressed is seen from its first bytes."""
NOT_LINES = {
    b"(\xb5/\xfd": ("compressed by zstd", "zstdcat FILE | deadlines … -"),
    b"PK\x03\x04": ("a zip file or a workbook", "unpack it, or save the sheet as CSV"),
    b"PAR1": ("Parquet", "add --from parquet"),
    b"ARROW1": ("Arrow", "add --from arrow"),
    b"\xff\xfe": ("text in UTF-16", "save it as UTF-8"),
}
"""What is no text, by its first bytes, and what to do about it."""
HEAD = max(map(len, [*COMPRESSED, *NOT_LINES]))
READ_BYTES = 128 * 1024


@dataclass(frozen=True, slots=True)
class InputStream:
    """What is read, uncompressed; `size` is that of the file as it lies on the disk, None of a pipe."""

    lines: BinaryIO
    size: int | None
    raw: BinaryIO

    @property
    def regular(self) -> bool:
        """Return True if it is a file, which can be opened again and gone on with. Of a pipe every byte comes once."""
        return self.size is not None

    def position(self) -> int:
        """Return how much of the file was read so far, compressed as it lies there."""
        return self.raw.tell() if self.regular else 0


def open_input(path: Path, stack: ExitStack) -> InputStream:
    """Open an input. A named pipe, a process substitution or the standard input is opened once and read to its end.

    Exits with a message where it cannot be read.
    """
    if str(path) == PIPE:
        raw = sys.stdin.buffer
    else:
        try:
            raw = stack.enter_context(path.open("rb"))
        except OSError as error:
            fail(f"{path} cannot be read: {error.strerror or error}")
    status = os.fstat(raw.fileno()) if str(path) != PIPE else None
    size = status.st_size if status is not None and stat.S_ISREG(status.st_mode) else None
    head = raw.read(HEAD)
    _refuse_what_is_no_text(path, head)
    if size is None:
        raw = cast(BinaryIO, io.BufferedReader(_Rejoined(head, raw)))
    else:
        raw.seek(0)
    opener = next((opener for magic, opener in COMPRESSED.items() if head.startswith(magic)), None)
    if opener is None:
        return InputStream(raw, size, raw)
    return InputStream(cast(BinaryIO, io.BufferedReader(_Unpacked(path, opener(raw)), READ_BYTES)), size, raw)


def _refuse_what_is_no_text(path: Path, head: bytes) -> None:
    for magic, (what, remedy) in NOT_LINES.items():
        if head.startswith(magic):
            fail(f"{path} is {what}, and not lines of text", remedy)


class _Unpacked(io.RawIOBase):
    """What a compressed stream has, with one error for whatever is wrong with it. Raises BrokenInput."""

    def __init__(self, path: Path, packed: BinaryIO) -> None:
        self._path = path
        self._packed = packed

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return self._packed.seekable()

    def tell(self) -> int:
        return self._packed.tell()

    def seek(self, offset: int, whence: int = 0) -> int:
        try:
            return self._packed.seek(offset, whence)
        except (OSError, EOFError, zlib.error, lzma.LZMAError) as error:
            raise BrokenInput(self._path, error) from error

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]  # the base's type is that of any buffer
        try:
            taken = self._packed.read(len(buffer))
        except (OSError, EOFError, zlib.error, lzma.LZMAError) as error:
            raise BrokenInput(self._path, error) from error
        buffer[: len(taken)] = taken
        return len(taken)


class _Rejoined(io.RawIOBase):
    """A stream whose first bytes were read already, put together again."""

    def __init__(self, head: bytes, rest: BinaryIO) -> None:
        self._head = head
        self._rest = rest

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]  # the base's type is that of any buffer
        if self._head:
            taken, self._head = self._head[: len(buffer)], self._head[len(buffer) :]
        else:
            taken = self._rest.read1(len(buffer)) if hasattr(self._rest, "read1") else self._rest.read(len(buffer))
        buffer[: len(taken)] = taken
        return len(taken)

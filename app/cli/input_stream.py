"""Open what a bulk command reads: a file, a pipe or the standard input, compressed or not."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import stat
import sys
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

from app.cli.errors import fail

PIPE = "-"
COMPRESSED: dict[bytes, Callable[[BinaryIO], BinaryIO]] = {
    b"\x1f\x8b": lambda raw: cast(BinaryIO, gzip.GzipFile(fileobj=raw)),
    b"BZh": lambda raw: cast(BinaryIO, bz2.BZ2File(raw)),
    b"\xfd7zXZ\x00": lambda raw: cast(BinaryIO, lzma.LZMAFile(raw)),  # noqa: SIM115 - closed with what it reads
}
SUFFIXES = (".gz", ".bz2", ".xz")
"""Left out where a file's name says its form; whether it is compressed is seen from its first bytes."""
HEAD = max(map(len, COMPRESSED))


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
    if size is None:
        raw = cast(BinaryIO, io.BufferedReader(_Rejoined(head, raw)))
    else:
        raw.seek(0)
    opener = next((opener for magic, opener in COMPRESSED.items() if head.startswith(magic)), None)
    return InputStream(raw if opener is None else opener(raw), size, raw)


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

"""Read NDJSON as it arrives: one unfinished line in memory, and none that is longer than is read."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence

MAX_LINE_BYTES = 1024 * 1024
MAX_TOGETHER = 32


class LineReader(ABC):
    """Answer lines as they arrive: `feed` it bytes, then `finish`.

    Holds at most one unfinished line. A line that is too long is None in its place, and its bytes are dropped as they
    arrive.
    """

    def __init__(self, *, max_line_bytes: int = MAX_LINE_BYTES) -> None:
        self._max_line_bytes = max_line_bytes
        self._unfinished = bytearray()
        self._dropping = False

    @abstractmethod
    def _answer(self, lines: Sequence[bytes | None]) -> Iterator[bytes]:
        """Return the answers to some whole lines."""

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        """Return the answers to the lines that end in this chunk."""
        *lines, rest = chunk.split(b"\n")
        for start in range(0, len(lines), MAX_TOGETHER):
            yield from self._answer([self._complete(line) for line in lines[start : start + MAX_TOGETHER]])
        self._append(rest)

    def finish(self) -> Iterator[bytes]:
        """Return the answer to a last line without an end, if there is one."""
        if self._unfinished or self._dropping:
            yield from self.feed(b"\n")

    def _append(self, part: bytes) -> None:
        if self._dropping or len(self._unfinished) + len(part) > self._max_line_bytes:
            self._dropping = True
            self._unfinished.clear()
        else:
            self._unfinished += part

    def _complete(self, end: bytes) -> bytes | None:
        """Return a line that has ended, None if it was too long."""
        self._append(end)
        line, dropped = bytes(self._unfinished).strip(b" \t\r"), self._dropping
        self._unfinished.clear()
        self._dropping = False
        return None if dropped else line

"""Read a large file in blocks of whole lines, from any offset where a block began."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

BLOCK_BYTES = 128 * 1024
MAX_RECORD_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Block:
    """Whole lines of a file. `first_line` counts from 1; `end` is the offset in bytes after the last line."""

    text: bytes
    first_line: int
    lines: int
    end: int


def blocks(source: BinaryIO, start: int, first_line: int, *, quoted: bool) -> Iterator[Block]:
    """Yield blocks of whole lines from a byte offset on.

    With `quoted` (CSV), a line break inside quotation marks does not end a record, up to MAX_RECORD_BYTES.
    """
    offset, line = start, first_line
    while lines := source.readlines(BLOCK_BYTES):
        if quoted:
            size = 0
            while sum(item.count(b'"') for item in lines) % 2 and size < MAX_RECORD_BYTES:
                more = source.readline(MAX_RECORD_BYTES)
                if not more:
                    break
                size += len(more)
                lines.append(more)
        text = b"".join(lines)
        offset += len(text)
        yield Block(text, line, len(lines), offset)
        line += len(lines)

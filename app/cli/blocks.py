"""A large file read in blocks of whole lines, from any place where a block began."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

BLOCK = 128 * 1024
LONGEST_RECORD = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Block:
    """Whole lines: the number of the first, how many there are, and how many bytes were read when they end."""

    text: bytes
    first_line: int
    lines: int
    end: int


def blocks(source: BinaryIO, start: int, first_line: int, *, quoted: bool) -> Iterator[Block]:
    """The blocks from a byte offset on. With `quoted`, a line break inside quotation marks does not end a record."""
    offset, line = start, first_line
    while lines := source.readlines(BLOCK):
        if quoted:
            size = 0
            while sum(item.count(b'"') for item in lines) % 2 and size < LONGEST_RECORD:
                more = source.readline(LONGEST_RECORD)
                if not more:
                    break
                size += len(more)
                lines.append(more)
        text = b"".join(lines)
        offset += len(text)
        yield Block(text, line, len(lines), offset)
        line += len(lines)

"""Read cases from a file of lines, with the progress shown on a terminal."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import BinaryIO

from app.cli.errors import WRONG_USE, fail
from app.cli.output import console

PIPE = "-"


def read_cases(path: Path) -> Iterator[tuple[str, object]]:
    """Yield each case with its line; the last line of an import, which says how it went, is no case.

    A line that is not JSON is yielded as its text, to be refused in its place.
    """
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    with ExitStack() as stack:
        lines, size = _opened(path, stack)
        where = console(err=True)
        bar = stack.enter_context(
            Progress(
                BarColumn(),
                TextColumn("{task.percentage:>3.0f}%"),
                TextColumn("{task.fields[read]:,} cases"),
                TimeRemainingColumn(),
                console=where,
                disable=not where.is_terminal,
            )
        )
        task = bar.add_task("", total=size, read=0)
        count = 0
        for number, line in enumerate(lines, start=1):
            bar.update(task, advance=len(line), read=count)
            if not line.strip():
                continue
            case = _parsed(line)
            if isinstance(case, dict) and "events" not in case and "counts" in case:
                continue
            count += 1
            yield f"line {number}", case


def _parsed(line: bytes) -> object:
    import orjson

    try:
        return orjson.loads(line)
    except orjson.JSONDecodeError:
        return line.decode("utf-8", errors="replace")[:0]


def _opened(path: Path, stack: ExitStack) -> tuple[BinaryIO, int | None]:
    """Open the file, and return its size where it has one: a pipe has none."""
    if str(path) == PIPE:
        return sys.stdin.buffer, None
    try:
        lines = stack.enter_context(path.open("rb"))
    except OSError as error:
        fail(f"{path} cannot be read: {error.strerror or error}", status=WRONG_USE)
    found = os.fstat(lines.fileno())
    return lines, found.st_size if stat.S_ISREG(found.st_mode) else None

"""Count the cases of a file in several processes, in order."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from app.cli.blocks import Block, blocks
from app.cli.input_stream import open_input
from app.cli.output import console
from app.cli.workers import in_order

if TYPE_CHECKING:
    from app.services.calculation.response import Json
    from app.services.measures.request import YearRequest
    from app.services.measures.year import YearPart
    from app.services.ports import StoredState
    from app.services.snapshot.snapshot import Snapshot

# Two processes take a second to start: a shorter file is counted sooner by one.
ALONE_BYTES = 256 * 1024

_ready: list[tuple[Snapshot, YearRequest]] = []


class Portion(NamedTuple):
    """The figures and rows of some cases."""

    figures: YearPart
    obligations: list[Json]
    acts: list[Json]


def count_cases(path: Path, state: StoredState, request: YearRequest, processes: int) -> Iterator[Portion]:
    """Yield the figures of each portion of a file's cases, one a line, in order; progress is shown on a terminal.

    The file may be compressed, and may come through a pipe. With one process, or a short file, it counts here.
    """
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    with ExitStack() as stack:
        source = open_input(path, stack)
        where = console(err=True)
        parts = (BarColumn(), TextColumn("{task.percentage:>3.0f}%"), TimeRemainingColumn())
        bar = stack.enter_context(Progress(*parts, console=where, disable=not where.is_terminal))
        task = bar.add_task("", total=source.size)
        pending = blocks(source.lines, 0, 1, quoted=False)
        counted: Iterator[tuple[Block, Portion]]
        if processes == 1 or (source.size is not None and source.size < ALONE_BYTES):
            _start_here(state, request)
            counted = ((block, _count(block)) for block in pending)
        else:
            counted = in_order(pending, _count, _start, (state, request), processes)
        for _, portion in counted:
            bar.update(task, completed=source.position())
            yield portion


def _start(state: StoredState, request: YearRequest) -> None:
    """Prepare a process. The parent handles interrupts."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _start_here(state, request)


def _start_here(state: StoredState, request: YearRequest) -> None:
    from app.services.snapshot.snapshot import build_snapshot

    _ready.append((build_snapshot(state), request))


def _count(block: Block) -> Portion:
    from app.services.bulk.case_reading import cases_from_ndjson
    from app.services.measures import YearFigures

    snapshot, request = _ready[-1]
    figures = YearFigures(snapshot, request)
    obligations: list[Json] = []
    acts: list[Json] = []
    for line in cases_from_ndjson(block.text, block.first_line):
        place = f"line {line.number}"
        if line.problem is not None:
            figures.standards.refuse(place, line.reference, line.problem)
            continue
        for_case, outcomes = figures.take(place, line.case)
        obligations += for_case
        acts += outcomes
    return Portion(figures.part(), obligations, acts)

"""Answer blocks in several processes, returned in order, with only a few in progress at a time."""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from typing import TYPE_CHECKING, TypeVar

from app.cli.blocks import Block

if TYPE_CHECKING:
    from app.services.bulk import Done, Plan
    from app.services.calculation.calculator import Calculator
    from app.services.ports import StoredState
    from app.services.snapshot.snapshot import Snapshot

AHEAD = 3
GC_THRESHOLDS = (50_000, 10, 10)
Result = TypeVar("Result")

_ready: list[tuple[Calculator, Plan]] = []


def _start(state: StoredState, plan: Plan) -> None:
    """Compile the snapshot once for each process."""
    from app.services.calculation.calculator import Calculator
    from app.services.snapshot.snapshot import build_snapshot

    _ready.append((Calculator(build_snapshot(state)), plan))


def _answer(block: Block) -> Done:
    from app.services.bulk import answer_block

    calculator, plan = _ready[-1]
    return answer_block(calculator, plan, block.text, block.first_line)


def answer_blocks(
    blocks: Iterable[Block], state: StoredState, snapshot: Snapshot, plan: Plan, processes: int
) -> Iterator[tuple[Block, Done]]:
    """Yield each block with its answers, in order. With one process, it answers here."""
    if processes == 1:
        from app.services.bulk import answer_block
        from app.services.calculation.calculator import Calculator

        calculator = Calculator(snapshot)
        for block in blocks:
            yield block, answer_block(calculator, plan, block.text, block.first_line)
        return
    yield from in_order(blocks, _answer, _start, (state, plan), processes)


def _begin(start: Callable[..., None], arguments: tuple[object, ...]) -> None:
    """Prepare a process. The parent handles interrupts, and its end is this one's, however it ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_the_parent, daemon=True).start()
    # What a start makes stays, and answers have no cycles: to look for garbage as usual takes a sixth of the time.
    gc.disable()
    start(*arguments)
    gc.freeze()
    gc.set_threshold(*GC_THRESHOLDS)
    gc.enable()


def _end_with_the_parent() -> None:
    """End this process when the parent was killed: it would wait for work for ever, with all its memory."""
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)


def in_order(
    blocks: Iterable[Block],
    work: Callable[[Block], Result],
    start: Callable[..., None],
    arguments: tuple[object, ...],
    processes: int,
) -> Iterator[tuple[Block, Result]]:
    """Yield each block with what a process makes of it, in order. Each process begins with `start`."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, mp_context=context, initializer=_begin, initargs=(start, arguments)) as pool:
        under_way: deque[tuple[Block, Future[Result]]] = deque()
        try:
            for block in blocks:
                under_way.append((block, pool.submit(work, block)))
                if len(under_way) >= processes * AHEAD:
                    first, future = under_way.popleft()
                    yield first, future.result()
            while under_way:
                first, future = under_way.popleft()
                yield first, future.result()
        finally:
            for _, future in under_way:
                future.cancel()

"""The rows that every part of the benchmark adds to one table."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """One thing measured: what it came to, what it is compared with, and the target where there is one."""

    what: str
    measured: str
    baseline: str = ""
    ratio: str = ""
    target: str = ""
    met: bool | None = None


def best(call: Callable[[], object], *, rounds: int = 9, seconds: float = 0.05) -> float:
    """Return the processor seconds of one call: the best of several rounds of about so many seconds each."""
    call()
    began = time.process_time()
    call()
    number = max(1, int(seconds / max(time.process_time() - began, 1e-7)))
    least = float("inf")
    for _ in range(rounds):
        began = time.process_time()
        for _ in range(number):
            call()
        least = min(least, (time.process_time() - began) / number)
    return least


def printed(rows: list[Row]) -> str:
    """Return the table in Markdown."""
    lines = ["| what | measured | against | ratio | target | |", "|---|--:|---|--:|---|---|"]
    for row in rows:
        met = {None: "", True: "met", False: "**missed**"}[row.met]
        lines.append(f"| {row.what} | {row.measured} | {row.baseline} | {row.ratio} | {row.target} | {met} |")
    return "\n".join(lines)

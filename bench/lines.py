"""Measure NDJSON, line in and line out, on one core; and a process's memory after few lines and after very many."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from itertools import cycle, islice
from pathlib import Path

import orjson

from app.services.calculation.batch import lines
from app.services.calculation.calculator import Calculator
from bench.cases import every_event, snapshot, twelve
from bench.table import Row
from bench.working_days import numpy_offset_seconds

FEW, MANY = 10_000, 1_000_000
ROUNDS = 5
# What they cost before there was one reader and one writer: 302,000 and 97,000 obligations a second next to 3.1 µs.
MAX_OF_TWELVE, MAX_OF_EVERY_EVENT = 1.07, 3.32
PORTION = 64 * 1024


def rows() -> Iterator[Row]:
    """Measure throughput of twelve obligations a line and of every event in turn, then memory."""
    for what, cases, most in (
        ("12 obligations a line", [twelve()], MAX_OF_TWELVE),
        ("every event of every profile in turn", every_event(), MAX_OF_EVERY_EVENT),
    ):
        lines = [orjson.dumps(case.body) + b"\n" for case in cases]
        due = sum(case.obligations for case in cases)
        turns = max(1, 3_000 // len(lines))
        block = b"".join(lines) * turns
        calculator = Calculator(snapshot())
        # In turn: the processor's clock moves by a third from one minute to the next.
        rounds = [(_rate(calculator, block, due * turns), numpy_offset_seconds()) for _ in range(ROUNDS)]
        rate, offset = max(rate for rate, _ in rounds), min(seconds for _, seconds in rounds)
        yield Row(
            f"NDJSON, {what} ({due / len(cases):.1f} a line)",
            f"{rate:,.0f} obligations/s a core",
            f"{rate / due * len(cases):,.0f} lines/s; an obligation in scalar numpy `busday_offset` calls",
            f"{1 / rate / offset:.2f}",
            f"at most {most:g}",
            1 / rate / offset <= most,
        )
    peak = {number: _peak_memory(number) for number in (FEW, MANY)}
    growth = peak[MANY] / peak[FEW]
    yield Row(
        f"NDJSON, memory after {MANY:,} lines",
        f"{peak[MANY]:.0f} MB",
        f"{peak[FEW]:.0f} MB after {FEW:,}",
        f"{growth:.2f}",
        "flat",
        growth < 1.1,
    )


def _rate(calculator: Calculator, block: bytes, obligations: int) -> float:
    began = time.process_time()
    for _ in lines(calculator, (block[start : start + PORTION] for start in range(0, len(block), PORTION))):
        pass
    return obligations / (time.process_time() - began)


def _peak_memory(number: int) -> float:
    """Return the most memory, in MB, that a process of its own held while it answered so many lines."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.lines", str(number)],
        check=True,
        capture_output=True,
        text=True,
        cwd=Path(__file__).resolve().parent.parent,
    )
    return float(json.loads(done.stdout))


def _answer(number: int) -> None:
    case = {
        "profile": "statutory-england",
        "event": {"type": "referral_received", "occurred_at": "2025-12-18T14:30"},
    }
    days = cycle([orjson.dumps({**case, "reference": f"case-{n}"}) + b"\n" for n in range(1_000)])
    for _ in lines(Calculator(snapshot()), islice(days, number)):
        pass
    # Of this process alone: the figure that getrusage gives begins with that of the process that started it.
    status = Path("/proc/self/status").read_text(encoding="ascii")
    print(json.dumps(int(re.findall(r"VmHWM:\s+(\d+)", status)[0]) / 1024))


if __name__ == "__main__":
    _answer(int(sys.argv[1]))

"""NDJSON, line in and line out, on one core; and what a process holds after few lines and after very many."""

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

from app.services.calculation.batch import LineBatch
from bench.cases import every_event, snapshot, twelve
from bench.table import Row

FEW, MANY = 10_000, 1_000_000
ROUNDS = 5
TARGET = 100_000
PORTION = 64 * 1024


def rows() -> Iterator[Row]:
    """Throughput of twelve obligations a line and of every event in turn, then memory."""
    for what, cases in (("12 obligations a line", [twelve()]), ("every event of every profile in turn", every_event())):
        lines = [orjson.dumps(case.body) + b"\n" for case in cases]
        due = sum(case.obligations for case in cases)
        turns = max(1, 3_000 // len(lines))
        block = b"".join(lines) * turns
        rate = max(_rate(block, due * turns) for _ in range(ROUNDS))
        yield Row(
            f"NDJSON, {what} ({due / len(cases):.1f} a line)",
            f"{rate:,.0f} obligations/s a core",
            f"{rate / due * len(cases):,.0f} lines/s",
            f"{rate / TARGET:.2f}",
            "at least 100,000/s",
            rate >= TARGET,
        )
    held = {number: _held(number) for number in (FEW, MANY)}
    growth = held[MANY] / held[FEW]
    yield Row(
        f"NDJSON, memory after {MANY:,} lines",
        f"{held[MANY]:.0f} MB",
        f"{held[FEW]:.0f} MB after {FEW:,}",
        f"{growth:.2f}",
        "flat",
        growth < 1.1,
    )


def _rate(block: bytes, obligations: int) -> float:
    work = LineBatch(snapshot())
    began = time.perf_counter()
    for start in range(0, len(block), PORTION):
        for _ in work.feed(block[start : start + PORTION]):
            pass
    return obligations / (time.perf_counter() - began)


def _held(number: int) -> float:
    """The most memory, in MB, that a process of its own held while it answered so many lines."""
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
    work = LineBatch(snapshot())
    days = cycle([orjson.dumps({**case, "reference": f"case-{n}"}) + b"\n" for n in range(1_000)])
    for line in islice(days, number):
        for _ in work.feed(line):
            pass
    # Of this process alone: the figure that getrusage gives begins with that of the process that started it.
    status = Path("/proc/self/status").read_text(encoding="ascii")
    print(json.dumps(int(re.findall(r"VmHWM:\s+(\d+)", status)[0]) / 1024))


if __name__ == "__main__":
    _answer(int(sys.argv[1]))

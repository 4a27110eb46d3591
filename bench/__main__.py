"""Everything measured in one run on one machine: `python -m bench [part …]`, or `make bench`."""

from __future__ import annotations

import argparse
import os
import platform
import sys
import time
from collections.abc import Callable, Iterator

from bench import engine, frames, lines, server, standards, tables, whole_cases, working_days
from bench.table import Row, printed

PARTS: dict[str, Callable[[], Iterator[Row]]] = {
    "days": working_days.rows,
    "engine": engine.rows,
    "http": server.rows,
    "lines": lines.rows,
    "cases": whole_cases.rows,
    "tables": tables.rows,
    "frames": frames.rows,
    "standards": standards.rows,
}


def main() -> None:
    """Print one table."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], help="what to measure (default: everything)")
    chosen = parser.parse_args().parts or list(PARTS)
    before = os.getloadavg()[0]
    began = time.perf_counter()
    rows: list[Row] = []
    for part in chosen:
        print(f"measuring {part} …", file=sys.stderr)
        rows += PARTS[part]()
    machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    took = time.perf_counter() - began
    print(f"{time.strftime('%d %B %Y')}, {machine}; load before the run {before:.1f}; {took:.0f} s.\n")
    print(printed(rows))


main()

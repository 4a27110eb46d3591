"""Measure data frames: what the core costs a process, and Spark's events a second of an executor's core."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench.table import Row
from bench.tables import EVENTS_EACH, NATION, write_cases, write_events

EVENTS, CHILDREN = 60_000, 3_000
CORES = (1, 2)
ROUNDS, STARTS = 2, 9
MAX_LOAD = 0.5
PAPER_CORES = 64
ROOT = Path(__file__).resolve().parent.parent
SPARK = ROOT / "build" / "spark"
LOADED = """
import time
from datetime import date
from app.services.standards import Standards, calculate, resolve

imported = time.process_time()
standards = Standards.packaged()
loaded = time.process_time()
request = resolve(standards, "swindon", "strategy_discussion_held", date(2025, 12, 18), {"section_47_initiated": True})
assert calculate(standards, request).obligations
answered = time.process_time()
for versions in standards.snapshot.profiles.values():
    for version in versions:
        version.profile
print(imported, loaded, answered, time.process_time())
"""


def rows(events: int = EVENTS, children: int = CHILDREN) -> Iterator[Row]:
    """Measure what the core costs a process, then Spark over so many events and children."""
    yield from core()
    yield from spark(events, children)


def core(starts: int = STARTS) -> Iterator[Row]:
    """Measure the processor's time of a fresh interpreter until the standards are loaded, and until a first answer."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    taken = [[float(each) for each in _python(LOADED, environment).split()] for _ in range(1 + starts)][1:]
    imported, loaded, answered, compiled = (min(each) for each in zip(*taken, strict=True))
    empty = min(float(_python("import time; print(time.process_time())", environment)) for _ in range(starts))
    yield Row(
        "the core from Python, a fresh process until `Standards.packaged()` is there",
        f"{loaded:.2f} s",
        f"an empty interpreter: {empty:.2f} s; with the import: {imported:.2f} s",
        "",
        f"under {MAX_LOAD:g} s",
        loaded < MAX_LOAD,
    )
    yield Row(
        "the same, until the first obligations of one profile",
        f"{answered:.2f} s",
        f"until every packaged profile is compiled: {compiled:.2f} s",
    )


def _python(script: str, environment: dict[str, str]) -> str:
    command = [sys.executable, "-c", script]
    return subprocess.run(command, check=True, cwd=ROOT, env=environment, capture_output=True, text=True).stdout


def interpreter() -> str:
    """Return the interpreter that has Spark: SPARK_PYTHON, or that of `make spark`; nothing where there is none."""
    installed = str(SPARK / "bin" / "python") if (SPARK / ".installed").exists() else ""
    return os.environ.get("SPARK_PYTHON") or installed


def spark(events: int, children: int) -> Iterator[Row]:
    """Measure Spark on one core and on two in turn, each a process; say what is left out where it cannot be run."""
    why = ""
    if shutil.which("java") is None:
        why = "Spark runs on Java, and no java is on the PATH"
    elif not interpreter():
        why = "`make spark` installs Spark into build/spark"
    elif len(os.sched_getaffinity(0)) < max(CORES):
        why = f"it takes {max(CORES)} cores"
    if why:
        yield Row("Spark, rows a second of an executor's core", f"left out: {why}")
        return
    best: dict[tuple[str, int], dict[str, Any]] = {}
    with tempfile.TemporaryDirectory(prefix="deadlines-spark-") as name:
        write_events(Path(name) / "events", events)
        write_cases(Path(name) / "cases.parquet", children)
        for place in range(ROUNDS):
            for cores in CORES:
                folder = Path(name) / f"round-{place}-{cores}"
                folder.mkdir()
                for made in ("events.parquet", "cases.parquet"):
                    (folder / made).symlink_to(Path(name) / made)
                found = _session(folder, cores)
                for what in ("obligations", "statuses"):
                    so_far = best.get((what, cores))
                    if so_far is None or found[what]["seconds"] < so_far["seconds"]:
                        best[what, cores] = {**found[what], "version": found["version"]}
                shutil.rmtree(folder)
    few, many = CORES
    for what in ("obligations", "statuses"):
        one, two = best[what, few], best[what, many]
        rates = [best[what, cores]["events"] / best[what, cores]["seconds"] / cores for cores in CORES]
        minutes = NATION * EVENTS_EACH / rates[1] / PAPER_CORES / 60
        yield Row(
            f"Spark {one['version']}, `{what}`, {one['events']:,} events to Parquet, warm workers, local[{few}]",
            f"{rates[0]:,.0f} events/s of a core",
            f"{one['rows'] / one['seconds']:,.0f} rows/s; first run, workers started: {one['first']:.0f} s",
        )
        yield Row(
            f"the same, local[{many}]",
            f"{rates[1]:,.0f} events/s of a core",
            f"{two['rows'] / two['seconds'] / many:,.0f} rows/s of a core; local[{few}]: {rates[0]:,.0f}; "
            f"{NATION:,} children of {EVENTS_EACH} on {PAPER_CORES} cores, on paper: {minutes:.1f} minutes",
            f"{rates[1] / rates[0]:.2f}",
        )
        yield Row(
            "the same, the processor's time of an event, Java's and Python's",
            f"{two['processor'] / two['events'] * 1e6:,.0f} µs",
            f"local[{few}]: {one['processor'] / one['events'] * 1e6:,.0f} µs",
            f"{two['processor'] / two['events'] / (one['processor'] / one['events']):.2f}",
        )


def _session(folder: Path, cores: int) -> dict[str, Any]:
    done = subprocess.run(
        [interpreter(), "-m", "bench.spark_session", str(folder), str(cores)],
        check=False,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise RuntimeError(f"Spark on {cores} cores: {done.stderr[-4000:]}")
    return dict(json.loads(done.stdout.splitlines()[-1]))

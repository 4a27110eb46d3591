"""Measure tables: Parquet to Parquet next to NDJSON in the same run, whole cases from a table of events, and memory."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import cycle, islice
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from bench.cases import every_event, snapshot
from bench.table import Row

EVENTS, FEW = 1_000_000, 200_000
CHILDREN = 20_000
ROUNDS = 2
NATION = 400_000
EVENTS_EACH = 20
MIN_RATIO = 1.1
MAX_GROWTH = 1.2
CASES_OF, AS_OF = "statutory-england", "2026-03-31"
ROOT = Path(__file__).resolve().parent.parent


def rows(events: int = EVENTS, few: int = FEW, children: int = CHILDREN) -> Iterator[Row]:
    """Measure bulk in both forms in turn, then whole cases; each a process as a user starts it."""
    cores = len(os.sched_getaffinity(0))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for number, stem in ((few, "few"), (events, "many")):
            write_events(folder / stem, number)
        small = _command("bulk", folder / "few.parquet", folder / "out.parquet").memory
        taken = {"ndjson": float("inf"), "parquet": float("inf")}
        for _ in range(ROUNDS):
            for form in ("ndjson", "parquet"):
                cost = _command("bulk", folder / f"few.{form}", folder / f"out.{form}")
                taken[form] = min(taken[form], cost.processor)
        seconds, _, large = _command("bulk", folder / "many.parquet", folder / "out.parquet")
        ratio = taken["ndjson"] / taken["parquet"]
        rate = events / seconds
        yield Row(
            f"`deadlines bulk`, Parquet to Parquet, {few:,} events of every kind",
            f"{few / taken['parquet']:,.0f} events/s of a core",
            f"NDJSON to NDJSON in the same run: {few / taken['ndjson']:,.0f}",
            f"{ratio:.2f}",
            f"at least {MIN_RATIO:g}",
            ratio >= MIN_RATIO,
        )
        yield Row(
            f"the same, {events:,} events, {cores} processes, by the clock",
            f"{rate:,.0f} events/s",
            f"{NATION:,} children of {EVENTS_EACH}, extrapolated: {NATION * EVENTS_EACH / rate / 60:.0f} minutes",
        )
        growth = large / small
        yield Row(
            f"the same, most memory of a process, {events:,} events",
            f"{large:.0f} MB",
            f"{small:.0f} MB of {few:,}",
            f"{growth:.2f}",
            f"at most {MAX_GROWTH:g}",
            growth <= MAX_GROWTH,
        )
        write_cases(folder / "cases.parquet", children)
        options = ("--profile", CASES_OF, "--as-of", AS_OF)
        seconds, _, most = _command("timelines", folder / "cases.parquet", folder / "statuses.parquet", *options)
        statuses = _rows_in(folder / "statuses.parquet")
        minutes = NATION / (children / seconds) / 60
        yield Row(
            f"`deadlines timelines`, Parquet to Parquet, {children:,} children of {EVENTS_EACH}, {cores} processes",
            f"{statuses / seconds:,.0f} statuses/s",
            f"{children / seconds:,.0f} children/s, {most:.0f} MB; {NATION:,}, extrapolated: {minutes:.0f} minutes",
        )


class Cost(NamedTuple):
    """What a command took: by the clock, of the processors, and the most memory (MB) that a process has had so far."""

    clock: float
    processor: float
    memory: float


def _command(what: str, source: Path, target: Path, *options: str) -> Cost:
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "app.cli", what, str(source), str(target), "--force", *options],
        check=True,
        cwd=ROOT,
        capture_output=True,
    )
    clock, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Cost(clock, processor, after.ru_maxrss / 1024)


def write_events(stem: Path, number: int) -> None:
    """Write the same events as NDJSON and as Parquet: of every kind in turn, on days of three years."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    kinds = list(every_event())
    specs = {
        name: spec.type for v in snapshot().profiles.values() for name, spec in v[-1].profile.vocabulary.facts.items()
    }
    types = {"bool": pa.bool_(), "int": pa.int32(), "date": pa.date32(), "choice": pa.string()}
    names = list(dict.fromkeys(name for case in kinds for name in case.body["facts"]))
    fields = [(name, pa.string()) for name in ("profile", "event", "at")]
    schema = pa.schema([*fields, *((name, types[specs[name]]) for name in names)])
    with (
        stem.with_suffix(".ndjson").open("wb") as lines,
        pq.ParquetWriter(stem.with_suffix(".parquet"), schema) as table,
    ):
        waiting: list[dict[str, Any]] = []
        for place, case in enumerate(islice(cycle(kinds), number)):
            day = date(2024, 4, 1) + timedelta(days=place % 1_096)
            at = f"{day}T{7 + place % 12:02}:30" if place % 2 else day.isoformat()
            body = {**case.body, "event": {"type": case.event, "occurred_at": at}}
            lines.write(orjson.dumps(body, option=orjson.OPT_APPEND_NEWLINE))
            facts = {
                name: date.fromisoformat(value) if specs[name] == "date" else value
                for name, value in case.body["facts"].items()
            }
            waiting.append({"profile": case.profile, "event": case.event, "at": at, **facts})
            if len(waiting) == 10_000:
                table.write_table(pa.Table.from_pylist(waiting, schema))
                waiting = []
        table.write_table(pa.Table.from_pylist(waiting, schema))


def write_cases(path: Path, children: int) -> None:
    """Write the events of children in need of protection and then in care, twenty of each."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    kinds: list[tuple[str, int, dict[str, Any]]] = [
        ("referral_received", 0, {}),
        ("referral_accepted", 1, {}),
        ("strategy_discussion_held", 3, {"section_47_initiated": True}),
        ("icpc_held", 20, {}),
        ("cp_plan_started", 20, {}),
        ("core_group_held", 30, {}),
        *(("cp_visit_made", 34 + 14 * visit, {}) for visit in range(5)),
        ("rcpc_held", 100, {}),
        ("became_looked_after", 120, {}),
        ("placement_started", 120, {"placement_type": "foster"}),
        *(("cla_visit_made", 126 + 40 * visit, {}) for visit in range(4)),
        ("cla_review_held", 146, {}),
        ("cla_review_held", 235, {}),
    ]
    columns: dict[str, list[Any]] = {
        name: [] for name in ("child", "event", "at", "section_47_initiated", "placement_type")
    }
    for child in range(children):
        first = date(2025, 4, 1) + timedelta(days=child % 365)
        for place, (event, after, facts) in enumerate(kinds):
            columns["child"].append(str(510_000 + child))
            columns["event"].append(event)
            columns["at"].append(first + timedelta(days=after + child % 5 * (place > 2)))
            columns["section_47_initiated"].append(facts.get("section_47_initiated"))
            columns["placement_type"].append(facts.get("placement_type"))
    pq.write_table(pa.table(columns), path)


def _rows_in(path: Path) -> int:
    import pyarrow.parquet as pq

    return int(pq.read_metadata(path).num_rows)

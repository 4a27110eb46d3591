"""Measure over HTTP: start-up, memory, and requests a second next to routes that answer the same bytes at once.

Rounds alternate between the servers. Besides requests a second there is the time on the processor that a request
took, which other work on the machine disturbs less.
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from app.services.calculation.calculator import Calculator
from app.services.calculation.request import read_request
from bench.cases import DIFFERENT, OBLIGATIONS, snapshot, twelve, year_of_twelve
from bench.table import Row

HERE = Path(__file__).resolve().parent.parent
ROUNDS = 4
SECONDS = 4
CONNECTIONS = 16
MAX_MEGABYTES, MAX_STARTS, STARTS = 200, 2.0, 3
MIN_OF_BARE, AIM_OF_BARE, MIN_OF_PEER = 0.32, 0.40, 2.0
DEADLINE = 30.0


@dataclass(slots=True)
class Server:
    """One server under measurement, with the rounds it has had."""

    name: str
    port: int
    process: subprocess.Popen[bytes]
    ready_after: float
    rates: list[float] = field(default_factory=list)
    slow: list[float] = field(default_factory=list)
    processor: list[float] = field(default_factory=list)


def rows() -> Iterator[Row]:
    """Everything that is measured of a running server."""
    with tempfile.TemporaryDirectory(prefix="deadlines-bench-") as folder, ExitStack() as running:
        place = Path(folder)
        case = twelve()
        answer = place / "answer.json"
        answer.write_bytes(Calculator(snapshot()).answer(read_request(snapshot(), case.body)))
        same = _script(place / "same.lua", [case.body])
        # What is cached of one request must not flatter the next: these differ as those of a year do.
        different = _script(place / "different.lua", [each.body for each in year_of_twelve()])
        environment = {
            **{name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"},
            "BENCH_ANSWER": str(answer),
            "DEADLINES_DATABASE_URL": f"sqlite:///{place}/bench.db",
            "PYTHONPYCACHEPREFIX": f"{place}/bytecode",
        }
        subprocess.run(
            [sys.executable, "-m", "app.cli", "load"], check=True, env=environment, cwd=HERE, capture_output=True
        )
        service = [sys.executable, "-m", "app.cli", "serve", "--port"]
        # The first start compiles what an installation by pip holds compiled, and is not counted.
        with started("the service", service, environment, place):
            pass
        one = running.enter_context(started("the service", service, environment, place))
        yield from _resting(one, service, environment, place)
        if shutil.which("wrk") is None:
            yield Row("HTTP", "left out", "wrk is not installed (Debian: apt install wrk)")
            return
        uvicorn = [sys.executable, "-m", "uvicorn", "--no-access-log", "--log-level", "warning", "--no-server-header"]
        bare = running.enter_context(
            started("bare Starlette", [*uvicorn, "bench.peers:bare", "--port"], environment, place)
        )
        pydantic = running.enter_context(
            started("FastAPI, Pydantic in and out", [*uvicorn, "bench.peers:validated", "--port"], environment, place)
        )
        msgspec = running.enter_context(
            started(
                "Starlette, msgspec in and out",
                [*uvicorn, "--factory", "bench.peers:structured", "--port"],
                environment,
                place,
            )
        )
        two = running.enter_context(
            started("the service, two workers", [*service[:-1], "--workers", "2", "--port"], environment, place)
        )
        varied = Server(f"the service, {DIFFERENT} requests that differ", one.port, one.process, one.ready_after)
        for _ in range(ROUNDS):
            for server in (bare, one, two, pydantic, msgspec):
                _round(server, same)
            _round(varied, different)
        yield from _compared(bare, one, varied, two, [pydantic, msgspec])
        yield from _scaled(one, two, same)
        megabytes = memory(one.process.pid)
        yield Row(
            "memory of the worker after that load",
            f"{megabytes:.0f} MB",
            "",
            "",
            f"under {MAX_MEGABYTES} MB",
            megabytes < MAX_MEGABYTES,
        )


def _resting(one: Server, service: list[str], environment: dict[str, str], place: Path) -> Iterator[Row]:
    bare = [sys.executable, "-m", "uvicorn", "--log-level", "warning", "bench.bare_fastapi:app", "--port"]
    ours, peer = one.ready_after, float("inf")
    for _ in range(STARTS):
        with started("a bare FastAPI application", bare, environment, place) as server:
            peer = min(peer, server.ready_after)
        with started("the service", service, environment, place) as server:
            ours = min(ours, server.ready_after)
    yield Row(
        "start-up, `deadlines serve` to /readyz 200",
        f"{ours:.2f} s",
        f"a bare FastAPI application: {peer:.2f} s",
        f"{ours / peer:.2f}",
        f"under {MAX_STARTS:g}",
        ours / peer < MAX_STARTS,
    )
    megabytes = memory(one.process.pid)
    yield Row(
        "memory of a worker with all profiles loaded",
        f"{megabytes:.0f} MB",
        "",
        "",
        f"under {MAX_MEGABYTES} MB",
        megabytes < MAX_MEGABYTES,
    )


def _script(path: Path, bodies: list[dict[str, Any]]) -> Path:
    """Write what wrk is to send, one body after another."""
    texts = ",\n".join(f"[[{orjson.dumps(body).decode()}]]" for body in bodies)
    path.write_text(
        f"local bodies = {{ {texts} }}\nlocal requests, n = {{}}, 0\n"
        "function init()\n"
        "  for i, body in ipairs(bodies) do\n"
        '    requests[i] = wrk.format("POST", nil, {["Content-Type"] = "application/json"}, body)\n'
        "  end\n"
        "end\n"
        "function request() n = n % #requests + 1; return requests[n] end\n",
        encoding="utf-8",
    )
    return path


def _compared(bare: Server, one: Server, varied: Server, two: Server, peers: list[Server]) -> Iterator[Row]:
    base = max(bare.rates)
    yield Row(f"HTTP, bare Starlette route, {CONNECTIONS} connections", _figures(bare), "", "1")
    for server in (one, varied, *peers):
        ratio = max(server.rates) / base
        ours = server is one or server is varied
        yield Row(
            f"HTTP, {server.name}" + (f", {OBLIGATIONS} obligations" if ours else ""),
            _figures(server),
            f"processor: {min(bare.processor) / min(server.processor):.2f} of bare",
            f"{ratio:.2f}",
            f"at least {MIN_OF_BARE}, aim {AIM_OF_BARE}" if server is one else "",
            ratio >= MIN_OF_BARE if server is one else None,
        )
    times = min(peers[0].processor) / min(one.processor)
    yield Row(
        f"HTTP, the service, {OBLIGATIONS} obligations",
        f"{min(one.processor):.0f} µs",
        f"{peers[0].name}: {min(peers[0].processor):.0f} µs",
        f"{times:.2f}",
        f"at least {MIN_OF_PEER:g} times as fast",
        times >= MIN_OF_PEER,
    )
    slower = min(one.slow) / min(bare.slow)
    yield Row(
        "HTTP, p99",
        f"{min(one.slow):.1f} ms",
        f"bare: {min(bare.slow):.1f} ms",
        f"{slower:.1f}",
        "at most 3",
        slower <= 3,
    )
    gain = max(two.rates) / max(one.rates)
    cores = f"wrk taking what it needs of the same {os.cpu_count()} cores"
    yield Row(f"HTTP, two workers, {cores}", f"{max(two.rates):,.0f}/s", "one worker", f"{gain:.2f}")


def _scaled(one: Server, two: Server, script: Path) -> Iterator[Row]:
    """Measure a core for a worker and its half of wrk, against two such: the load's own cost grows alongside."""
    cores = sorted(os.sched_getaffinity(0))[:2]
    if len(cores) < 2:
        yield Row("HTTP, two workers on two cores", "left out", "this machine has one core")
        return
    alone, both = Server("", one.port, one.process, 0), Server("", two.port, two.process, 0)
    for _ in range(ROUNDS):
        _round(alone, script, {cores[0]})
        _round(both, script, set(cores))
    gain = max(both.rates) / max(alone.rates)
    yield Row(
        "HTTP, two workers and their wrk on two cores",
        f"{max(both.rates):,.0f}/s",
        f"one worker and its wrk on one: {max(alone.rates):,.0f}/s",
        f"{gain:.2f}",
        "at least 1.8",
        gain >= 1.8,
    )


def _figures(server: Server) -> str:
    return f"{max(server.rates):,.0f}/s, {min(server.processor):.0f} µs each"


def _round(server: Server, script: Path, cores: set[int] | None = None) -> None:
    """One run of wrk; with `cores`, the server and wrk keep to those, a thread and its connections to each core."""
    address = f"http://127.0.0.1:{server.port}/v1/calculations"
    threads = len(cores or {0})
    run = [
        "wrk",
        f"-t{threads}",
        f"-c{threads * CONNECTIONS}",
        f"-d{SECONDS}s",
        "--latency",
        "-s",
        str(script),
        address,
    ]
    everywhere = os.sched_getaffinity(0)
    if cores is not None:
        _keep_to(server.process.pid, cores)
        os.sched_setaffinity(0, cores)
    try:
        before = processor(server.process.pid)
        out = subprocess.run(run, check=True, capture_output=True, text=True).stdout
    finally:
        if cores is not None:
            os.sched_setaffinity(0, everywhere)
            _keep_to(server.process.pid, everywhere)
    used = processor(server.process.pid) - before
    if "Non-2xx" in out:
        raise RuntimeError(f"{server.name} refused requests:\n{out}")
    requests = int(re.findall(r"(\d+) requests in", out)[0])
    number, unit = re.findall(r"99%\s+([\d.]+)(us|ms|s)", out)[0]
    server.rates.append(float(re.findall(r"Requests/sec:\s+([\d.]+)", out)[0]))
    server.slow.append(float(number) * {"us": 0.001, "ms": 1, "s": 1000}[unit])
    server.processor.append(used / requests * 1e6)


def _keep_to(pid: int, cores: set[int]) -> None:
    for each in _family(pid):
        for thread in Path(f"/proc/{each}/task").iterdir():
            os.sched_setaffinity(int(thread.name), cores)


@contextmanager
def started(
    name: str, command: list[str], environment: dict[str, str], place: Path, deadline: float = DEADLINE
) -> Iterator[Server]:
    """Start a server at a free port and wait until it is ready; end it with the block."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    began = time.perf_counter()
    with (place / f"{port}.log").open("wb") as log:
        process = subprocess.Popen([*command, str(port)], env=environment, cwd=HERE, stdout=log, stderr=log)
    try:
        while not _ready(port):
            if process.poll() is not None or time.perf_counter() - began > deadline:
                raise RuntimeError(f"{name} did not start: {(place / f'{port}.log').read_text()[-2000:]}")
            time.sleep(0.01)
        yield Server(name, port, process, time.perf_counter() - began)
    finally:
        process.terminate()
        process.wait(timeout=DEADLINE)


def _ready(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5):
            return True
    except urllib.error.HTTPError as error:
        return error.code == 404
    except OSError:
        return False


def _family(pid: int) -> list[int]:
    """Return a process and those that it or any of its threads started: Java starts others from threads of its own."""
    listed = [path.read_text(encoding="ascii") for path in Path(f"/proc/{pid}/task").glob("*/children")]
    return [pid, *(each for children in listed for child in children.split() for each in _family(int(child)))]


def processor(pid: int) -> float:
    """Return the processor seconds of a process and its children."""
    ticks = 0
    for each in _family(pid):
        fields = Path(f"/proc/{each}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def memory(pid: int) -> float:
    """Return the resident memory of a process, in MB."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return int(re.findall(r"VmRSS:\s+(\d+)", status)[0]) / 1024

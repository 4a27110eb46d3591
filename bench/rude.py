"""The worst legal request of every open route, many at once, half of them never read, next to ordinary calculations.

`make load` runs it after its long run; the tests run a short one. Two workers serve. What must hold:

- `/healthz` and ordinary calculations are answered, right, with a p99 under 100 ms (the tests time nothing);
- no worker has more than 400 MB of memory at any time;
- nothing is a 5xx but the declared 503 `overloaded`, with its Retry-After.
"""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import random
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from app.services.problems import TITLES
from app.services.snapshot.packaged import packaged_calendars, packaged_profiles
from app.store import open_store, upgrade
from bench.load import Expected, read_answer
from bench.rude_requests import QUICKER, RUDE, Rude
from tests.serving import Serving, serving

MAX_P99_SECONDS = 0.1
MAX_WORKER_BYTES = 400_000_000
HOLD_SECONDS = 4.0
MAX_ANSWER_SECONDS = 120.0
PAUSE_SECONDS = 0.02


@dataclass
class RudeOutcome:
    """What a run found."""

    statuses: Counter[str] = field(default_factory=Counter)
    """Answers to rude requests: the name of the request, its status and, for a problem, its kind."""
    unexpected: list[str] = field(default_factory=list)
    unread: int = 0
    seconds: dict[str, list[float]] = field(default_factory=lambda: {"calculations": [], "health": []})
    wrong: list[str] = field(default_factory=list)
    peak: int = 0
    """The most memory of one worker, in bytes."""

    def p99(self, kind: str) -> float:
        """Return the 99th percentile of an ordinary caller's seconds."""
        ordered = sorted(self.seconds[kind])
        return ordered[int(len(ordered) * 0.99)]

    def faults(self) -> list[str]:
        """Return what did not hold whatever the machine, in words."""
        faults = [*self.unexpected[:10], *self.wrong[:10]]
        if self.peak > MAX_WORKER_BYTES:
            faults.append(f"a worker had {self.peak / 1e6:.0f} MB")
        return faults

    def slow(self) -> list[str]:
        """Return what took too long, in words."""
        return [
            f"p99 of {kind}: {self.p99(kind) * 1000:.0f} ms"
            for kind in self.seconds
            if self.p99(kind) > MAX_P99_SECONDS
        ]


async def send_rudely(
    port: int, seconds: float, callers: int, requests: Sequence[Rude], hold_seconds: float
) -> tuple[Counter[str], list[str], int]:
    """Let callers send every rude request in turn for so long; every other one never reads its answer."""
    statuses: Counter[str] = Counter()
    unexpected: list[str] = []
    unread = 0
    until = time.monotonic() + seconds
    turns: Iterator[Rude] = iter(())
    chance = random.Random(20261128)

    def following() -> Rude:
        nonlocal turns
        rude = next(turns, None)
        if rude is None:
            turns = iter(chance.sample(requests, len(requests)))
            rude = next(turns)
        return rude

    async def call(index: int) -> None:
        nonlocal unread
        # Every second caller has an address of its own: those who share one wait for one another.
        address = f"127.0.0.{2 + index // 2}"
        while time.monotonic() < until:
            rude = following()
            try:
                async with asyncio.timeout(MAX_ANSWER_SECONDS):
                    if index % 2:
                        unread += 1
                        await _never_read(port, rude, address, hold_seconds)
                    else:
                        status, body = await _read(port, rude, address)
                        kind = kind_of_problem(body) if status >= 400 else ""
                        statuses[f"{rude.name}: {status} {kind}".strip()] += 1
                        if status >= 500 and kind != "overloaded":
                            unexpected.append(f"{rude.name}: {status} {kind}")
            except (ConnectionError, asyncio.IncompleteReadError) as error:
                unexpected.append(f"{rude.name}: {type(error).__name__}")
            except TimeoutError:
                unexpected.append(f"{rude.name}: no answer in {MAX_ANSWER_SECONDS:.0f} s")

    await asyncio.gather(*(call(index) for index in range(callers)))
    return statuses, unexpected, unread


def kind_of_problem(body: bytes) -> str:
    """Return the kind of a problem, from its JSON or from the page that shows it."""
    if body.startswith(b"{"):
        return str(json.loads(body)["type"]).rpartition("/")[2]
    return "overloaded" if TITLES["overloaded"][1].encode() in body else "a page"


async def _never_read(port: int, rude: Rude, address: str, hold_seconds: float) -> None:
    """Send a request, hold the connection without reading, and go away."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1, local_addr=(address, 0))
    reader._transport.pause_reading()  # type: ignore[attr-defined]  # noqa: SLF001 - a stream reads ahead by itself
    try:
        writer.write(rude.request)
        async with asyncio.timeout(hold_seconds):
            await writer.drain()
            await asyncio.sleep(hold_seconds)
    except (TimeoutError, ConnectionError):
        pass
    finally:
        writer.transport.abort()


async def _read(port: int, rude: Rude, address: str) -> tuple[int, bytes]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 26, local_addr=(address, 0))
    try:
        sending = asyncio.ensure_future(_write(writer, rude.request))
        answer = await read_answer(reader)
        sending.cancel()
        return answer
    finally:
        writer.transport.abort()


async def _write(writer: asyncio.StreamWriter, request: bytes) -> None:
    try:
        writer.write(request)
        await writer.drain()
    except ConnectionError:
        pass


def _send_in_process(
    port: int, seconds: float, callers: int, short: bool, results: multiprocessing.Queue[object]
) -> None:
    requests, hold_seconds = (QUICKER, seconds / 2) if short else (RUDE, HOLD_SECONDS)
    results.put(asyncio.run(send_rudely(port, seconds, callers, requests, hold_seconds)))


async def send_ordinary(
    server: Serving, expected: Expected, going_on: Callable[[], bool], outcome: RudeOutcome, pause_seconds: float
) -> None:
    """Send ordinary calculations and health checks at a steady pace, and watch the workers' memory."""

    async def calculate(index: int) -> None:
        chance = random.Random(index)
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        while going_on():
            number = chance.choice(expected.ordinary)
            body = json.dumps(expected.requests[number]).encode()
            began = time.perf_counter()
            writer.write(
                b"POST /v1/calculations HTTP/1.1\r\nHost: load\r\nContent-Type: application/json\r\n"
                b"Content-Length: %d\r\n\r\n%s" % (len(body), body)
            )
            status, body = await read_answer(reader)
            outcome.seconds["calculations"].append(time.perf_counter() - began)
            wrong = f"an ordinary calculation was {status}" if status != 200 else expected.check(number, body)[0]
            if wrong:
                outcome.wrong.append(wrong)
            await asyncio.sleep(pause_seconds)
        writer.close()

    async def check_health() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        while going_on():
            began = time.perf_counter()
            writer.write(b"GET /healthz HTTP/1.1\r\nHost: load\r\n\r\n")
            status, _ = await read_answer(reader)
            outcome.seconds["health"].append(time.perf_counter() - began)
            if status != 200:
                outcome.wrong.append(f"/healthz was {status}")
            await asyncio.sleep(pause_seconds)
        writer.close()

    async def watch() -> None:
        while going_on():
            outcome.peak = max(outcome.peak, *server.resident_bytes_each())
            await asyncio.sleep(0.1)

    await asyncio.gather(*(calculate(index) for index in range(4)), *(check_health() for _ in range(2)), watch())


def run(folder: Path, *, seconds: float, callers: int, workers: int = 2, short: bool = False) -> RudeOutcome:
    """Serve a database of its own and send both kinds of requests; in a short run the `QUICKER` ones."""
    url = f"sqlite:///{folder}/deadlines.db"
    outcome = RudeOutcome()
    with open_store(url) as store:
        upgrade(store.engine)
        at = datetime(2026, 1, 5, 9, tzinfo=UTC)
        store.load_packaged(packaged_profiles(), packaged_calendars(), at=at, application_version="1")
        expected = Expected(store)
        with serving(url, folder / "log", workers=workers, log_level="WARNING") as server:
            context = multiprocessing.get_context("spawn")
            results: multiprocessing.Queue[object] = context.Queue()
            rude = context.Process(target=_send_in_process, args=(server.port, seconds, callers, short, results))
            rude.start()
            # Until the last rude request is answered.
            asyncio.run(send_ordinary(server, expected, rude.is_alive, outcome, PAUSE_SECONDS * (5 if short else 1)))
            sent = results.get(timeout=MAX_ANSWER_SECONDS)
            rude.join()
            outcome.statuses, outcome.unexpected, outcome.unread = sent  # type: ignore[misc]  # what the process put
            if b"Traceback" in (folder / "log").read_bytes():
                outcome.unexpected.append("the log has a traceback")
    return outcome


def report(outcome: RudeOutcome) -> int:
    """Print what a run found, and return the exit status."""
    print(f"\nrude callers: {outcome.statuses.total()} requests read, {outcome.unread} never read")
    for name, count in sorted(outcome.statuses.items()):
        print(f"  {count:5} {name}")
    for kind, seconds in outcome.seconds.items():
        ordered = sorted(seconds)
        print(
            f"{kind}: {len(ordered)}, median {ordered[len(ordered) // 2] * 1000:.1f} ms, "
            f"p99 {outcome.p99(kind) * 1000:.1f} ms, slowest {ordered[-1] * 1000:.0f} ms"
        )
    print(f"most memory of a worker: {outcome.peak / 1e6:.0f} MB")
    faults = [*outcome.faults(), *outcome.slow()]
    for fault in faults:
        print(f"FAULT: {fault}")
    return 1 if faults else 0


if __name__ == "__main__":
    import tempfile

    with tempfile.TemporaryDirectory(prefix="rude-") as name:
        sys.exit(report(run(Path(name), seconds=float(sys.argv[1]) if len(sys.argv) > 1 else 60, callers=24)))

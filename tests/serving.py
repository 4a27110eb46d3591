"""The service as an operator runs it: `deadlines serve` in processes of its own, its log in a file."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

START_UP_SECONDS = 60


class Serving:
    """A running server: its address, its process and what it logs."""

    def __init__(self, process: subprocess.Popen[bytes], port: int, log: Path) -> None:
        self.process = process
        self.port = port
        self.origin = f"http://127.0.0.1:{port}"
        self._log = log

    def log(self) -> str:
        """All that it wrote so far."""
        return self._log.read_text(encoding="utf-8", errors="replace")

    def workers(self) -> list[int]:
        """The processes that answer: the one that was started, or those that it has started."""
        own = self.process.pid
        children = Path(f"/proc/{own}/task/{own}/children").read_text(encoding="ascii").split()
        return [int(each) for each in children if b"spawn_main" in Path(f"/proc/{each}/cmdline").read_bytes()] or [own]

    def resident_bytes(self) -> int:
        """The memory of all workers together, as Linux counts it."""
        return sum(self.resident_bytes_each())

    def resident_bytes_each(self) -> list[int]:
        """The memory of each worker."""
        pages = [int(Path(f"/proc/{each}/statm").read_text(encoding="ascii").split()[1]) for each in self.workers()]
        return [each * os.sysconf("SC_PAGE_SIZE") for each in pages]

    def tell(self, number: signal.Signals) -> None:
        """Send a signal to the process that was started."""
        self.process.send_signal(number)

    def wait(self, seconds: float = 30) -> int:
        """Wait for its end and give its exit status."""
        return self.process.wait(timeout=seconds)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving(url: str, log: Path, *, workers: int = 1, **settings: str) -> Iterator[Serving]:
    """Serve a database until the block ends; it is ready when the block begins."""
    port = free_port()
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("DEADLINES_", "PROMETHEUS_")) and name not in {"PORT", "HOST", "WEB_CONCURRENCY"}
    }
    environment |= {"DEADLINES_DATABASE_URL": url} | {
        f"DEADLINES_{name.upper()}": value for name, value in settings.items()
    }
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "app.cli", "serve", "--port", str(port), "--workers", str(workers)],
            env=environment,
            stdout=out,
            stderr=out,
        )
    found = Serving(process, port, log)
    try:
        _wait_until_ready(found, workers)
        yield found
    finally:
        process.terminate()
        try:
            process.wait(timeout=40)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_until_ready(server: Serving, workers: int) -> None:
    until = time.monotonic() + START_UP_SECONDS
    while len(server.workers()) < workers or not all(_ready(server.origin) for _ in range(4 * workers)):
        assert server.process.poll() is None, server.log()
        assert time.monotonic() < until, server.log()
        time.sleep(0.1)


def _ready(origin: str) -> bool:
    try:
        return httpx.get(f"{origin}/readyz", timeout=5).status_code == 200
    except httpx.TransportError:
        return False

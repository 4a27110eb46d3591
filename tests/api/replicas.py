"""Real servers of the service on one database, each a process of its own."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import httpx

PATIENCE_SECONDS = 60


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def replicas(count: int, url: str) -> Iterator[list[httpx.Client]]:
    """Start servers and wait until each can calculate; whatever happens, none outlives the block."""
    environment = {**os.environ, "DEADLINES_DATABASE_URL": url, "DEADLINES_LOG_LEVEL": "ERROR"}
    ports = [free_port() for _ in range(count)]
    started = [
        subprocess.Popen(
            [
                sys.executable,
                "-m",
                "uvicorn",
                "app.main:create_app",
                "--factory",
                "--port",
                str(port),
                "--log-level",
                "error",
            ],
            env=environment,
        )
        for port in ports
    ]
    try:
        with ExitStack() as stack:
            clients = [
                stack.enter_context(httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=20)) for port in ports
            ]
            for client, process in zip(clients, started, strict=True):
                _await_ready(client, process)
            yield clients
    finally:
        for process in started:
            process.kill()
            process.wait()


def _await_ready(client: httpx.Client, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        assert process.poll() is None, "the server ended by itself"
        try:
            if client.get("/readyz").status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    raise AssertionError("the server was never ready")

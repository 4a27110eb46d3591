"""A running service for the generated clients to call."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator

import httpx
import pytest

from tests.house.files import ROOT


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Run the service as an operator would, and give its address."""
    folder = tmp_path_factory.mktemp("service")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "app.cli"]
    environment = {
        **os.environ,
        "DEADLINES_DATABASE_URL": f"sqlite:///{folder}/deadlines.db",
        "DEADLINES_LOG_LEVEL": "ERROR",
    }
    subprocess.run([*command, "load"], cwd=ROOT, env=environment, check=True, capture_output=True)
    serving = subprocess.Popen([*command, "serve", "--port", str(port)], cwd=ROOT, env=environment)
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(200):
            try:
                ready = httpx.get(f"{address}/readyz", timeout=5).status_code == 200
            except httpx.TransportError:
                ready = False
            if ready:
                break
            time.sleep(0.1)
        yield address
    finally:
        serving.terminate()
        serving.wait(timeout=30)

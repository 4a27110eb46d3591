"""The metrics at a port of their own, and no longer at the public one."""

import time
from pathlib import Path

import httpx
import pytest

from tests.operations.test_metrics import ICPC, value
from tests.serving import START_UP_SECONDS, free_port, serving


@pytest.mark.parametrize("workers", [1, 2])
def test_the_metrics_of_all_workers_are_at_their_own_port_alone(filled_url: str, tmp_path: Path, workers: int) -> None:
    port = free_port()
    with serving(filled_url, tmp_path / "log", workers=workers, metrics_port=str(port)) as server:
        for _ in range(10):
            httpx.post(f"{server.origin}/v1/calculations", json=ICPC).raise_for_status()
        public = httpx.get(f"{server.origin}/metrics")
        assert (public.status_code, public.json()["type"]) == (404, "/problems/not-found")
        answer = httpx.get(f"http://127.0.0.1:{port}/metrics")
        assert answer.headers["content-type"].startswith("text/plain")
        assert value(answer.text, "deadlines_calculations_total", profile="swindon", version="1") == 10
        # The other worker answers nothing here, and may not have asked its store yet.
        until = time.monotonic() + START_UP_SECONDS
        while value(answer.text, "deadlines_store_up") != 1:
            assert time.monotonic() < until, server.log()
            time.sleep(0.1)
            answer = httpx.get(f"http://127.0.0.1:{port}/metrics")
        assert 0 <= value(answer.text, "deadlines_snapshot_age_seconds") < 30
        assert httpx.get(f"http://127.0.0.1:{port}/v1/profiles").status_code == 404
        assert httpx.post(f"http://127.0.0.1:{port}/metrics").status_code == 501

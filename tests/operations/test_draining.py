"""Two workers count together; told to stop, the service first says so, answers what was begun, and then ends."""

import json
import signal
import socket
import time
from pathlib import Path

import httpx

from app.cli.server import GRACE_SECONDS
from tests.api.application import EVENT
from tests.operations.test_metrics import verify_that_workers_count_together
from tests.serving import serving

CALCULATION = json.dumps({"profile": "swindon", "event": EVENT}).encode()


def test_two_workers_count_together_say_that_they_drain_answer_on_and_end(filled_url: str, tmp_path: Path) -> None:
    with serving(filled_url, tmp_path / "log", workers=2, drain_seconds="2") as server:
        # One worker may answer every time while the other is still starting, which then has nothing to drain.
        while server.log().count("Application startup complete") < 2:
            time.sleep(0.05)
        assert len(server.workers()) == 2
        verify_that_workers_count_together(server)
        begun = socket.create_connection(("127.0.0.1", server.port), timeout=20)
        begun.sendall(
            b"POST /v1/calculations HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
            % len(CALCULATION)
        )
        time.sleep(0.3)
        server.tell(signal.SIGTERM)
        time.sleep(0.7)
        for _ in range(4):
            readiness = httpx.get(f"{server.origin}/readyz")
            assert (readiness.status_code, readiness.json()["status"]) == (503, "draining")
            answered = httpx.post(
                f"{server.origin}/v1/calculations", content=CALCULATION, headers={"Content-Type": "application/json"}
            )
            assert answered.status_code == 200
            assert answered.headers["connection"] == "close"
        time.sleep(2)
        # The door is closed by now; what was let in before is still answered.
        begun.sendall(CALCULATION)
        assert begun.recv(65536).startswith(b"HTTP/1.1 200 ")
        begun.close()
        assert server.wait() == 0
        assert server.log().count('"event":"draining"') == 2


def test_without_the_setting_it_ends_at_once_and_every_line_of_its_log_is_a_json_object(
    filled_url: str, tmp_path: Path
) -> None:
    with serving(filled_url, tmp_path / "log") as server:
        httpx.get(f"{server.origin}/v1/profiles")
        httpx.get(f"{server.origin}/v1/due-dates?profile=planted")
        started = time.monotonic()
        server.tell(signal.SIGTERM)
        assert server.wait() in {0, -signal.SIGTERM}
        assert time.monotonic() - started < GRACE_SECONDS
        lines = [json.loads(line) for line in server.log().splitlines()]
    assert {line["event"] for line in lines} >= {"request", "snapshot", "Application startup complete."}
    assert all({"event", "level", "timestamp"} <= set(line) for line in lines)
    assert "planted" not in json.dumps(lines)

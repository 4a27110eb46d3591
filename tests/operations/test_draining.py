"""Two workers count together; told to stop, the service first says so, answers what was begun, and then ends."""

import json
import signal
import socket
import time
from pathlib import Path

import httpx
import pytest

from app.api import connection_timers
from app.cli.server import GRACE_SECONDS
from tests.api.application import EVENT
from tests.operations.nearby import serving_nearby, wait_until
from tests.operations.test_connections import JSON, request
from tests.operations.test_metrics import verify_that_workers_count_together
from tests.serving import serving

CALCULATION = json.dumps({"profile": "swindon", "event": EVENT}).encode()


def test_two_workers_count_together_say_that_they_drain_answer_on_and_end(filled_url: str, tmp_path: Path) -> None:
    head = b"POST /v1/calculations HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
    with serving(filled_url, tmp_path / "log", workers=2, drain_seconds="4") as server:

        def wait_for_both(words: str) -> None:
            while server.log().count(words) < 2:
                time.sleep(0.02)

        # One worker may answer every time while the other is still starting, which then has nothing to drain.
        wait_for_both("Application startup complete")
        assert len(server.workers()) == 2
        verify_that_workers_count_together(server)
        with socket.create_connection(("127.0.0.1", server.port), timeout=60) as begun:
            begun.sendall(head % len(CALCULATION))
            server.tell(signal.SIGTERM)
            wait_for_both('"event":"draining"')
            for _ in range(4):
                readiness = httpx.get(f"{server.origin}/readyz")
                assert (readiness.status_code, readiness.json()["status"]) == (503, "draining")
                answered = httpx.post(
                    f"{server.origin}/v1/calculations",
                    content=CALCULATION,
                    headers={"Content-Type": "application/json"},
                )
                assert answered.status_code == 200
                assert answered.headers["connection"] == "close"
            # The door is closed then; what was let in before is still answered.
            wait_for_both('"event":"Shutting down"')
            begun.sendall(CALCULATION)
            assert begun.recv(65536).startswith(b"HTTP/1.1 200 ")
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


def test_an_answer_that_is_being_calculated_is_waited_for(filled_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection_timers, "MAX_DRAINING_SECONDS", 0.1)
    monkeypatch.setattr(connection_timers, "DRAINED_SECONDS", 0.5)
    case = {"profile": "swindon", "events": [{"type": "cp_plan_started", "occurred_at": "2026-01-05"}]}
    body = json.dumps({**case, "as_of": "2026-01-06", "until": "2040-01-01"}).encode()
    with (
        serving_nearby(filled_url, grace_seconds=60) as nearby,
        socket.create_connection(("127.0.0.1", nearby.port), timeout=60) as caller,
    ):
        caller.sendall(request(body, JSON, path="/v1/timelines"))
        wait_until(lambda: any(not each.cycle.more_body for each in nearby.connections() if each.cycle))
        nearby.stop()
        answer = bytearray()
        while received := caller.recv(1 << 20):
            answer += received
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert answer.endswith(b"}")

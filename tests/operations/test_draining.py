"""Two workers count together; told to stop, the service first says so, answers what was begun, and then ends."""

import json
import logging
import signal
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from app.api import connection_timers
from app.cli.server import GRACE_SECONDS
from tests.api.application import EVENT
from tests.operations.nearby import Nearby, narrow, serving_nearby, wait_until
from tests.operations.test_connections import BATCH, JSON, NDJSON, request
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


# --- callers who hold their connection open ------------------------------------------------------------------------


STALL_SECONDS = 0.5
LINE = CALCULATION + b"\n"
STREAM = f"POST {BATCH} HTTP/1.1\r\nHost: x\r\n{NDJSON}\r\nTransfer-Encoding: chunked\r\n\r\n".encode()
CHUNK = b"%x\r\n%s\r\n" % (len(LINE), LINE)
LONG = b"GET /v1/profiles HTTP/1.1\r\nHost: x\r\n\r\n"


@pytest.fixture
def nearby(filled_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Nearby]:
    monkeypatch.setattr(connection_timers, "MAX_DRAINING_STALL_SECONDS", STALL_SECONDS)
    with serving_nearby(filled_url, grace_seconds=5) as running:
        yield running


def set_narrow(nearby: Nearby) -> None:
    """Let the kernel hold little, so that the service hears soon of what was taken."""
    wait_until(lambda: bool(nearby.connections()))
    for each in nearby.connections():
        each.transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 16 * 1024)


def is_unread(nearby: Nearby) -> bool:
    return any(each.flow.write_paused for each in nearby.connections())


@pytest.mark.parametrize(
    ("sent", "waits"),
    [
        (request(LINE * 5_000, NDJSON, path=BATCH), is_unread),
        (LONG * 900, is_unread),
        (STREAM + CHUNK * 3, lambda nearby: bool(nearby.connections())),
        (request(CALCULATION, JSON)[:-20], lambda nearby: bool(nearby.connections())),
    ],
    ids=["unread lines", "unread answers", "lines that stop arriving", "a body that stops arriving"],
)
def test_a_caller_who_stalls_does_not_hold_up_the_end(
    nearby: Nearby, caplog: pytest.LogCaptureFixture, sent: bytes, waits: Callable[[Nearby], bool]
) -> None:
    with narrow(nearby) as caller:
        caller.sendall(sent)
        wait_until(lambda: waits(nearby))
        nearby.stop()
        assert nearby.wait(6 * STALL_SECONDS)
    assert [each for each in caplog.records if each.levelno >= logging.WARNING] == []


def test_a_caller_who_reads_slowly_over_the_end_gets_the_whole_answer(
    nearby: Nearby, caplog: pytest.LogCaptureFixture
) -> None:
    with narrow(nearby) as caller:
        caller.sendall(request(LINE * 300, NDJSON, path=BATCH))
        set_narrow(nearby)
        wait_until(lambda: is_unread(nearby))
        nearby.stop()
        answers = bytearray()
        began = time.monotonic()
        while received := caller.recv(8192):
            answers += received
            time.sleep(0.02)
        assert time.monotonic() - began > 2 * STALL_SECONDS
    assert nearby.wait(2)
    assert answers.count(b"calculation_id") == 300
    assert answers.endswith(b"0\r\n\r\n")
    assert [each for each in caplog.records if each.levelno >= logging.WARNING] == []


def test_a_caller_who_sends_slowly_over_the_end_and_reads_after_it_gets_the_whole_answer(
    nearby: Nearby, caplog: pytest.LogCaptureFixture
) -> None:
    with narrow(nearby) as caller:
        caller.sendall(STREAM + CHUNK * 100)
        set_narrow(nearby)
        nearby.stop()
        for _ in range(6):
            time.sleep(0.5 * STALL_SECONDS)
            caller.sendall(CHUNK)
        caller.sendall(b"0\r\n\r\n")
        answers = bytearray()
        while received := caller.recv(1 << 20):
            answers += received
    assert nearby.wait(2)
    assert answers.count(b"calculation_id") == 106
    assert answers.endswith(b"0\r\n\r\n")
    assert [each for each in caplog.records if each.levelno >= logging.WARNING] == []


def test_an_answer_that_is_being_calculated_is_waited_for(nearby: Nearby, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection_timers, "MAX_DRAINING_SECONDS", 0.1)
    monkeypatch.setattr(connection_timers, "DRAINED_SECONDS", 0.5)
    case = {"profile": "swindon", "events": [{"type": "cp_plan_started", "occurred_at": "2026-01-05"}]}
    body = json.dumps({**case, "as_of": "2026-01-06", "until": "2040-01-01"}).encode()
    with socket.create_connection(("127.0.0.1", nearby.port), timeout=20) as caller:
        caller.sendall(request(body, JSON, path="/v1/timelines"))
        wait_until(lambda: any(not each.cycle.more_body for each in nearby.connections() if each.cycle))
        nearby.stop()
        answer = bytearray()
        while received := caller.recv(1 << 20):
            answer += received
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert answer.endswith(b"}")

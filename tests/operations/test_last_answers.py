"""The last answer of a connection can be read by a caller who is still sending, and nobody may send for ever."""

from __future__ import annotations

import http.client
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.api import connection_timers, head_limits
from tests.api.application import filled_copy
from tests.operations.nearby import Nearby, narrow, serving_nearby, wait_until
from tests.operations.test_connections import BATCH, JSON, NDJSON, dumped, request

CLOSE = "Connection: close"
LARGE = bytes(20 << 20)
PIECE = bytes(1 << 16)


@pytest.fixture(scope="module")
def nearby(filled_database: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nearby]:
    with serving_nearby(filled_copy(filled_database, tmp_path_factory.mktemp("last"))) as running:
        yield running


def large_head(start: str, *headers: str) -> bytes:
    return "\r\n".join([start, "Host: here", f"Content-Length: {len(LARGE)}", *headers, "", ""]).encode()


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (large_head("POST /v1/calculations HTTP/1.1", JSON, CLOSE), 413),
        (large_head("POST /v1/calculations HTTP/1.0", JSON), 413),
        (large_head("GET /v1/audit HTTP/1.1", CLOSE), 401),
        (large_head("POST /nowhere HTTP/1.1", CLOSE), 404),
        (large_head("POST /v1/calculations HTTP/1.1", "Transfer-Encoding: gzip"), 400),
    ],
)
def test_the_last_answer_is_read_by_a_caller_who_sends_a_large_body_first(
    nearby: Nearby, head: bytes, status: int
) -> None:
    for _ in range(20):
        with socket.create_connection(("127.0.0.1", nearby.port), timeout=20) as caller:
            caller.sendall(head)
            caller.sendall(LARGE)
            answer = http.client.HTTPResponse(caller)
            answer.begin()
            assert (answer.status, answer.headers["connection"]) == (status, "close")
            assert b'"type":"/problems/' in answer.read()


def test_what_was_sent_behind_the_last_request_is_neither_answered_nor_in_the_way(nearby: Nearby) -> None:
    last = request(dumped(), JSON, CLOSE)
    for _ in range(5):
        with socket.create_connection(("127.0.0.1", nearby.port), timeout=20) as caller:
            caller.sendall(request(dumped(), JSON) * 2 + last + request(dumped(), JSON) * 3_000)
            answers = bytearray()
            while received := caller.recv(1 << 20):
                answers += received
        assert answers.count(b"HTTP/1.1 200 ") == answers.count(b"calculation_id") == 3


def test_a_slow_reader_has_its_time_to_read_a_long_last_answer(nearby: Nearby, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection_timers, "MAX_LINGER_SECONDS", 0.3)
    with narrow(nearby) as caller:
        caller.sendall(request((dumped() + b"\n") * 2_500, NDJSON, CLOSE, path=BATCH))
        time.sleep(1.5)
        caller.sendall(PIECE)
        answers = bytearray()
        while received := caller.recv(1 << 20):
            answers += received
    assert answers.count(b"calculation_id") == 2_500
    assert answers.endswith(b"0\r\n\r\n")


@pytest.mark.parametrize(
    ("seconds", "limit"), [(0.5, connection_timers.MAX_LINGER_BYTES), (20, 4 << 20)], ids=["in time", "in bytes"]
)
def test_a_caller_who_never_stops_sending_is_cut_off(
    nearby: Nearby, monkeypatch: pytest.MonkeyPatch, seconds: float, limit: int
) -> None:
    monkeypatch.setattr(connection_timers, "MAX_LINGER_SECONDS", seconds)
    monkeypatch.setattr(head_limits, "MAX_LINGER_BYTES", limit)
    with socket.create_connection(("127.0.0.1", nearby.port), timeout=20) as caller:
        caller.sendall(request(dumped(), JSON, CLOSE))
        began, sent = time.monotonic(), 0
        with pytest.raises(ConnectionError):  # noqa: PT012 - one of many calls meets the end
            while time.monotonic() - began < 10:
                caller.sendall(PIECE)
                sent += len(PIECE)
                time.sleep(0.005)
        assert time.monotonic() - began < 3
        # The kernel takes some megabytes more on both sides.
        assert sent < limit + (16 << 20)


def test_a_caller_who_closes_after_the_last_answer_is_not_waited_for(nearby: Nearby) -> None:
    wait_until(lambda: not nearby.connections(), seconds=2 * connection_timers.MAX_LINGER_SECONDS)
    for _ in range(5):
        with socket.create_connection(("127.0.0.1", nearby.port), timeout=20) as caller:
            caller.sendall(request(dumped(), JSON, CLOSE))
            while caller.recv(1 << 20):
                pass
    wait_until(lambda: not nearby.connections(), seconds=0.8 * connection_timers.MAX_LINGER_SECONDS)

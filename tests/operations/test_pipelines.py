"""Requests that are sent before the answers to those before them; callers who pause, stay, leave, or never read."""

from __future__ import annotations

import asyncio
import gc
import http.client
import json
import re
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.api import connection_timers
from app.api.head_limits import HeadLimitProtocol
from app.api.pipelines import MAX_PARSED_BYTES
from tests.api.application import filled_copy
from tests.operations.nearby import Nearby, narrow, serving_nearby, wait_until
from tests.operations.test_connections import BATCH, JSON, NDJSON, Connection, dumped, request
from tests.operations.virtual_server import VirtualServer

GET = b"GET /healthz HTTP/1.1\r\nHost: here\r\n\r\n"
LONG = b"GET /v1/profiles HTTP/1.1\r\nHost: here\r\n\r\n"
GOOD = request(dumped(), JSON)
CHUNKED = f"POST /v1/calculations HTTP/1.1\r\nHost: here\r\n{JSON}\r\nTransfer-Encoding: chunked\r\n\r\n".encode()
TWO_HOSTS = b"GET /healthz HTTP/1.1\r\nHost: here\r\nHost: there\r\n\r\n"
NO_HTTP = b"\0\r\n\r\n"
UNFINISHED = request(b"", "Content-Type: text/x").replace(b"Length: 0", b"Length: 1000")
LINE = dumped() + b"\n"
KEEP_ALIVE_SECONDS = 1


@pytest.fixture(scope="module")
def nearby(filled_database: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nearby]:
    url = filled_copy(filled_database, tmp_path_factory.mktemp("pipelines"))
    with serving_nearby(url, timeout_keep_alive=KEEP_ALIVE_SECONDS) as running:
        yield running


@pytest.fixture
def connection(nearby: Nearby) -> Iterator[Connection]:
    opened = Connection(nearby)
    yield opened
    opened.socket.close()


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)


def batch(lines: int) -> bytes:
    return request(LINE * lines, NDJSON, path=BATCH)


# --- requests sent before the answer -------------------------------------------------------------------------------


@pytest.fixture
def short_linger(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection_timers, "MAX_LINGER_SECONDS", 0.6)


@pytest.mark.usefixtures("short_linger")
def test_a_stream_that_was_begun_before_another_answer_is_answered_to_its_end(connection: Connection) -> None:
    head = f"POST {BATCH} HTTP/1.1\r\nHost: here\r\n{NDJSON}\r\nTransfer-Encoding: chunked\r\n\r\n".encode()
    connection.send(GET + head + chunk(LINE))
    for _ in range(3):
        time.sleep(0.4)
        connection.send(chunk(LINE))
    connection.send(b"0\r\n\r\n")
    answers = connection.rest()
    assert answers.count(b"calculation_id") == 4
    assert answers.endswith(b"0\r\n\r\n")


@pytest.mark.usefixtures("short_linger")
def test_a_body_that_arrives_slowly_behind_another_request_is_answered(connection: Connection) -> None:
    connection.send(GET + GOOD[:-20])
    for start in range(-20, 0, 5):
        time.sleep(0.3)
        connection.send(GOOD[start : start + 5 or None])
    connection.answer()
    assert b"calculation_id" in connection.answer()


@pytest.mark.usefixtures("short_linger")
def test_a_head_that_arrives_in_two_pieces_behind_others_ends_nothing_later(connection: Connection) -> None:
    connection.send(GET + GET + GET[:8])
    connection.send_later(GET[8:])
    for _ in range(3):
        connection.answer()
    for _ in range(3):
        time.sleep(0.4)
        connection.send(GET)
        assert connection.answer().startswith(b"HTTP/1.1 200 ")


def test_thousands_of_requests_at_once_wait_unread_and_are_all_answered(nearby: Nearby) -> None:
    with narrow(nearby) as caller:
        caller.sendall(GET * 5_000)
        waiting = 0
        for _ in range(30):
            time.sleep(0.01)
            waiting = max(waiting, *(len(each.pipeline) for each in nearby.connections()))
        assert 0 < waiting <= MAX_PARSED_BYTES / len(GET)
        caller.shutdown(socket.SHUT_WR)
        answers = bytearray()
        while received := caller.recv(1 << 20):
            answers += received
    assert answers.count(b'{"status":"ok"}') == 5_000


async def until(holds: Callable[[], bool]) -> None:
    """Let the server work, until something holds."""
    while not holds():  # noqa: ASYNC110 - it is the loop's turns that count
        await asyncio.sleep(0)


def test_callers_who_send_many_requests_at_once_leave_others_their_turns(virtual: VirtualServer) -> None:
    async def meet() -> None:
        callers = [virtual.connect([]) for _ in range(100)]
        for each in callers:
            each.protocol.data_received(GET * 20)

        def answered() -> int:
            return sum(each.received.count(b"HTTP/1.1 200 ") for each in callers)

        await until(lambda: answered() >= 200)
        before, other = answered(), virtual.connect([])
        other.protocol.data_received(GET)
        await until(lambda: bool(other.received))
        assert answered() - before < 50
        await until(lambda: answered() == 100 * 20)
        for each in [*callers, other]:
            each.abort()
        await asyncio.gather(*(each.lost.wait() for each in callers))

    virtual.run(meet())


def test_a_refusal_far_behind_requests_of_other_faults_says_what_is_wrong(connection: Connection) -> None:
    connection.send(b"OPTIONS /healthz HTTP/1.1\r\nHost: here\r\n\r\n" * 500 + TWO_HOSTS)
    for _ in range(500):
        assert connection.answer().startswith(b"HTTP/1.1 405 ")
    assert b'"path":"Host"' in connection.answer()


def test_an_answer_is_not_cut_off_where_the_next_head_is_begun(nearby: Nearby, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection_timers, "MAX_HEAD_SECONDS", 0.3)
    with narrow(nearby) as caller:
        caller.sendall(batch(2_500) + GET[:8])
        time.sleep(1.5)
        answers = bytearray()
        while received := caller.recv(1 << 20):
            answers += received
    assert answers.count(b"calculation_id") == 2_500
    assert answers.endswith(b"0\r\n\r\n")


def test_a_connection_whose_pieces_end_within_heads_is_not_closed_before_its_answers_are_read(
    nearby: Nearby, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection_timers, "MAX_HEAD_SECONDS", 0.3)
    with narrow(nearby) as caller:
        # The first piece that arrives on the connection ends in a head, and so does each that is parsed.
        caller.sendall(LONG * 400 + GET[:8])
        time.sleep(1.5)
        answers = bytearray()
        while received := caller.recv(1 << 20):
            answers += received
    assert answers.count(b"HTTP/1.1 200 OK") == 400


# --- callers who send no more --------------------------------------------------------------------------------------


def test_everything_that_was_sent_is_answered_however_long_that_takes(
    connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection_timers, "MAX_HALF_CLOSED_SECONDS", 0.3)
    connection.send(GOOD * 1_000)
    connection.socket.shutdown(socket.SHUT_WR)
    assert connection.rest().count(b"calculation_id") == 1_000


@pytest.mark.parametrize("truncated", [GOOD[:-5], GET[:8], CHUNKED + b"5\r\nab"])
def test_what_was_sent_before_a_truncated_request_is_answered(connection: Connection, truncated: bytes) -> None:
    connection.send(GOOD * 2 + truncated)
    connection.socket.shutdown(socket.SHUT_WR)
    answers = connection.rest()
    assert answers.count(b"HTTP/1.1 200 ") == answers.count(b"HTTP/1.1 ") == 2


# --- what is around the chunks of a body ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "endless",
    [
        b"2\r\n{}\r\n0\r\n" + b"X: aaaaaaaaaaaaaaaaaaaaaaaaaa\r\n" * 4_000,
        b"2\r\n{}\r\n0\r\nX: " + b"a" * 120_000,
        b"2;" + b"a" * 120_000,
    ],
)
@pytest.mark.parametrize("before", [0, 2])
def test_endless_trailers_and_extensions_of_a_chunk_are_refused(
    connection: Connection, endless: bytes, before: int
) -> None:
    connection.send(GET * before + CHUNKED + endless)
    for _ in range(before):
        connection.answer()
    answer = connection.answer()
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b'"path":"(body)"' in answer
    assert connection.closed()


def test_trailers_are_no_headers(connection: Connection) -> None:
    connection.send(CHUNKED + chunk(dumped()) + b"0\r\nX-Request-Id: planted\r\n\r\n")
    answer = connection.answer()
    assert b"calculation_id" in answer
    assert b"x-request-id: planted" not in answer


# --- connections on which nothing happens --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "then"),
    [
        (GET, b"\r\n"),
        (UNFINISHED, b"x" * 1_000),
        (CHUNKED + chunk(dumped()) + b"0\r\nConnection: close\r\n\r\n", GET),
    ],
)
def test_a_connection_on_which_nothing_begins_is_closed(connection: Connection, first: bytes, then: bytes) -> None:
    connection.send(first)
    connection.answer()
    connection.send(then)
    began = time.monotonic()
    assert connection.closed()
    assert time.monotonic() - began < 2.5 * KEEP_ALIVE_SECONDS


@pytest.mark.parametrize("more", [b"", NO_HTTP, UNFINISHED])
def test_a_caller_who_never_reads_short_answers_is_not_waited_for(
    nearby: Nearby, monkeypatch: pytest.MonkeyPatch, more: bytes
) -> None:
    monkeypatch.setattr(connection_timers, "MAX_UNTAKEN_SECONDS", 0.5)
    wait_until(lambda: not nearby.connections())
    with narrow(nearby) as caller:
        caller.sendall(LONG * 900 + more)
        wait_until(lambda: bool(nearby.connections()))
        wait_until(lambda: any(each.flow.write_paused for each in nearby.connections()))
        wait_until(lambda: not nearby.connections())


# --- refusals ------------------------------------------------------------------------------------------------------


def test_a_refusal_is_read_by_a_caller_who_is_still_sending_a_long_body(nearby: Nearby) -> None:
    for _ in range(3):
        caller = http.client.HTTPConnection("127.0.0.1", nearby.port, timeout=20)
        caller.request("POST", "/v1/calculations", body=b"x" * (4 << 20), headers={"Transfer-Encoding": "gzip"})
        answer = caller.getresponse()
        assert (answer.status, json.loads(answer.read())["errors"][0]["path"]) == (400, "Transfer-Encoding")
        caller.close()


def test_what_was_answered_before_a_refusal_is_read_by_a_slow_caller_who_sends_on(nearby: Nearby) -> None:
    with narrow(nearby) as caller:
        caller.sendall(batch(100) + GOOD + TWO_HOSTS)
        time.sleep(0.5)
        caller.sendall(GET)
        answers = bytearray()
        while received := caller.recv(1 << 20):
            answers += received
    assert answers.count(b"calculation_id") == 101
    assert re.findall(rb"HTTP/1.1 (\d+)", answers) == [b"200", b"200", b"400"]
    assert b'"path":"Host"' in answers


# --- callers who have gone -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("sent", [GOOD, TWO_HOSTS, CHUNKED + b"zz\r\n", CHUNKED + b"1\r\n{\r\n", GOOD * 50])
def test_a_connection_that_has_ended_leaves_nothing_in_memory(nearby: Nearby, sent: bytes) -> None:
    def left() -> int:
        return sum(isinstance(each, HeadLimitProtocol) for each in gc.get_objects())

    gc.collect()
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        before = left()
        for _ in range(20):
            with socket.create_connection(("127.0.0.1", nearby.port), timeout=20) as caller:
                caller.sendall(sent)
                if not sent.endswith(b"{\r\n"):
                    assert caller.recv(100)
        wait_until(lambda: left() <= before)
    finally:
        if was_enabled:
            gc.enable()

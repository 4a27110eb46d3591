"""Calculations over a connection: in pieces, in chunks, pipelined, kept alive or not, counted and logged."""

from __future__ import annotations

import json
import re
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

import pytest

from tests.api.application import filled_copy
from tests.operations.test_metrics import value
from tests.serving import Serving, serving

EVENT = {"type": "strategy_discussion_held", "occurred_at": "2025-12-18T14:30:00+00:00"}
BODY = {"profile": "swindon", "event": EVENT, "facts": {"section_47_initiated": True}}
# A parameter that changes nothing of a JSON answer; FastAPI then resolves every dependency.
WITH_QUERY = "/v1/calculations?bom=false"
VARIABLE_HEADERS = re.compile(rb"\r\n(?:date|x-request-id): [^\r]*")
JSON = "Content-Type: application/json"


@pytest.fixture(scope="module")
def server(filled_database: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    """One server for all of these tests."""
    folder = tmp_path_factory.mktemp("connections")
    with serving(filled_copy(filled_database, folder), folder / "log") as running:
        yield running


@pytest.fixture
def connection(server: Serving) -> Iterator[Connection]:
    """Open a connection for one test."""
    opened = Connection(server)
    yield opened
    opened.socket.close()


def request(body: bytes, *headers: str, path: str = "/v1/calculations", http: str = "1.1") -> bytes:
    head = [f"POST {path} HTTP/{http}", "Host: here", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join([*head, "", ""]).encode() + body


class HasPort(Protocol):
    """A service that listens here."""

    port: int


class Connection:
    """Send bytes as they are, and read whole responses."""

    def __init__(self, server: HasPort) -> None:
        self.socket = socket.create_connection(("127.0.0.1", server.port), timeout=20)
        self._unread = b""

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def send_later(self, data: bytes) -> None:
        """Send what is to arrive by itself."""
        time.sleep(0.1)
        self.send(data)

    def answer(self) -> bytes:
        """Read one response: its head, and the body of the length that the head declares."""
        while b"\r\n\r\n" not in self._unread:
            self._receive()
        head, _, self._unread = self._unread.partition(b"\r\n\r\n")
        if head.startswith(b"HTTP/1.1 100"):
            return head + b"\r\n\r\n"
        length = int(re.findall(rb"content-length: (\d+)", head)[0])
        while len(self._unread) < length:
            self._receive()
        body, self._unread = self._unread[:length], self._unread[length:]
        return head + b"\r\n\r\n" + body

    def head(self) -> bytes:
        """Read the head of one response that has no body."""
        while b"\r\n\r\n" not in self._unread:
            self._receive()
        head, _, self._unread = self._unread.partition(b"\r\n\r\n")
        return head

    def _receive(self) -> None:
        received = self.socket.recv(1 << 16)
        assert received, "the server closed the connection"
        self._unread += received

    def rest(self) -> bytes:
        """Read until the server closes the connection."""
        while received := self.socket.recv(1 << 16):
            self._unread += received
        return self._unread

    def closed(self) -> bool:
        return self._unread + self.socket.recv(1) == b""


def without_variable_headers(answer: bytes) -> bytes:
    return VARIABLE_HEADERS.sub(b"", answer)


def dumped(**more: object) -> bytes:
    return json.dumps({**BODY, **more}).encode()


def test_a_request_in_pieces_is_answered_wherever_it_was_cut(connection: Connection) -> None:
    whole = request(dumped(), JSON)
    connection.send(whole)
    expected = without_variable_headers(connection.answer())
    for cut in (1, 20, whole.index(b"\r\n\r\n") + 2, whole.index(b"\r\n\r\n") + 4, len(whole) - 40, len(whole) - 1):
        connection.send(whole[:cut])
        time.sleep(0.05)
        connection.send(whole[cut:])
        assert without_variable_headers(connection.answer()) == expected


def test_requests_sent_without_waiting_are_answered_in_their_order(connection: Connection) -> None:
    usual, query = request(dumped(reference="usual"), JSON), request(dumped(reference="query"), JSON, path=WITH_QUERY)
    faulty = request(dumped(profile="faulty"), JSON)
    expected = {usual: b'"reference":"usual"', query: b'"reference":"query"', faulty: b'"value":"faulty"'}
    order = [usual, usual, query, faulty, usual, query, faulty, faulty, query, usual]
    connection.send(b"".join(order))
    for sent in order:
        assert expected[sent] in connection.answer()
    # In many pieces, so that a request's end and the next one's beginning come together.
    stream = b"".join(order)
    for start in range(0, len(stream), 700):
        connection.send(stream[start : start + 700])
        time.sleep(0.01)
    for sent in order:
        assert expected[sent] in connection.answer()


def test_a_body_in_chunks_is_answered(connection: Connection) -> None:
    body = dumped()
    head = f"POST /v1/calculations HTTP/1.1\r\nHost: here\r\n{JSON}\r\nTransfer-Encoding: chunked\r\n\r\n".encode()
    chunks = b"%x\r\n%s\r\n%x\r\n%s\r\n0\r\n\r\n" % (10, body[:10], len(body) - 10, body[10:])
    connection.send(request(body, JSON))
    expected = without_variable_headers(connection.answer())
    connection.send(head + chunks)
    assert without_variable_headers(connection.answer()) == expected


def test_a_client_that_expects_100_continue_receives_it(connection: Connection) -> None:
    whole = request(dumped(), JSON, "Expect: 100-continue")
    end = whole.index(b"\r\n\r\n") + 4
    connection.send(whole[:end])
    assert connection.answer().startswith(b"HTTP/1.1 100")
    connection.send(whole[end:])
    assert connection.answer().startswith(b"HTTP/1.1 200")


def test_a_client_of_http_1_0_knows_no_100_continue(connection: Connection) -> None:
    connection.send(request(dumped(), JSON, "Expect: 100-continue", http="1.0"))
    assert connection.answer().startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize(("http", "headers"), [("1.0", []), ("1.1", ["Connection: close"])])
def test_a_connection_that_is_not_kept_alive_is_closed_after_the_answer(
    connection: Connection, http: str, headers: list[Any]
) -> None:
    connection.send(request(dumped(), JSON, *headers, http=http))
    assert connection.answer().startswith(b"HTTP/1.1 200")
    assert connection.closed()


NDJSON, BATCH = "Content-Type: application/x-ndjson", "/v1/calculations/batch"


@pytest.mark.parametrize(("kind", "form"), [(NDJSON, b"%s\n%s\n"), (JSON, b'{"items":[%s,%s]}')])
def test_a_client_of_http_1_0_receives_no_chunks(connection: Connection, kind: str, form: bytes) -> None:
    connection.send(request(form % (dumped(), dumped()), kind, path=BATCH, http="1.0"))
    head = connection.head()
    assert b"connection: close" in head
    assert b"transfer-encoding" not in head
    body = connection.rest()
    assert [json.loads(line) for line in body.splitlines()]
    assert body.count(b"calculation_id") == 2


@pytest.mark.parametrize(
    "sent",
    [
        request(dumped(), JSON),
        request(dumped(until="2040-01-01", explain=True), JSON),
        request(dumped(), JSON) * 3,
        request(dumped() + b"\n", NDJSON, path=BATCH),
        request(b'{"items":[%s]}' % dumped(), JSON, path=BATCH),
        request(dumped(), JSON) + b"GET /heal",
    ],
)
def test_a_caller_that_sends_no_more_is_answered(connection: Connection, sent: bytes) -> None:
    connection.send(sent)
    connection.socket.shutdown(socket.SHUT_WR)
    assert connection.rest().count(b"calculation_id") == sent.count(b'"profile"')


def test_a_caller_that_sends_no_more_amid_a_body_is_not_answered(connection: Connection) -> None:
    connection.send(request(dumped(), JSON)[:-1])
    connection.socket.shutdown(socket.SHUT_WR)
    assert connection.closed()


def test_a_malformed_chunk_is_answered_400_and_the_connection_closed(connection: Connection) -> None:
    head = f"POST /v1/calculations HTTP/1.1\r\nHost: here\r\n{JSON}\r\nTransfer-Encoding: chunked\r\n\r\n".encode()
    connection.send(head + b"zz\r\n")
    assert connection.answer().startswith(b"HTTP/1.1 400")
    assert connection.closed()


def test_it_is_counted_and_logged_like_any_other(server: Serving, connection: Connection) -> None:

    def metrics() -> str:
        connection.send(b"GET /metrics HTTP/1.1\r\nHost: here\r\n\r\n")
        return connection.answer().decode()

    def counted(text: str) -> tuple[float, float]:
        text = text.partition("\r\n\r\n")[2]
        labels = {"method": "POST", "route": "/v1/calculations", "status": "200"}
        calculations = value(text, "deadlines_calculations_total", profile="swindon", version="1")
        return value(text, "deadlines_request_seconds_count", **labels), calculations

    before = counted(metrics())
    for path in ("/v1/calculations", WITH_QUERY):
        connection.send(request(dumped(reference="planted"), JSON, f"X-Request-Id: of-{path[-5:]}", path=path))
        connection.answer()
    after = counted(metrics())
    assert (after[0] - before[0], after[1] - before[1]) == (2, 2)
    lines = [json.loads(line) for line in server.log().splitlines() if '"of-' in line]
    assert [line["request_id"] for line in lines] == ["of-tions", "of-false"]
    usual, query = ({key: type(item) for key, item in line.items()} for line in lines)
    assert list(usual) == list(query)
    assert usual == query
    assert "planted" not in server.log()


def test_a_problem_is_counted_once(connection: Connection) -> None:
    connection.send(request(dumped(until="2050-01-01"), JSON))
    assert connection.answer().startswith(b"HTTP/1.1 200")
    connection.send(b"GET /metrics HTTP/1.1\r\nHost: here\r\n\r\n")
    before = connection.answer().decode().partition("\r\n\r\n")[2]
    connection.send(request(dumped(profile="nowhere"), JSON))
    assert connection.answer().startswith(b"HTTP/1.1 422")
    connection.send(b"GET /metrics HTTP/1.1\r\nHost: here\r\n\r\n")
    after = connection.answer().decode().partition("\r\n\r\n")[2]
    labels = {"method": "POST", "route": "/v1/calculations", "status": "422"}
    name = "deadlines_request_seconds_count"
    assert value(after, name, **labels) - value(before, name, **labels) == 1
    assert (
        value(after, "deadlines_refusals_total", type="invalid-request")
        - value(before, "deadlines_refusals_total", type="invalid-request")
        == 1
    )

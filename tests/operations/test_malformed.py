"""What is no HTTP is refused as a problem that names its place, after the answers to what was sent before."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from pathlib import Path

import httptools
import pytest

from app.api.malformed import parser_problem
from tests.api.application import EVENT, filled_copy
from tests.operations.test_connections import JSON, Connection, request
from tests.operations.test_streams import NDJSON, PATH, SHORT, lines
from tests.serving import Serving, serving

GOOD = request(json.dumps({"profile": "swindon", "event": EVENT}).encode(), JSON)
GET = "GET /healthz HTTP/1.1\r\nHost: here\r\n"
CHUNKED = f"POST /v1/calculations HTTP/1.1\r\nHost: here\r\n{JSON}\r\nTransfer-Encoding: chunked\r\n"


@pytest.fixture(scope="module")
def server(filled_database: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    """One server for all of these tests, of which none may leave an error in its log."""
    folder = tmp_path_factory.mktemp("malformed")
    with serving(filled_copy(filled_database, folder), folder / "log") as running:
        yield running
        assert '"level":"error"' not in running.log()
        # Each refusal is the one line of its request.
        assert '"level":"warning"' not in running.log()
        assert "Traceback" not in running.log()


@pytest.fixture
def connection(server: Serving) -> Iterator[Connection]:
    """Open a connection for one test."""
    opened = Connection(server)
    yield opened
    opened.socket.close()


def assert_refused(connection: Connection, status: int, place: str) -> None:
    """The next answer is a problem with a remedy at that place, with the headers of every answer, and is the last."""
    head, _, body = connection.answer().partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 %d " % status)
    for header in (b"content-type: application/problem+json", b"connection: close", b"x-request-id: "):
        assert header in head
    (fault,) = json.loads(body)["errors"]
    assert fault["path"] == place
    assert fault["remedy"]
    assert connection.closed()


@pytest.mark.parametrize("version", ["1.1", "1.0"])
@pytest.mark.parametrize("offer", ["", "Connection: upgrade\r\nUpgrade: h2c\r\n"])
@pytest.mark.parametrize("before", [0, 2])
def test_a_request_for_a_tunnel_is_refused(connection: Connection, version: str, offer: str, before: int) -> None:
    connection.send(GOOD * before + f"CONNECT a:80 HTTP/{version}\r\nHost: a\r\n{offer}\r\n".encode() + GOOD)
    for _ in range(before):
        assert b"calculation_id" in connection.answer()
    assert_refused(connection, 405, "(method)")


@pytest.mark.parametrize(
    ("sent", "status", "place"),
    [
        ("BROKEN\r\n\r\n", 400, "(method)"),
        ("FOO / HTTP/1.1\r\nHost: here\r\n\r\n", 400, "(method)"),
        ("GET /é HTTP/1.1\r\nHost: here\r\n\r\n", 400, "(address)"),
        ("GET http:///x HTTP/1.1\r\nHost: here\r\n\r\n", 400, "(address)"),
        ("GET / HTTP/9.9\r\nHost: here\r\n\r\n", 400, "(head)"),
        (f"{GET}X Foo: a\r\n\r\n", 400, "(head)"),
        (f"{GET}X: \0\r\n\r\n", 400, "(head)"),
        (f"{GET}X: {'a' * 70_000}\r\n\r\n", 431, "(head)"),
        (f"{GET}Host: there\r\n\r\n", 400, "Host"),
        ("GET /healthz HTTP/1.1\r\n\r\n", 400, "Host"),
        (f"{GET}Content-Length: 1\r\nContent-Length: 1\r\n\r\na", 400, "Content-Length"),
        (f"{CHUNKED}Content-Length: 1\r\n\r\n", 400, "Content-Length"),
        (f"{GET}Transfer-Encoding: gzip, chunked\r\n\r\n", 400, "Transfer-Encoding"),
        (f"{GET}Transfer-Encoding: identity\r\n\r\n", 400, "Transfer-Encoding"),
        (f"{CHUNKED}\r\nzz\r\n", 400, "(body)"),
        (f"{CHUNKED}\r\n0\r\nContent-Length: 1\r\n\r\n", 400, "Content-Length"),
    ],
)
@pytest.mark.parametrize(("before", "ends"), [(0, False), (0, True), (3, True)])
def test_what_is_no_http_is_refused_after_the_answers_to_what_was_sent_before(
    connection: Connection, sent: str, status: int, place: str, before: int, ends: bool
) -> None:
    connection.send(GOOD * before + sent.encode() + GOOD)
    if ends:
        connection.socket.shutdown(socket.SHUT_WR)
    for _ in range(before):
        assert b"calculation_id" in connection.answer()
    assert_refused(connection, status, place)


@pytest.mark.parametrize(
    ("before", "sent"),
    [
        ("", "HEADX / HTTP/1.1\r\nHost: here\r\n\r\n"),
        ("HEAD /healthz HTTP/1.1\r\nHost: here\r\n\r\n", "FOO / HTTP/1.1\r\nHost: here\r\n\r\n"),
        ("HEAD /healthz HTTP/1.1\r\nHost: here\r\n\r\n", "\x16\x03\x01"),
    ],
)
def test_a_refusal_of_no_method_has_a_body_whatever_was_sent_before(
    connection: Connection, before: str, sent: str
) -> None:
    connection.send((before + sent).encode())
    if before:
        assert connection.head().startswith(b"HTTP/1.1 200 ")
    assert_refused(connection, 400, "(method)")


def test_a_body_that_breaks_while_it_is_received_is_refused(connection: Connection) -> None:
    connection.send(f"{CHUNKED}\r\n1\r\n{{\r\n".encode())
    connection.send_later(b"zz\r\n")
    assert_refused(connection, 400, "(body)")


def test_a_stream_that_breaks_ends_there_and_nothing_is_written_into_it(connection: Connection) -> None:
    line = lines(SHORT)
    head = f"POST {PATH} HTTP/1.1\r\nHost: here\r\n{NDJSON}\r\nTransfer-Encoding: chunked\r\n\r\n"
    connection.send(head.encode() + b"%x\r\n%s\r\n" % (len(line), line))
    assert b"transfer-encoding: chunked" in connection.head()
    connection.send_later(b"zz\r\n")
    assert b"HTTP/1.1 " not in connection.rest()


@pytest.mark.parametrize("body", [b"no form", b"--xP", b"--x\r\n\0: a\r\n\r\n", b"--x\rno", b"--x\r\nA: b\rno"])
def test_a_form_that_cannot_be_read_is_refused(connection: Connection, body: bytes) -> None:
    connection.send(request(body, "Content-Type: multipart/form-data; boundary=x", path="/v1/imports/ssda903"))
    assert b'"message":"this is no form"' in connection.answer()


def test_callers_who_leave_amid_many_requests_leave_no_error(server: Serving) -> None:
    for _ in range(5):
        leaving = Connection(server)
        leaving.send(GOOD * 50)
        leaving.answer()
        leaving.socket.close()
    after = Connection(server)
    after.send(GOOD)
    assert b"calculation_id" in after.answer()
    after.socket.close()


def test_a_mistake_of_the_service_while_it_parses_is_not_answered_as_the_caller_s() -> None:
    error = httptools.HttpParserCallbackError("a callback failed")
    error.__context__ = KeyError("a mistake")
    with pytest.raises(httptools.HttpParserCallbackError):
        parser_problem(error, in_body=False)

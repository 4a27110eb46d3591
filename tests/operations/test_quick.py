"""A plain calculation that the server answers at once is answered as the application would, whatever comes around it."""

from __future__ import annotations

import asyncio
import json
import re
import socket
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from app.api import quick
from app.api.protocol import BoundedProtocol
from app.services.calculation.rendered import rendered
from app.services.ports import WriteContext
from tests.api.application import RunningApplication, filled_copy, running_application
from tests.operations.test_metrics import value
from tests.serving import Serving, serving

EVENT = {"type": "strategy_discussion_held", "occurred_at": "2025-12-18T14:30:00+00:00"}
BODY = {"profile": "swindon", "event": EVENT, "facts": {"section_47_initiated": True}}
LONG_WAY = "/v1/calculations?bom=false"
OF_ITS_OWN = re.compile(rb"\r\n(?:date|x-request-id): [^\r]*")
JSON = "Content-Type: application/json"


@pytest.fixture(scope="module")
def server(filled_database: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    """One server for all of these tests."""
    folder = tmp_path_factory.mktemp("quick")
    with serving(filled_copy(filled_database, folder), folder / "log") as running:
        yield running


@pytest.fixture
def connection(server: Serving) -> Iterator[Connection]:
    """A connection of the test's own."""
    opened = Connection(server)
    yield opened
    opened.socket.close()


def request(body: bytes, *headers: str, path: str = "/v1/calculations", http: str = "1.1") -> bytes:
    head = [f"POST {path} HTTP/{http}", "Host: here", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join([*head, "", ""]).encode() + body


class Connection:
    """A connection over which bytes are sent as they are."""

    def __init__(self, server: Serving) -> None:
        self.socket = socket.create_connection(("127.0.0.1", server.port), timeout=20)
        self._left = b""

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def answer(self) -> bytes:
        """One response: its head and the body of the length it gives."""
        while b"\r\n\r\n" not in self._left:
            self._more()
        head, _, self._left = self._left.partition(b"\r\n\r\n")
        if head.startswith(b"HTTP/1.1 100"):
            return head + b"\r\n\r\n"
        length = int(re.findall(rb"content-length: (\d+)", head)[0])
        while len(self._left) < length:
            self._more()
        body, self._left = self._left[:length], self._left[length:]
        return head + b"\r\n\r\n" + body

    def _more(self) -> None:
        got = self.socket.recv(1 << 16)
        assert got, "the server closed the connection"
        self._left += got

    def closed(self) -> bool:
        return self.socket.recv(1) == b""


def same(answer: bytes) -> bytes:
    return OF_ITS_OWN.sub(b"", answer)


def dumped(**more: object) -> bytes:
    return json.dumps({**BODY, **more}).encode()


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (dumped(), [JSON]),
        (dumped(), []),
        (dumped(), [JSON, "Accept: */*"]),
        (dumped(reference="case: 1"), [JSON, "X-Request-Id: mine-1"]),
        (dumped(explain=True), [JSON]),
        (dumped(until="2027-01-01", profile_version=1), [JSON]),
        (dumped(), [JSON, "Accept: text/csv"]),
        (dumped(), [JSON, "Accept: image/png"]),
        (dumped(), [JSON, "X-API-Key: pd_unknown"]),
        (dumped(), [JSON, "Authorization: Bearer pd_unknown"]),
        (dumped(), [JSON, "Content-Encoding: gzip"]),
        (dumped(), [JSON, "Accept: application/json", "Accept: text/csv"]),
        (dumped(), ["Content-Type: text/plain"]),
        (dumped(), [JSON, "Origin: https://elsewhere.example"]),
        (dumped(profile="swindom"), [JSON]),
        (dumped(facts={"section_47_initiated": "perhaps"}), [JSON]),
        (b'{"profile": "york", ' + dumped()[1:], [JSON]),
        (b"{", [JSON]),
        (b"", [JSON]),
    ],
)
def test_it_is_the_application_s_answer_in_every_header_and_to_the_byte(
    connection: Connection, body: bytes, headers: list[Any]
) -> None:
    connection.send(request(body, *headers))
    short = connection.answer()
    connection.send(request(body, *headers, path=LONG_WAY))
    assert same(connection.answer()) == same(short)
    if any(header.startswith("X-Request-Id") for header in headers):
        assert b"\r\nx-request-id: mine-1\r\n" in short


def test_a_request_in_pieces_is_answered_wherever_it_was_cut(connection: Connection) -> None:
    whole = request(dumped(), JSON)
    connection.send(whole)
    expected = same(connection.answer())
    for cut in (1, 20, whole.index(b"\r\n\r\n") + 2, whole.index(b"\r\n\r\n") + 4, len(whole) - 40, len(whole) - 1):
        connection.send(whole[:cut])
        time.sleep(0.05)
        connection.send(whole[cut:])
        assert same(connection.answer()) == expected


def test_requests_sent_without_waiting_are_answered_in_their_order(connection: Connection) -> None:
    quick, slow = request(dumped(reference="quick"), JSON), request(dumped(reference="slow"), JSON, path=LONG_WAY)
    refused = request(dumped(profile="refused"), JSON)
    told = {quick: b'"reference":"quick"', slow: b'"reference":"slow"', refused: b'"value":"refused"'}
    order = [quick, quick, slow, refused, quick, slow, refused, refused, slow, quick]
    connection.send(b"".join(order))
    for sent in order:
        assert told[sent] in connection.answer()
    # In many pieces, so that a request's end and the next one's beginning come together.
    stream = b"".join(order)
    for start in range(0, len(stream), 700):
        connection.send(stream[start : start + 700])
        time.sleep(0.01)
    for sent in order:
        assert told[sent] in connection.answer()


def test_a_body_in_chunks_is_answered(connection: Connection) -> None:
    body = dumped()
    head = f"POST /v1/calculations HTTP/1.1\r\nHost: here\r\n{JSON}\r\nTransfer-Encoding: chunked\r\n\r\n".encode()
    chunks = b"%x\r\n%s\r\n%x\r\n%s\r\n0\r\n\r\n" % (10, body[:10], len(body) - 10, body[10:])
    connection.send(request(body, JSON))
    expected = same(connection.answer())
    connection.send(head + chunks)
    assert same(connection.answer()) == expected


def test_who_waits_for_leave_to_send_the_body_is_given_it(connection: Connection) -> None:
    whole = request(dumped(), JSON, "Expect: 100-continue")
    end = whole.index(b"\r\n\r\n") + 4
    connection.send(whole[:end])
    assert connection.answer().startswith(b"HTTP/1.1 100")
    connection.send(whole[end:])
    assert connection.answer().startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize(("http", "headers"), [("1.0", []), ("1.1", ["Connection: close"])])
def test_a_connection_that_is_not_kept_is_closed_after_the_answer(
    connection: Connection, http: str, headers: list[Any]
) -> None:
    connection.send(request(dumped(), JSON, *headers, http=http))
    assert connection.answer().startswith(b"HTTP/1.1 200")
    assert connection.closed()


def test_a_broken_body_is_refused_and_the_connection_closed(connection: Connection) -> None:
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
    for path in ("/v1/calculations", LONG_WAY):
        connection.send(request(dumped(reference="planted"), JSON, f"X-Request-Id: of-{path[-5:]}", path=path))
        connection.answer()
    after = counted(metrics())
    assert (after[0] - before[0], after[1] - before[1]) == (2, 2)
    lines = [json.loads(line) for line in server.log().splitlines() if '"of-' in line]
    assert [line["request_id"] for line in lines] == ["of-tions", "of-false"]
    short, long = ({key: type(item) for key, item in line.items()} for line in lines)
    assert list(short) == list(long)
    assert short == long
    assert "planted" not in server.log()


def test_refused_requests_are_counted_once(connection: Connection) -> None:
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


class Recorder(asyncio.Transport):
    """A transport that goes nowhere and keeps what was written."""

    def __init__(self) -> None:
        super().__init__()
        self.written = b""
        self.wrote = asyncio.Event()

    def write(self, data: bytes) -> None:
        self.written += data
        self.wrote.set()

    def close(self) -> None:
        """There is nothing to close."""

    def is_closing(self) -> bool:
        return False

    def resume_reading(self) -> None:
        """Nothing is read."""

    def pause_reading(self) -> None:
        """Nothing is read."""


@pytest.mark.parametrize(
    ("sent", "tasks"),
    [
        (request(dumped(), JSON), 0),
        (request(dumped(reference="case: 1"), JSON), 0),
        (request(dumped(until="2027-01-01"), JSON), 1),
        (request(dumped(explain=True), JSON), 1),
        (request(dumped(), JSON, "X-API-Key: pd_unknown"), 1),
        (request(dumped(), JSON, path=LONG_WAY), 1),
        (request(dumped(profile="nowhere"), JSON), 1),
    ],
)
def test_what_is_plain_and_right_needs_no_task(
    here: RunningApplication, monkeypatch: pytest.MonkeyPatch, sent: bytes, tasks: int
) -> None:
    config = Config(here.client.app, log_config=None, ws="none", lifespan="off")
    config.load()
    begun = []
    begin = HttpToolsProtocol._start_asgi_task
    monkeypatch.setattr(HttpToolsProtocol, "_start_asgi_task", lambda *of: begun.append(of) or begin(*of))

    async def written() -> bytes:
        protocol = BoundedProtocol(config=config, server_state=ServerState(), app_state={})
        transport = Recorder()
        protocol.connection_made(transport)
        protocol.data_received(sent)
        await asyncio.wait_for(transport.wrote.wait(), 20)
        protocol.connection_lost(None)
        return transport.written

    assert asyncio.run(written()).startswith(b"HTTP/1.1 ")
    assert len(begun) == tasks


@pytest.mark.parametrize("require_key", [False, True])
def test_a_key_that_was_verified_before_needs_no_task_either(
    filled_url: str, monkeypatch: pytest.MonkeyPatch, require_key: bool
) -> None:
    with running_application(filled_url, require_key=require_key) as here:
        able, unable, ended = here.key("calculate"), here.key("read"), here.key("calculate", name="ended")
        for key in (able, unable, ended):
            here.client.post("/v1/calculations", json=BODY, headers=key)
        (record,) = [each for each in here.store.list_keys() if each.name == "ended"]
        here.store.revoke_key(record.id, context=WriteContext("key:test", datetime.now(UTC)))
        here.live.refresh()
        begun = []
        begin = HttpToolsProtocol._start_asgi_task
        monkeypatch.setattr(HttpToolsProtocol, "_start_asgi_task", lambda *of: begun.append(of) or begin(*of))

        async def asked(*headers: str) -> tuple[bytes, int]:
            begun.clear()
            protocol, transport = connected(here)
            protocol.data_received(request(dumped(), JSON, *headers))
            await asyncio.wait_for(transport.wrote.wait(), 20)
            protocol.connection_lost(None)
            return transport.written[9:12], len(begun)

        def status(*headers: str) -> tuple[bytes, int]:
            return asyncio.run(asked(*headers))

        assert status(f"X-API-Key: {able['X-API-Key']}") == (b"200", 0)
        other = "x" if not able["X-API-Key"].endswith("x") else "y"
        assert status(f"X-API-Key: {able['X-API-Key'][:-1]}{other}") == (b"401", 1)
        assert status(f"X-API-Key: {unable['X-API-Key']}") == (b"403", 1)
        assert status(f"X-API-Key: {ended['X-API-Key']}") == (b"401", 1)
        assert status(f"Authorization: Bearer {able['X-API-Key']}") == (b"200", 1)
        assert status() == ((b"401", 1) if require_key else (b"200", 0))


def connected(here: RunningApplication) -> tuple[BoundedProtocol, Recorder]:
    config = Config(here.client.app, log_config=None, ws="none", lifespan="off")
    config.load()
    protocol, transport = BoundedProtocol(config=config, server_state=ServerState(), app_state={}), Recorder()
    protocol.connection_made(transport)
    return protocol, transport


def test_those_of_one_turn_are_answered_each_on_its_own_connection(here: RunningApplication) -> None:
    async def told() -> list[bytes]:
        pairs = [connected(here) for _ in range(70)]
        for n, (protocol, _) in enumerate(pairs):
            broken = {"profile": "nowhere"} if n % 7 == 3 else {}
            protocol.data_received(request(dumped(reference=f"case-{n}", **broken), JSON))
        for protocol, transport in pairs:
            await asyncio.wait_for(transport.wrote.wait(), 20)
            protocol.connection_lost(None)
        return [transport.written for _, transport in pairs]

    for n, written in enumerate(asyncio.run(told())):
        assert written.count(b"HTTP/1.1 ") == 1
        if n % 7 == 3:
            assert written.startswith(b"HTTP/1.1 422")
        else:
            assert f'"reference":"case-{n}"'.encode() in written


def test_who_has_gone_is_not_answered_and_holds_up_nobody(here: RunningApplication) -> None:
    async def told() -> tuple[bytes, bytes]:
        (gone, to_gone), (here_still, to_here) = connected(here), connected(here)
        gone.data_received(request(dumped(), JSON))
        here_still.data_received(request(dumped(), JSON))
        gone.connection_lost(ConnectionResetError())
        await asyncio.wait_for(to_here.wrote.wait(), 20)
        here_still.connection_lost(None)
        return to_gone.written, to_here.written

    first, second = asyncio.run(told())
    assert first == b""
    assert second.startswith(b"HTTP/1.1 200")


def test_a_server_that_closes_answers_first(here: RunningApplication) -> None:
    async def told() -> bytes:
        protocol, transport = connected(here)
        protocol.data_received(request(dumped(), JSON))
        protocol.shutdown()
        written = transport.written
        protocol.connection_lost(None)
        return written

    assert asyncio.run(told()).startswith(b"HTTP/1.1 200")


def test_a_fault_of_the_quick_way_alone_is_told_and_the_declared_way_answers(
    here: RunningApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = []

    def broken(asked: Any, result: Any) -> Any:
        if asked.reference == "broken":
            raise RuntimeError("planted")
        return rendered(asked, result)

    monkeypatch.setattr(quick, "rendered", broken)
    monkeypatch.setattr(
        quick.log, "warning", lambda event, **named: told.append((event, named["error"])), raising=False
    )

    async def answers() -> list[bytes]:
        pairs = [connected(here) for _ in range(3)]
        for (protocol, _), reference in zip(pairs, ("first", "broken", "last"), strict=True):
            protocol.data_received(request(dumped(reference=reference), JSON))
        for protocol, transport in pairs:
            await asyncio.wait_for(transport.wrote.wait(), 20)
            await asyncio.sleep(0.05)
            protocol.connection_lost(None)
        return [transport.written for _, transport in pairs]

    for written, reference in zip(asyncio.run(answers()), ("first", "broken", "last"), strict=True):
        assert written.startswith(b"HTTP/1.1 200")
        assert f'"reference":"{reference}"'.encode() in written
    assert told == [("not_answered_quickly", "RuntimeError")]


@pytest.mark.parametrize("with_key", [False, True])
def test_a_rate_is_counted_on_every_way(filled_url: str, with_key: bool) -> None:
    with running_application(filled_url, rate_limit="3/minute") as here:
        headers = here.key("calculate") if with_key else {}
        here.client.post("/v1/calculations", json=BODY, headers=headers).raise_for_status()
        lines = [f"{name}: {value}" for name, value in headers.items()]

        async def asked() -> bytes:
            protocol, transport = connected(here)
            # The address by which the test's own client is known.
            protocol.client = ("testclient", 50000)
            protocol.data_received(request(dumped(), JSON, *lines))
            await asyncio.wait_for(transport.wrote.wait(), 20)
            protocol.connection_lost(None)
            return transport.written[9:12]

        assert [asyncio.run(asked()) for _ in range(4)] == [b"200", b"200", b"429", b"429"]

"""Streams wait for their readers: whatever is asked for, memory is flat, others are answered, and nothing is lost."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.api import unread_answers
from app.api.unread_answers import ABORT, MAX_PIECE_BYTES, UnreadAnswers
from app.services.work import CallerGone
from tests.api.application import filled_copy
from tests.operations.test_connections import request
from tests.serving import Serving, serving

SERIES = {"type": "cp_plan_started", "occurred_at": "2026-01-05"}
SHORT: dict[str, Any] = {"profile": "swindon", "event": SERIES}
LONG: dict[str, Any] = {**SHORT, "until": "2050-12-30", "explain": True}
NDJSON = "Content-Type: application/x-ndjson"
NDJSON_HEADERS = {"Content-Type": "application/x-ndjson"}
PATH = "/v1/calculations/batch"
MAX_GROWTH = 120_000_000
"""Bytes: less than what is asked for in each way below, four times at once."""


@pytest.fixture(scope="module")
def server(filled_database: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    """One server for all of these tests."""
    folder = tmp_path_factory.mktemp("streams")
    with serving(filled_copy(filled_database, folder), folder / "log") as running:
        yield running


@pytest.fixture(scope="module")
def others(server: Serving) -> Iterator[httpx.Client]:
    """Give one client of the callers who read: to make one reads a file of certificates."""
    with httpx.Client(base_url=server.origin, timeout=60) as client:
        yield client


def lines(*requests: dict[str, Any]) -> bytes:
    return b"".join(json.dumps(each).encode() + b"\n" for each in requests)


def unread(server: Serving, sent: bytes) -> socket.socket:
    """Send a request and read nothing."""
    connection = socket.create_connection(("127.0.0.1", server.port))
    connection.setblocking(False)
    left = memoryview(sent)
    until = time.monotonic() + 2
    while left and time.monotonic() < until:
        try:
            left = left[connection.send(left) :]
        except BlockingIOError:
            time.sleep(0.01)
    return connection


def is_busy(server: Serving) -> bool:
    """Wait a tenth of a second, and tell whether the service was calculating for half of it or more."""

    def seconds() -> float:
        after_name = Path(f"/proc/{server.process.pid}/stat").read_text(encoding="utf-8").rpartition(") ")[2].split()
        return (int(after_name[11]) + int(after_name[12])) / os.sysconf("SC_CLK_TCK")

    before = seconds()
    time.sleep(0.1)
    return seconds() - before > 0.05


@pytest.mark.parametrize(
    "sent",
    [
        # 2.4 MB an answer, 290 MB in all.
        request(lines(*[LONG] * 30), NDJSON, path=PATH),
        # 5 kB an answer, 160 MB in all: each is calculated and waits compressed.
        request(lines(*[SHORT] * 8_000), NDJSON, path=PATH),
        request(json.dumps({"items": [LONG] * 1_000}).encode(), "Content-Type: application/json", path=PATH),
    ],
    ids=["long lines", "short lines", "a list"],
)
def test_memory_is_flat_and_others_are_answered_while_nobody_reads(
    server: Serving, others: httpx.Client, sent: bytes
) -> None:
    expected = others.post("/v1/calculations", json=SHORT).content
    before = server.resident_bytes()
    connections = [unread(server, sent) for _ in range(4)]
    try:
        for number in range(200):
            assert others.get("/healthz").status_code == 200
            assert others.post("/v1/calculations", json=SHORT).content == expected
            if not is_busy(server) and number >= 20:
                break
        assert server.resident_bytes() - before < MAX_GROWTH
    finally:
        for each in connections:
            each.close()
    assert "Traceback" not in server.log()


@pytest.mark.parametrize("at_once", [False, True])
def test_nothing_is_calculated_for_a_caller_who_leaves_after_sending_everything(server: Serving, at_once: bool) -> None:
    """All of it would take a quarter of a minute, and only then would the request be logged."""
    while is_busy(server):  # with what the test before has sent
        pass
    before = server.log().count('"status":499')
    connection = unread(server, request(lines(*[LONG] * 300), NDJSON, path=PATH))
    while not at_once and is_busy(server):  # until the caller would have to read
        pass
    connection.close()
    until = time.monotonic() + 5
    while server.log().count('"status":499') == before:
        assert time.monotonic() < until
        time.sleep(0.05)


def test_long_and_short_lines_and_faulty_ones_are_answered_in_their_order(others: httpx.Client) -> None:
    wrong = {**SHORT, "facts": {"child_date_of_brith": "2020-01-01"}}
    sent = [SHORT, LONG, wrong, SHORT, {**SHORT, "until": "2026-06-01"}, wrong] * 3
    named = [{**each, "reference": f"r{n}"} for n, each in enumerate(sent)]
    answer = others.post(PATH, content=lines(*named), headers=NDJSON_HEADERS)
    answers = answer.content.splitlines()
    assert len(answers) == len(named)
    for one, got in zip(named, answers, strict=True):
        assert others.post("/v1/calculations", json=one).content == got


def test_the_items_of_a_list_are_answered_as_each_is_alone(others: httpx.Client) -> None:
    items = [{**each, "reference": f"r{n}"} for n, each in enumerate([SHORT, LONG, {**SHORT, "until": 3}, SHORT] * 4)]
    answer = others.post(PATH, json={"items": items}).json()
    assert (answer["answered"], answer["failed"]) == (12, 4)
    for one, got in zip(items, answer["items"], strict=True):
        assert others.post("/v1/calculations", json=one).json() == got


# --- unread answers ------------------------------------------------------------------------------------------------


class Reader:
    """A connection whose reader takes so many pieces and no more."""

    def __init__(self, pieces: int) -> None:
        self.taken: list[bytes] = []
        self.aborted = False
        self._pieces = pieces
        self._ended = asyncio.Event()
        self.scope: dict[str, Any] = {"extensions": {ABORT: {"call": self.abort}}}

    def abort(self) -> None:
        self.aborted = True
        self._ended.set()

    async def send(self, message: Any) -> None:
        if len(self.taken) >= self._pieces:
            await self._ended.wait()
            return
        self.taken.append(message["body"])


def message(size: int) -> dict[str, Any]:
    return {"type": "http.response.body", "body": bytes(size), "more_body": False}


def test_a_long_answer_is_written_in_pieces() -> None:
    reader = Reader(100)
    asyncio.run(UnreadAnswers().write(reader.scope, reader.send, message(3 * MAX_PIECE_BYTES + 5)))
    assert [len(each) for each in reader.taken] == [*[MAX_PIECE_BYTES] * 3, 5]


def test_a_reader_who_takes_nothing_is_not_waited_for_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unread_answers, "MAX_STALL_SECONDS", 0.05)
    reader = Reader(1)
    with pytest.raises(CallerGone):
        asyncio.run(UnreadAnswers().write(reader.scope, reader.send, message(3 * MAX_PIECE_BYTES)))
    assert reader.aborted


def test_where_too_much_waits_the_slowest_reader_is_cut_off_and_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unread_answers, "MIN_STALL_SECONDS", 0.05)
    size = 10 * MAX_PIECE_BYTES

    async def test() -> tuple[Reader, Reader]:
        answers = UnreadAnswers(limit=size + size // 2)
        slow, quick = Reader(0), Reader(100)
        first = asyncio.ensure_future(answers.write(slow.scope, slow.send, message(size)))
        await asyncio.sleep(0.1)
        await answers.write(quick.scope, quick.send, message(size))
        await first
        return slow, quick

    slow, quick = asyncio.run(test())
    assert (slow.aborted, quick.aborted) == (True, False)
    assert sum(map(len, quick.taken)) == size

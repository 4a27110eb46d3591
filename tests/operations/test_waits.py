"""How long the service waits for a caller, on a clock that jumps."""

from __future__ import annotations

import asyncio

import pytest

from app.api.bodies import MAX_RECEIVED_BYTES
from app.api.connection_timers import MAX_DRAINING_SECONDS, MAX_DRAINING_STALL_SECONDS, MAX_LINGER_SECONDS
from app.cli.server import GRACE_SECONDS
from tests.operations.conversations import BODY_SECONDS
from tests.operations.test_connections import BATCH, JSON, NDJSON, dumped, request
from tests.operations.virtual import Caller
from tests.operations.virtual_server import VirtualServer

pytestmark = pytest.mark.usefixtures("no_errors")
GET = "GET {} HTTP/1.1\r\nHost: here\r\nContent-Length: 1000000\r\n\r\n"
PROFILES = b"GET /v1/profiles HTTP/1.1\r\nHost: here\r\n\r\n" * 10
LINE = dumped() + b"\n"
CHUNK = b"%x\r\n%s\r\n" % (len(LINE), LINE)
STREAM = f"POST {BATCH} HTTP/1.1\r\nHost: here\r\n{NDJSON}\r\nTransfer-Encoding: chunked\r\n\r\n".encode()


async def sends(caller: Caller, data: bytes, pause: float) -> None:
    """Send the same again and again, until the connection has ended."""
    for _ in range(100):
        caller.protocol.data_received(data)
        await asyncio.sleep(pause)
        if caller.lost.is_set():
            return
    pytest.fail("the connection does not end")


async def over_a_stop(virtual: VirtualServer, first: bytes, taken: list[int]) -> tuple[Caller, float]:
    """Return a caller who had just sent something when the server was told to stop, and when that was."""
    caller = virtual.connect(taken)
    caller.protocol.data_received(first)
    await asyncio.sleep(0.1)
    began = virtual.loop.time()
    virtual.shut_down()
    return caller, began


@pytest.mark.parametrize("path", ["/version", "/nowhere", "/v1/audit"])
def test_a_body_that_nobody_reads_does_not_keep_the_connection(virtual: VirtualServer, path: str) -> None:
    async def drip() -> None:
        caller = virtual.connect([])
        caller.protocol.data_received(GET.format(path).encode())
        await asyncio.sleep(0.1)
        assert caller.received.startswith(b"HTTP/1.1 4")
        began = virtual.loop.time()
        await sends(caller, b"x", 0.3)
        assert virtual.loop.time() - began == pytest.approx(MAX_LINGER_SECONDS, abs=0.5)
        await virtual.wait_for_end(caller)

    virtual.run(drip())


def test_long_lines_that_do_not_end_take_neither_memory_nor_time_without_end(virtual: VirtualServer) -> None:
    unfinished = bytes(900_000)

    async def drip() -> int:
        callers = [virtual.connect([]) for _ in range(40)]
        for each in callers:
            each.protocol.data_received(STREAM + b"%x\r\n%s\r\n" % (len(unfinished), unfinished))
        await asyncio.sleep(1)
        kept = [each for each in callers if not each.lost.is_set()]
        assert 0 < len(kept) * len(unfinished) <= MAX_RECEIVED_BYTES
        began = virtual.loop.time()
        await asyncio.gather(*(sends(each, b"1\r\nx\r\n", 1) for each in kept))
        assert virtual.loop.time() - began == pytest.approx(BODY_SECONDS, abs=2)
        await virtual.wait_for_end(callers[0])
        await virtual.check_that_it_answers()
        return len(kept)

    # What those who have gone held is free again.
    assert virtual.run(drip()) == virtual.run(drip())


@pytest.mark.parametrize(
    ("first", "again", "taken"),
    [
        (request(bytes(1_000), JSON)[:-900], b" ", []),
        (STREAM + CHUNK, CHUNK, []),
        (STREAM + CHUNK * 5, CHUNK, [10]),
        (PROFILES, b"", [1]),
    ],
    ids=["sends a body", "sends lines", "sends and reads", "reads"],
)
def test_a_caller_who_goes_on_for_ever_does_not_hold_up_the_end(
    virtual: VirtualServer, first: bytes, again: bytes, taken: list[int]
) -> None:
    async def stop() -> None:
        caller, began = await over_a_stop(virtual, first, taken)
        await sends(caller, again, 1)
        lasted = virtual.loop.time() - began
        assert lasted == pytest.approx(MAX_DRAINING_SECONDS, abs=2)
        assert lasted < GRACE_SECONDS
        await virtual.wait_for_end(caller)

    virtual.run(stop())


@pytest.mark.parametrize(
    ("sent", "taken"),
    [
        (request(LINE * 300, NDJSON, path=BATCH), [0]),
        (PROFILES, [0]),
        (STREAM + CHUNK * 3, []),
        (request(dumped(), JSON)[:-20], []),
    ],
    ids=["unread lines", "unread answers", "lines that stop arriving", "a body that stops arriving"],
)
def test_a_caller_who_stalls_does_not_hold_up_the_end(virtual: VirtualServer, sent: bytes, taken: list[int]) -> None:
    async def stop() -> None:
        caller, began = await over_a_stop(virtual, sent, taken)
        await caller.lost.wait()
        assert virtual.loop.time() - began == pytest.approx(MAX_DRAINING_STALL_SECONDS, abs=1)
        await virtual.wait_for_end(caller)

    virtual.run(stop())


@pytest.mark.parametrize(
    ("first", "more", "taken"),
    [(request(LINE * 300, NDJSON, path=BATCH), b"", [100]), (STREAM + CHUNK * 300, CHUNK, [100])],
    ids=["reads", "sends and reads"],
)
def test_a_caller_who_goes_on_slowly_over_the_end_gets_the_whole_answer(
    virtual: VirtualServer, first: bytes, more: bytes, taken: list[int]
) -> None:
    async def stop() -> None:
        caller, began = await over_a_stop(virtual, first, taken)
        if more:
            for _ in range(5):
                await asyncio.sleep(1)
                caller.protocol.data_received(more)
            caller.protocol.data_received(b"0\r\n\r\n")
        await virtual.wait_for_end(caller)
        assert virtual.loop.time() - began > MAX_DRAINING_STALL_SECONDS
        assert caller.received.count(b"calculation_id") == (305 if more else 300)
        assert caller.received.endswith(b"0\r\n\r\n")

    virtual.run(stop())

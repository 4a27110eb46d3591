"""Whatever a caller sends over a connection, in whatever pieces: each request has its one answer, and all in order."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
import time
from collections.abc import Awaitable, Iterator
from itertools import cycle
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.api.application import filled_copy
from tests.operations.conversations import Conversation, check_answers, conversations
from tests.operations.nearby import Nearby, serving_nearby
from tests.operations.virtual import Caller
from tests.operations.virtual_server import VirtualServer

pytestmark = pytest.mark.usefixtures("no_errors")
LAW = settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], deadline=None)


@settings(LAW, max_examples=600)
@given(conversations())
def test_each_request_has_its_one_answer_in_its_turn(virtual: VirtualServer, conversation: Conversation) -> None:
    async def converse() -> None:
        caller = virtual.connect(conversation.taken)
        await caller.say(conversation)
        await virtual.wait_for_end(caller)
        check_answers(conversation, bytes(caller.received))
        await virtual.check_that_it_answers()

    virtual.run(converse())


async def begun(virtual: VirtualServer, conversation: Conversation, after: float) -> tuple[Caller, Awaitable[None]]:
    """Return a caller who has been talking for some time, and what ends when all is said."""
    caller = virtual.connect(conversation.taken)
    saying = asyncio.ensure_future(caller.say(conversation))
    await asyncio.sleep(after)
    return caller, saying


@settings(LAW, max_examples=150)
@given(conversations(), st.floats(0, 1))
def test_a_server_that_stops_ends_with_a_whole_answer(
    virtual: VirtualServer, conversation: Conversation, after: float
) -> None:
    async def converse() -> None:
        caller, saying = await begun(virtual, conversation, after)
        count = conversation.answered_after(caller.sent_bytes)
        virtual.shut_down()
        await saying
        await virtual.wait_for_end(caller)
        answers = check_answers(conversation, bytes(caller.received), is_cut_short=True)
        # Of several that were sent at once those are answered that were read by then, at least the first.
        assert len(answers) >= min(1, count)

    virtual.run(converse())


@settings(LAW, max_examples=150)
@given(conversations(), st.floats(0, 1))
def test_a_caller_who_goes_leaves_nothing_behind(
    virtual: VirtualServer, conversation: Conversation, after: float
) -> None:
    async def converse() -> None:
        caller, saying = await begun(virtual, conversation, after)
        caller.abort()
        await saying
        await virtual.wait_for_end(caller)
        await virtual.check_that_it_answers()

    virtual.run(converse())


# --- over a real connection ----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def nearby(filled_database: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nearby]:
    with serving_nearby(filled_copy(filled_database, tmp_path_factory.mktemp("real")), timeout_keep_alive=1) as running:
        yield running


def say(caller: socket.socket, conversation: Conversation) -> None:
    """Send everything, as long as the server reads."""
    with contextlib.suppress(ConnectionError):
        for piece, pause in zip(conversation.pieces(), cycle(conversation.pauses), strict=False):
            caller.sendall(piece)
            time.sleep(pause / 100)
        caller.shutdown(socket.SHUT_WR)


@settings(LAW, max_examples=25)
@given(conversations(ends=("half-closes",)))
def test_it_is_the_same_over_a_network(nearby: Nearby, conversation: Conversation) -> None:
    with socket.create_connection(("127.0.0.1", nearby.port), timeout=20) as caller:
        saying = threading.Thread(target=say, args=(caller, conversation))
        saying.start()
        received = bytearray()
        while more := caller.recv(1 << 16):
            received += more
        saying.join()
    check_answers(conversation, bytes(received))

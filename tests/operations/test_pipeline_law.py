"""Whatever a caller sends over a connection, in whatever pieces: each request has its one answer, and all in order."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import re
import socket
import threading
import time
from collections.abc import Coroutine, Iterator
from itertools import cycle
from pathlib import Path
from typing import Any, TypeVar

import pytest
import uvicorn
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from uvicorn.server import ServerState

from app.api.application import create_app
from app.api.head_limits import HeadLimitProtocol
from app.services.snapshot.holder import SnapshotHolder
from app.settings import Settings
from app.store import open_store
from tests.api.application import filled_copy
from tests.operations.conversations import BODY_SECONDS, Conversation, check_answers, conversations
from tests.operations.nearby import Nearby, serving_nearby
from tests.operations.virtual import Caller, VirtualLoop

GET = b"GET /healthz HTTP/1.1\r\nHost: here\r\n\r\n"
MAX_END_SECONDS = BODY_SECONDS + 10
"""What a connection may last after the caller has said all: a body may arrive, and its answer may be read."""
Result = TypeVar("Result")


class VirtualServer:
    """The service behind connections without a network, whose clock jumps."""

    def __init__(self, url: str) -> None:
        self.loop = VirtualLoop()
        self.state = ServerState()
        self._runner = asyncio.Runner(loop_factory=lambda: self.loop)
        self._open = contextlib.ExitStack()
        store = self._open.enter_context(open_store(url))
        self._app = create_app(
            SnapshotHolder(store, 3_600, 7_200), Settings(database_url=url, body_seconds=BODY_SECONDS)
        )
        self._config = uvicorn.Config(self._app, log_config=None)
        self._lifespan = self._app.router.lifespan_context(self._app)

    def run(self, work: Coroutine[Any, Any, Result]) -> Result:
        return self._runner.run(work)

    async def start(self) -> None:
        await self._lifespan.__aenter__()
        await asyncio.to_thread(self._app.state.later.load)
        self.loop.clock.is_real = False

    def stop(self) -> None:
        self.loop.clock.is_real = True
        self.run(self._lifespan.__aexit__(None, None, None))
        self._runner.close()
        self._open.close()

    def connect(self, taken: list[int]) -> Caller:
        protocol = HeadLimitProtocol(self._config, self.state, {}, self.loop)
        return Caller(self.loop, protocol, taken)

    async def wait_for_end(self, caller: Caller) -> None:
        """Wait until the connection has ended, and verify that nothing of it is left."""
        began = self.loop.time()
        await caller.lost.wait()
        assert self.loop.time() - began <= MAX_END_SECONDS
        # What the application does about it takes some turns.
        for _ in range(20):
            await asyncio.sleep(0.001)
        assert not self.state.connections
        assert not self.state.tasks
        assert not caller.was_written_late

    async def check_that_it_answers(self) -> None:
        caller = self.connect([])
        caller.protocol.data_received(GET)
        await asyncio.sleep(0.1)
        assert caller.received.endswith(b'{"status":"ok"}')
        caller.abort()
        await self.wait_for_end(caller)


@pytest.fixture(scope="module")
def server(filled_database: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[VirtualServer]:
    running = VirtualServer(filled_copy(filled_database, tmp_path_factory.mktemp("law")))
    running.run(running.start())
    yield running
    running.stop()


@pytest.fixture(autouse=True)
def _no_errors(caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]) -> Iterator[None]:
    """Nothing that callers do is an error of the server."""
    yield
    # Either for a terminal or as JSON, whatever a test before this one has chosen.
    assert re.findall(r".*(?:\[error|\[warning|\"error\"|\"warning\").*", "".join(capsys.readouterr())) == []
    assert [each for each in caplog.get_records("call") if each.levelno >= logging.WARNING] == []


LAW = settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], deadline=None)


@settings(LAW, max_examples=600)
@given(conversations())
def test_each_request_has_its_one_answer_in_its_turn(server: VirtualServer, conversation: Conversation) -> None:
    async def converse() -> None:
        caller = server.connect(conversation.taken)
        await caller.say(conversation)
        await server.wait_for_end(caller)
        check_answers(conversation, bytes(caller.received))
        await server.check_that_it_answers()

    server.run(converse())


@settings(LAW, max_examples=150)
@given(conversations(), st.floats(0, 1))
def test_a_server_that_stops_ends_with_a_whole_answer(
    server: VirtualServer, conversation: Conversation, after: float
) -> None:
    async def converse() -> None:
        caller = server.connect(conversation.taken)
        saying = asyncio.ensure_future(caller.say(conversation))
        await asyncio.sleep(after)
        begun = conversation.answered_after(caller.sent_bytes)
        for each in list(server.state.connections):
            each.shutdown()
        await saying
        await server.wait_for_end(caller)
        answers = check_answers(conversation, bytes(caller.received), is_cut_short=True)
        # Of several that were sent at once those are answered that were read by then, at least the first.
        assert len(answers) >= min(1, begun)

    server.run(converse())


@settings(LAW, max_examples=150)
@given(conversations(), st.floats(0, 1))
def test_a_caller_who_goes_leaves_nothing_behind(
    server: VirtualServer, conversation: Conversation, after: float
) -> None:
    async def converse() -> None:
        caller = server.connect(conversation.taken)
        saying = asyncio.ensure_future(caller.say(conversation))
        await asyncio.sleep(after)
        caller.abort()
        await saying
        await server.wait_for_end(caller)
        await server.check_that_it_answers()

    server.run(converse())


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

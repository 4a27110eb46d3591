"""The service behind connections without a network, whose clock jumps."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Coroutine
from typing import Any, TypeVar

import uvicorn
from uvicorn.server import ServerState

from app.api.application import create_app
from app.api.head_limits import HeadLimitProtocol
from app.services.snapshot.holder import SnapshotHolder
from app.settings import Settings
from app.store import open_store
from tests.operations.conversations import BODY_SECONDS
from tests.operations.virtual import Caller, VirtualLoop

GET = b"GET /healthz HTTP/1.1\r\nHost: here\r\n\r\n"
MAX_END_SECONDS = BODY_SECONDS + 10
"""What a connection may last after the caller has said all: a body may arrive, and its answer may be read."""
Result = TypeVar("Result")


class VirtualServer:
    """Serves a database; only what `run` runs takes place."""

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

    def shut_down(self) -> None:
        """Do to each connection what a SIGTERM does."""
        for each in list(self.state.connections):
            each.shutdown()

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

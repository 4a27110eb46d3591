"""The service in a thread of the test's own process, where a test may shorten its limits and look at its connections."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn

from app.api.application import create_app
from app.api.head_limits import HeadLimitProtocol
from app.services.snapshot.holder import SnapshotHolder
from app.settings import Settings
from app.store import open_store
from tests.serving import free_port


class Nearby:
    """A running server: its port, its connections, and its end."""

    def __init__(self, server: uvicorn.Server, thread: threading.Thread, port: int) -> None:
        self._server = server
        self._thread = thread
        self.port = port

    def connections(self) -> list[HeadLimitProtocol]:
        return [each for each in self._server.server_state.connections if isinstance(each, HeadLimitProtocol)]

    def stop(self) -> None:
        """Do what a SIGTERM does."""
        self._server.should_exit = True

    def wait(self, seconds: float) -> bool:
        """Wait for its end, and say whether it has ended."""
        self._thread.join(seconds)
        return not self._thread.is_alive()


@contextmanager
def serving_nearby(url: str, grace_seconds: int = 1, **options: Any) -> Iterator[Nearby]:
    """Serve a database until the block ends; it is ready when the block begins."""
    port = free_port()
    with open_store(url) as store:
        app = create_app(SnapshotHolder(store, 60), Settings(database_url=url))
        config = uvicorn.Config(
            app, port=port, http=HeadLimitProtocol, log_config=None, timeout_graceful_shutdown=grace_seconds, **options
        )
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run)
        thread.start()
        running = Nearby(server, thread, port)
        try:
            while not server.started:
                assert thread.is_alive()
                time.sleep(0.02)
            yield running
        finally:
            running.stop()
            thread.join()


def narrow(nearby: Nearby) -> socket.socket:
    """Connect a caller who takes a few bytes at once."""
    opened = socket.socket()
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    opened.settimeout(20)
    opened.connect(("127.0.0.1", nearby.port))
    return opened


def wait_until(holds: Callable[[], bool], seconds: float = 60) -> None:
    until = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < until
        time.sleep(0.02)

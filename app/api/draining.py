"""Going away in good order: told to stop, the process says so to its load balancer first and answers on meanwhile."""

from __future__ import annotations

import asyncio
import signal
import threading
from types import FrameType

import structlog

log = structlog.get_logger("draining")


class Draining:
    """Puts some seconds between SIGTERM and the server's own shutdown, which closes the door at once.

    In them `/readyz` says draining, connections are told to close after their answer, and everything is answered. A
    second SIGTERM ends the wait.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self.active = False

    def listen(self) -> None:
        """Take SIGTERM over from the server that runs this application; where none does, leave it alone."""
        if self._seconds <= 0 or threading.current_thread() is not threading.main_thread():
            return
        server = signal.getsignal(signal.SIGTERM)
        if not callable(server):
            return
        loop = asyncio.get_running_loop()

        def told(number: int, frame: FrameType | None) -> None:
            if self.active:
                server(number, frame)
                return
            self.active = True
            loop.call_soon_threadsafe(loop.call_later, self._seconds, server, number, None)
            log.info("draining", seconds=self._seconds)

        signal.signal(signal.SIGTERM, told)

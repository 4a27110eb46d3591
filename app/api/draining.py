"""Drain on SIGTERM: tell the load balancer first, and go on answering meanwhile."""

from __future__ import annotations

import asyncio
import signal
import threading
from types import FrameType

from app.services.observability.structured import get_logger

log = get_logger("draining")


class Draining:
    """Wait some seconds between SIGTERM and the server's own shutdown, which closes the socket at once.

    In them `/readyz` says draining, connections close after their answer, and every request is answered. A
    second SIGTERM ends the wait. For deployments without an orchestrator that waits by itself (a preStop hook).
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self.active = False

    def listen(self) -> None:
        """Take SIGTERM over from the server that runs this application; where none does, leave it alone."""
        if self._seconds <= 0 or threading.current_thread() is not threading.main_thread():
            return
        shut_down = signal.getsignal(signal.SIGTERM)
        if not callable(shut_down):
            return
        loop = asyncio.get_running_loop()

        def on_sigterm(number: int, frame: FrameType | None) -> None:
            if self.active:
                shut_down(number, frame)
                return
            self.active = True
            loop.call_soon_threadsafe(loop.call_later, self._seconds, shut_down, number, None)
            log.info("draining", seconds=self._seconds)

        signal.signal(signal.SIGTERM, on_sigterm)

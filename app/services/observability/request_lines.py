"""The line that every request leaves in the log, the shortest way: it is written as often as anything here.

It is the line that structlog would write of the same fields. The lines of one turn of the event loop are written
together, at its end, so that a busy server writes once for several requests and no line waits for another request.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime

import orjson

OPTIONS = orjson.OPT_APPEND_NEWLINE | orjson.OPT_UTC_Z


class RequestLines:
    """Gathers the lines of one turn of the loop and writes them at its end; `write` takes whole lines."""

    def __init__(self, write: Callable[[bytes], object]) -> None:
        self._write = write
        self._waiting: list[bytes] = []

    def add(self, request_id: str, method: str, route: str, status: int, milliseconds: float) -> None:
        """Put down one request that was answered. Called on the loop's own thread."""
        if not self._waiting:
            asyncio.get_running_loop().call_soon(self._all)
        line = {
            "request_id": request_id,
            "method": method,
            "route": route,
            "status": status,
            "milliseconds": milliseconds,
            "event": "request",
            "level": "info",
            "timestamp": datetime.now(UTC),
        }
        self._waiting.append(orjson.dumps(line, option=OPTIONS))

    def _all(self) -> None:
        lines, self._waiting = b"".join(self._waiting), []
        self._write(lines)

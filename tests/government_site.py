"""Stand for the government's site, which publishes the list of bank holidays, at an address of this machine."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

WHOLE: dict[str, Any] = json.loads((Path(__file__).parent / "calendars" / "govuk_2019_2028.json").read_text("utf-8"))


class Publisher(ThreadingHTTPServer):
    """Stands for the government's site: answers what the test puts there, in the way the test wants."""

    daemon_threads = True
    body = b""
    status = 200
    headers: dict[str, str] = {}  # noqa: RUF012 - replaced as a whole
    pause = 0.0
    drips = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answering)
        self.address = f"http://127.0.0.1:{self.server_port}/bank-holidays.json"

    def puts(
        self, document: object, status: int = 200, pause: float = 0.0, *, drips: bool = False, **headers: str
    ) -> None:
        self.body = document if isinstance(document, bytes) else json.dumps(document).encode()
        self.status, self.pause, self.drips = status, pause, drips
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}


class Answering(BaseHTTPRequestHandler):
    server: Publisher

    def do_GET(self) -> None:
        if self.server.drips:
            return self._drip()
        self.send_response(self.server.status)
        for name, value in self.server.headers.items():
            self.send_header(name, value)
        self.end_headers()
        half = len(self.server.body) // 2
        try:
            self.wfile.write(self.server.body[:half])
            self.wfile.flush()
            time.sleep(self.server.pause)
            self.wfile.write(self.server.body[half:])
        except OSError:
            pass  # the reader did not wait

    def _drip(self) -> None:
        """Send a head that never ends, a byte at a time."""
        try:
            self.wfile.write(b"HTTP/1.0 200 OK\r\nX-Slow: ")
            for _ in range(30):
                self.wfile.write(b"a")
                self.wfile.flush()
                time.sleep(0.05)
        except OSError:
            pass  # the reader did not wait

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's
        """Write nothing."""


@contextmanager
def publishing() -> Iterator[Publisher]:
    with Publisher() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()

"""Serve /metrics at a port of its own, for all workers together, from the process that starts them."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PATH = "/metrics"


@contextmanager
def metrics_server(host: str, port: int, stale_seconds: float) -> Iterator[None]:
    """Serve the metrics until the block ends; with port 0, serve nothing. Raises OSError if the port is taken."""
    if port == 0:
        yield
        return
    from app.services.observability import metrics

    # With several workers this process only adds up: gauges of its own would count as those of a worker.
    metrics.forget_process()

    class Handler(BaseHTTPRequestHandler):
        timeout = 10  # of one connection, so that an idle one is closed

        def do_GET(self) -> None:
            """Answer one request."""
            if self.path.partition("?")[0] != PATH:
                self.send_error(404)
                return
            data, kind = metrics.render_metrics(stale_seconds)
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(data)))
            self.send_header("Cache-Control", "no-store")
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: object) -> None:
            """Log nothing: an address could be anything."""

    server = ThreadingHTTPServer((host, port), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, name="metrics", daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join(timeout=5)

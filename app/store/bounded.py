"""A connection to PostgreSQL that waits only so long for the server.

The server's own `statement_timeout` ends a query that is slow. It ends nothing when the server itself stands still (a
stalled disk, a suspended machine): the socket stays open, and the kernel goes on acknowledging what is sent.
"""

import time
from typing import Any

import psycopg


class AnswerTimeout(psycopg.OperationalError):
    """The server did not answer in time; the connection is closed."""


class BoundedConnection(psycopg.Connection[Any]):
    """A connection each of whose operations ends, at the latest, `answer_seconds` after it began."""

    answer_seconds: float | None = None
    """None waits without end, as a migration does."""

    def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:
        """Wait for one operation. Raises AnswerTimeout, and closes the connection, if it takes too long."""
        limit = self.answer_seconds if timeout is None else timeout
        started = time.monotonic()
        try:
            return super().wait(gen, interval, timeout=limit)
        except psycopg.OperationalError as error:
            if limit is None or error.sqlstate is not None or time.monotonic() - started < limit:
                raise
            # Without a goodbye: the server would have to read it.
            self.pgconn.finish()
            raise AnswerTimeout("the server did not answer in time") from None

"""One transaction per operation: readers see one moment, writers run one at a time, and none goes on without end."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine, select, text

from app.store.engine import SECONDS_OPTION
from app.store.failures import translate_errors
from app.store.tables import publication

# A statement that hangs, or a client whose machine does, must not keep the others out for longer than a request lasts.
# Set for the transaction and not for the connection, so that a pool between us and the server makes no difference.
_LIMITS = text(
    "SELECT set_config('lock_timeout', :lock, true), set_config('statement_timeout', :statement, true),"
    " set_config('idle_in_transaction_session_timeout', :idle, true)"
)

COUNTER = "counter"
"""Under this name a write transaction remembers the counter of changes as it was last seen."""


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """Open a read transaction that sees one moment: a concurrent publication is not seen, not even in part."""
    with translate_errors(), engine.connect() as connection:
        is_postgresql = engine.dialect.name == "postgresql"
        if is_postgresql:
            connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        with connection.begin():
            if is_postgresql:
                _limit(connection, engine)
            yield connection


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """Open a write transaction with the writers' lock: all of it is committed at the end, or nothing if it raises.

    The lock is taken before anything is read, on one row that all replicas share. So a check in the transaction still
    holds at its commit, and version numbers have no gaps.
    """
    with translate_errors(), engine.connect() as connection:
        connection.execution_options(deadlines_writes=True)
        with connection.begin():
            if engine.dialect.name == "postgresql":
                _limit(connection, engine)
            counter = select(publication.c.counter).with_for_update()
            connection.info[COUNTER] = connection.execute(counter).scalar_one()
            yield connection


def _limit(connection: Connection, engine: Engine) -> None:
    seconds: float = engine.get_execution_options()[SECONDS_OPTION]
    milliseconds = int(seconds * 1000)
    # Waiting for a lock ends a little before the statement does, so that the error says which of the two it was.
    limits = {"lock": milliseconds * 4 // 5, "statement": milliseconds, "idle": 3 * milliseconds}
    connection.execute(_LIMITS, {name: f"{value}ms" for name, value in limits.items()})

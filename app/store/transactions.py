"""One transaction per operation: readers see one moment, writers run one at a time."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine, select, text
from sqlalchemy.orm import Session

from app.store.engine import LOCK_WAIT_SECONDS
from app.store.failures import translate_errors
from app.store.tables import Publication

# A writer that hangs, or whose machine does, must not keep the others out for longer than a request lasts.
_WRITER_LIMITS = text(
    f"SELECT set_config('lock_timeout', '{LOCK_WAIT_SECONDS}s', true),"
    " set_config('statement_timeout', '15s', true),"
    " set_config('idle_in_transaction_session_timeout', '15s', true)"
)


@contextmanager
def reading(engine: Engine) -> Iterator[Session]:
    """Open a read transaction that sees one moment: a concurrent publication is not seen, not even in part."""
    with translate_errors(), Session(engine, expire_on_commit=False) as session, session.begin():
        if engine.dialect.name == "postgresql":
            session.connection(execution_options={"isolation_level": "REPEATABLE READ", "postgresql_readonly": True})
        yield session


@contextmanager
def writing(engine: Engine) -> Iterator[Session]:
    """Open a write transaction with the writers' lock: all of it is committed at the end, or nothing if it raises.

    The lock is taken before anything is read, on one row that all replicas share. So a check in the transaction still
    holds at its commit, and version numbers have no gaps.
    """
    with translate_errors(), Session(engine, expire_on_commit=False) as session, session.begin():
        if engine.dialect.name == "postgresql":
            session.execute(_WRITER_LIMITS)
            session.execute(select(Publication.counter).with_for_update()).one()
        else:
            session.connection(execution_options={"deadlines_writes": True})
        yield session

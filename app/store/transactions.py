"""One transaction to an operation: readers see one moment, writers come one after the other."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine, select, text
from sqlalchemy.orm import Session

from app.store.engine import LOCK_WAIT_SECONDS
from app.store.failures import translated
from app.store.tables import Publication

# A writer that hangs, or whose machine does, must not keep the others out for longer than a request lasts.
_WRITER_LIMITS = text(
    f"SELECT set_config('lock_timeout', '{LOCK_WAIT_SECONDS}s', true),"
    " set_config('statement_timeout', '15s', true),"
    " set_config('idle_in_transaction_session_timeout', '15s', true)"
)


@contextmanager
def reading(engine: Engine) -> Iterator[Session]:
    """Read as of one moment: what is published meanwhile is not seen, not even half of it."""
    with translated(), Session(engine, expire_on_commit=False) as session, session.begin():
        if engine.dialect.name == "postgresql":
            session.connection(execution_options={"isolation_level": "REPEATABLE READ", "postgresql_readonly": True})
        yield session


@contextmanager
def writing(engine: Engine) -> Iterator[Session]:
    """Write alone: all of it is kept when the block ends, nothing when it raises or the process dies.

    The lock is taken before anything is read, on one row that all replicas share. So what a write checks still
    holds when it is done, and version numbers can follow one another without gaps.
    """
    with translated(), Session(engine, expire_on_commit=False) as session, session.begin():
        if engine.dialect.name == "postgresql":
            session.execute(_WRITER_LIMITS)
            session.execute(select(Publication.counter).with_for_update()).one()
        else:
            session.connection(execution_options={"deadlines_writes": True})
        yield session

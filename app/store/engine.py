"""The database engine: driver, timeouts, and what each transaction starts with."""

from collections.abc import Callable
from typing import Any

import orjson
import sqlalchemy
from sqlalchemy import URL, Connection, Engine, event, make_url

from app.services.ports.packed import to_json

ANSWER_SECONDS = 5.0
"""How long a query may take, unless the caller says otherwise."""
SECONDS_OPTION = "deadlines_seconds"
"""The engine's execution option with that time."""
GRACE_SECONDS = 1
"""How much longer we wait than the server may work: its own error, that it gave up, says more than silence."""

_POSTGRESQL = {
    "connect_timeout": 2,
    # A server that vanished without a word is noticed after seconds, not after the kernel's quarter of an hour.
    "keepalives": 1,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 2,
    "tcp_user_timeout": 5000,
    "application_name": "practice-deadlines",
}


def create_engine(url: str | URL, seconds: float = ANSWER_SECONDS) -> Engine:
    """Create an engine for SQLite or PostgreSQL. No connection is opened before the first use.

    Each query, and each wait for a lock, ends after `seconds`. `postgres://` and `postgresql://` both use psycopg.
    Raises `ValueError` for any other database, and for SQLite in memory, where each connection would have its own.
    """
    parsed = make_url(url)
    options: dict[str, Any] = {
        "hide_parameters": True,
        "json_serializer": to_json,
        "json_deserializer": orjson.loads,
        "pool_timeout": 3,
        "execution_options": {SECONDS_OPTION: seconds},
    }
    backend = "postgresql" if parsed.drivername == "postgres" else parsed.get_backend_name()
    if backend == "postgresql":
        engine = sqlalchemy.create_engine(
            parsed.set(drivername="postgresql+psycopg"),
            connect_args={name: value for name, value in _POSTGRESQL.items() if name not in parsed.query},
            pool_pre_ping=True,
            **options,
        )
        event.listen(engine, "do_connect", _connect_bounded(seconds))
        return engine
    if backend == "sqlite":
        if parsed.database in {None, "", ":memory:"} or "mode=memory" in str(parsed):
            raise ValueError("SQLite needs a file: in memory, each connection would have a database to itself")
        engine = sqlalchemy.create_engine(
            parsed.set(drivername="sqlite+pysqlite"), connect_args={"timeout": seconds}, **options
        )
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    raise ValueError(f"the database is SQLite (sqlite:///file) or PostgreSQL (postgresql://…), not {backend}")


def _connect_bounded(seconds: float) -> Callable[..., Any]:
    def connect(_dialect: object, _record: object, arguments: list[Any], options: dict[str, Any]) -> Any:
        from app.store.bounded import BoundedConnection  # a service on SQLite need not import the driver

        connection = BoundedConnection.connect(*arguments, **options)
        connection.answer_seconds = seconds + GRACE_SECONDS
        return connection

    return connect


def _prepare_sqlite(connection: Any, _record: object) -> None:
    # The driver must not open transactions of its own accord: a write has to take its lock at the start.
    connection.isolation_level = None
    for pragma in (
        "journal_mode = WAL",
        "synchronous = FULL",
        "foreign_keys = ON",
        # Without it, a row that INSERT OR REPLACE removes would not meet the guards against deleting.
        "recursive_triggers = ON",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("deadlines_writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

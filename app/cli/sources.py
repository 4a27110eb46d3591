"""What a command works with: the packaged profiles, without a database, or the configured store."""

from __future__ import annotations

import getpass
import sys
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli.errors import WRONG_USE, fail
from app.cli.standards_option import chosen_standards
from app.services.problems import Problem

if TYPE_CHECKING:
    from app.services.ports import StoredState, WriteContext
    from app.services.snapshot.holder import SnapshotHolder
    from app.services.snapshot.snapshot import Snapshot
    from app.store import SqlStore

StoreOption = Annotated[
    bool, typer.Option("--store", help="Answer from the configured store instead of the packaged profiles.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Write JSON instead of a table.")]


@contextmanager
def open_configured_store() -> Iterator[SqlStore]:
    """Open the configured store. Exits with a message if the SQLite file does not exist."""
    from app.services.observability.logging import configure
    from app.settings import Settings
    from app.store import open_store

    settings = Settings()
    configure(settings.model_copy(update={"log_level": "WARNING", "log_json": False}))
    url = settings.database_url
    name = url.removeprefix("sqlite:///")
    if name not in (url, ":memory:") and not Path(name).exists():
        fail(f"there is no database at {name}", "run `deadlines load` first, or set DEADLINES_DATABASE_URL")
    with open_store(url, settings.store_seconds) as store:
        yield store


@contextmanager
def open_holder() -> Iterator[SnapshotHolder]:
    """Open the configured store for a command that changes it; nothing is loaded yet."""
    from app.services.snapshot.holder import SnapshotHolder

    with open_configured_store() as store:
        yield SnapshotHolder(store, 1)


def has_configured_store() -> bool:
    """Return whether a store is configured: a server of PostgreSQL, or a file of SQLite that exists."""
    from app.settings import Settings

    url = Settings().database_url
    name = url.removeprefix("sqlite:///")
    return name == url or Path(name).exists()


def load_state(*, store: bool) -> StoredState:
    """Load every published version from the store, the file of --standards or the package."""
    chosen = chosen_standards(store=store)
    if chosen is not None:
        return chosen
    if store:
        with open_configured_store() as opened:
            return opened.load_everything()
    from app.services.snapshot.offline import packaged_state

    return packaged_state()


def load_snapshot(*, store: bool) -> Snapshot:
    """Build the snapshot to answer from."""
    from app.services.snapshot.snapshot import build_snapshot

    return build_snapshot(load_state(store=store))


def write_context() -> WriteContext:
    """Return who writes to the store from this terminal, and when."""
    from app.services.ports import WriteContext

    return WriteContext(by=f"cli:{getpass.getuser()}", at=datetime.now(UTC))


def read_text(path: Path) -> str:
    """Read a file's text, or standard input for `-`."""
    if str(path) == "-":
        return sys.stdin.read()
    try:
        return path.read_bytes().decode("utf-8")
    except OSError as error:
        fail(f"{path} cannot be read: {error.strerror or error}", status=WRONG_USE)
    except UnicodeDecodeError:
        fail(f"{path} is not UTF-8 text", "save it as UTF-8", status=WRONG_USE)


def read_json(path: Path) -> Any:
    """Read a file's JSON as strictly as the service reads a body: a key that occurs twice is refused."""
    from app.services.calculation.json_body import parse_json_text

    try:
        return parse_json_text(read_text(path), "file")
    except Problem as problem:
        (fault,) = problem.faults
        fail(f"{path}: this is not JSON: {fault.message}", fault.remedy, status=WRONG_USE)


def read_document(path: Path) -> Mapping[str, Any]:
    """Read a table from a TOML or JSON file."""
    if path.suffix == ".toml":
        try:
            return tomllib.loads(read_text(path))
        except tomllib.TOMLDecodeError as error:
            fail(f"{path}: this is not TOML: {error}", status=WRONG_USE)
    value = read_json(path)
    if not isinstance(value, dict):
        fail(f"{path} must hold one object", status=WRONG_USE)
    return value

"""Start real processes that write to the store, and see to it that they end."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine, text


@contextmanager
def publishers(count: int, url: str, *words: str) -> Iterator[list[subprocess.Popen[str]]]:
    """Start processes and wait until each has connected; whatever happens, none outlives the block."""
    started = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.store.publisher", url, *words],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(count)
    ]
    try:
        for process in started:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
        yield started
    finally:
        for process in started:
            process.kill()
            process.communicate()


def go(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    process.stdin.write("\n")
    process.stdin.flush()


def outcome(process: subprocess.Popen[str]) -> str:
    return process.communicate(timeout=30)[0].strip()


def waiting_for_a_lock(engine: Engine) -> list[str]:
    """What the server's clients that wait for a lock are about to do, in this database."""
    with engine.connect() as connection:
        return list(
            connection.scalars(
                text(
                    "SELECT query FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
                )
            )
        )

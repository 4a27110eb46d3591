"""Keep long work off the event loop: what may take milliseconds says so here, and is then done in a thread."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_ON_LOOP: ContextVar[bool] = ContextVar("on_loop", default=False)


class NeedsThread(Exception):
    """The work takes too long for the event loop, and is to be done again in a thread."""


@contextmanager
def on_event_loop() -> Iterator[None]:
    """Let what takes too long for the event loop raise NeedsThread inside."""
    token = _ON_LOOP.set(True)
    try:
        yield
    finally:
        _ON_LOOP.reset(token)


def require_thread() -> None:
    """Raise NeedsThread on the event loop. Called before work that takes milliseconds, such as a search for names."""
    if _ON_LOOP.get():
        raise NeedsThread

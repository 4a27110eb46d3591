"""structlog, imported without the package that it would colour tracebacks with: this service shows none.

That package (rich) imports a highlighter of code for them, and takes a twentieth of a start.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def _without(name: str) -> Iterator[None]:
    """Let a module seem not to be installed for as long as this is entered, unless it is imported already."""
    modules: dict[str, object] = sys.modules  # type: ignore[assignment]  # None is documented: the import is refused
    if name in modules:
        yield
        return
    modules[name] = None
    try:
        yield
    finally:
        del modules[name]


with _without("rich"):
    import structlog

get_logger = structlog.get_logger

__all__ = ["get_logger", "structlog"]

"""Calculate in one's own Python process: the one supported way in.

Standards are loaded once; typed values go in and typed values come out. Everything else of `app` may change with any
version. Neither a web framework nor a database is imported, and what judges whole cases when it is first named.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from app.services.problems import Problem
from app.services.standards.loading import Standards
from app.services.standards.typed_requests import calculate, resolve, working_days_taken

if TYPE_CHECKING:
    from app.services.standards.cases import judge
    from app.services.timelines.status_records import StatusRecord

WHEN_NAMED = {"judge": "app.services.standards.cases", "StatusRecord": "app.services.timelines.status_records"}

__all__ = ["Problem", "Standards", "StatusRecord", "calculate", "judge", "resolve", "working_days_taken"]


def __getattr__(name: str) -> object:
    module = WHEN_NAMED.get(name)
    if module is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(module), name)

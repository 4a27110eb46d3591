"""Who may do what. By default calculating and reading are open and writing needs a key."""

from __future__ import annotations

from starlette.requests import Request

from app.service.problems import Problem
from app.service.settings import Settings

OPEN_BY_DEFAULT = frozenset({"open", "read", "calculate"})


class Guard:
    """Decides whether a request's caller has a scope."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def require(self, request: Request, scope: str) -> None:
        """Let the request pass, or raise Problem: unauthenticated or forbidden."""
        if scope == "open" or (scope in OPEN_BY_DEFAULT and not self._settings.require_key):
            return
        raise Problem("unauthenticated", "This needs a key.", headers={"WWW-Authenticate": "Bearer"})

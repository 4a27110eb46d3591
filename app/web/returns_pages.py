"""The pages about returns: what becomes of each column, and what a return evidences."""

from __future__ import annotations

import re

from markupsafe import Markup, escape
from starlette.requests import Request
from starlette.responses import Response

from app.services.problems import Fault, Problem
from app.services.returns.mapping import SOURCES
from app.services.returns.page import cited, return_page, return_titles
from app.services.snapshot.holder import SnapshotHolder
from app.web.routing import in_thread, page, ready_snapshot

CODE = re.compile(r"`([^`]*)`")


class ReturnsPages:
    """The handlers of the pages, over the current snapshot."""

    def __init__(self, live: SnapshotHolder) -> None:
        self._live = live

    async def index(self) -> Response:
        """List the returns that are read."""
        ready_snapshot(self._live)
        return page("returns.html", here="returns", returns=return_titles())

    async def one(self, request: Request, key: str) -> Response:
        """Show what becomes of one return."""
        if key not in SOURCES:
            fault = Fault("key", "no such return is read", f"use one of: {', '.join(SOURCES)}", key[:100])
            raise Problem("not-found", "No such return is read.", [fault])
        return await in_thread(request, self._one, key)

    def _one(self, key: str) -> Response:
        content = return_page(ready_snapshot(self._live), key)
        return page("return.html", here="returns", page=content, cited=cited, marked=marked)


def marked(text: str) -> Markup:
    """Return text as HTML, with what stands between backticks as code."""
    return Markup("").join(
        Markup("<code>{}</code>").format(part) if place % 2 else escape(part)
        for place, part in enumerate(CODE.split(text))
    )

"""The second route of an address that takes lines as well as one body."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fastapi import APIRouter, Depends, Request
from starlette.routing import Match
from starlette.types import Scope

from app.api.bodies import media_type, reject_compressed
from app.api.routing import ContractRoute
from app.api.streaming import NDJSON

LINE_TYPES = frozenset({NDJSON, "application/ndjson", "application/jsonl"})


class LinesRoute(ContractRoute):
    """The same path for NDJSON. It declares no body, so that FastAPI does not collect what is streamed."""

    reads_body = True

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Match requests that send lines."""
        if scope["type"] != "http" or media_type(Request(scope)) not in LINE_TYPES:
            return Match.NONE, {}
        return super().matches(scope)


async def _require_uncompressed(request: Request) -> None:
    reject_compressed(request)


def add_lines_route(router: APIRouter, path: str, endpoint: Callable[..., Any]) -> None:
    """Serve the lines that are sent to a path by `endpoint`. The route of the one body documents them."""
    router.add_api_route(
        path,
        endpoint,
        methods=["POST"],
        dependencies=[Depends(_require_uncompressed)],
        include_in_schema=False,
        response_model=None,
        route_class_override=LinesRoute,
    )

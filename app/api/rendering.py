"""Answers as bytes: JSON, problems, entity tags."""

from __future__ import annotations

import hashlib

import orjson
from starlette.requests import Request
from starlette.responses import Response

from app.services.observability import metrics
from app.services.problems import Problem

PROBLEM_JSON = "application/problem+json"
IMMUTABLE = "public, max-age=31536000, immutable"
REVALIDATE = "no-cache"


def as_bytes(body: object) -> bytes:
    """JSON in the order of the contract's fields, without spaces."""
    return orjson.dumps(body)


def answer(body: object, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """A JSON answer."""
    return Response(as_bytes(body), status, headers, "application/json")


def problem(found: Problem) -> Response:
    """A problem+json answer, and one more refusal of its kind."""
    metrics.count_problem(found.kind)
    return Response(as_bytes(found.as_json()), found.status, found.headers, PROBLEM_JSON)


def tagged(
    request: Request, body: object, cache_control: str = REVALIDATE, headers: dict[str, str] | None = None
) -> Response:
    """A JSON answer with a strong entity tag, or 304 where the caller has it already."""
    data = as_bytes(body)
    if request.app.state.settings.require_key:
        # What needs a key is kept by the caller's own cache, and not by one that others share.
        cache_control = cache_control.replace("public", "private")
    tag = f'"{hashlib.sha256(data).hexdigest()[:32]}"'
    extra = {"ETag": tag, "Cache-Control": cache_control, **(headers or {})}
    if matches(request.headers.get("if-none-match", ""), tag):
        return Response(status_code=304, headers=extra)
    return Response(data, 200, extra, "application/json")


def matches(header: str, tag: str) -> bool:
    """Whether an If-None-Match or If-Match header names the tag (weakly compared)."""
    named = {item.strip().removeprefix("W/") for item in header.split(",")}
    return "*" in named or tag in named

"""The problems a route may answer with, as OpenAPI declares them."""

from __future__ import annotations

from typing import Any

from app.api.rendering import PROBLEM_JSON
from app.services.problems import TITLES

EVERYWHERE = (
    "unauthenticated",
    "forbidden",
    "uri-too-long",
    "head-too-large",
    "too-many-requests",
    "internal-error",
)
BODY = ("invalid-json", "request-timeout", "body-too-large", "unsupported-media-type", "invalid-request", "not-ready")
READING = ("not-ready",)


def declared(*kinds: str) -> dict[int | str, dict[str, Any]]:
    """Each status with the kinds of problem behind it."""
    by_status: dict[int, list[str]] = {}
    for kind in (*kinds, *EVERYWHERE):
        by_status.setdefault(TITLES[kind][0], []).append(kind)
    schema = {"$ref": "#/components/schemas/ProblemDetails"}
    return {
        status: {
            "description": "; ".join(dict.fromkeys(TITLES[kind][1] for kind in named)) + ".",
            "content": {PROBLEM_JSON: {"schema": schema}},
        }
        for status, named in sorted(by_status.items())
    }

"""Request bodies: read with a limit, parsed strictly as JSON."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from typing import Any, NoReturn

from starlette.requests import Request

from app.service.problems import Fault, Problem

MOST_BYTES = 1024 * 1024
MOST_BATCH_BYTES = 8 * MOST_BYTES
DEEPEST = 60


async def read_body(request: Request, limit: int = MOST_BYTES) -> bytes:
    """The body, refused as soon as it is longer than the limit."""
    declared = request.headers.get("content-length", "")
    if declared.isascii() and declared.isdigit() and int(declared[:19]) > limit:
        raise too_large(limit)
    plain_only(request)
    body = bytearray()
    try:
        async with asyncio.timeout(request.app.state.settings.body_seconds):
            async for chunk in request.stream():
                body += chunk
                if len(body) > limit:
                    raise too_large(limit)
    except TimeoutError:
        raise too_slow() from None
    return bytes(body)


def plain_only(request: Request) -> None:
    """Refuse a compressed body. None is ever unpacked, so that a small one cannot become a large one."""
    encoding = request.headers.get("content-encoding", "").strip().lower()
    if encoding not in {"", "identity"}:
        fault = Fault("Content-Encoding", "bodies are read as they are sent", "send the body without compressing it")
        raise Problem(
            "unsupported-media-type",
            "A compressed body is not read here.",
            [fault],
            headers={"Accept-Encoding": "identity"},
        )


def too_slow() -> Problem:
    """The refusal of a body that stops arriving."""
    fault = Fault("(body)", "the body did not arrive in time", "send the whole body at once")
    return Problem("request-timeout", "The body did not arrive in time.", [fault], headers={"Connection": "close"})


def too_large(limit: int) -> Problem:
    """The refusal of a body over its limit."""
    size = f"{limit // MOST_BYTES} MiB"
    return Problem(
        "body-too-large",
        f"A body holds at most {size}.",
        [Fault("(body)", "the body is too large", f"send at most {size}")],
    )


def media_type(request: Request) -> str:
    """The body's media type without its parameters."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


async def read_json(request: Request, limit: int = MOST_BYTES) -> Any:
    """The body as JSON. Raises Problem: another media type, too large, not JSON."""
    kind = media_type(request)
    if kind and kind != "application/json" and not kind.endswith("+json"):
        fault = Fault("Content-Type", "this media type is not read here", "send application/json", kind[:100])
        raise Problem("unsupported-media-type", "The body must be JSON.", [fault])
    return parse_json(await read_body(request, limit))


def parse_json(body: bytes) -> Any:
    """JSON as RFC 8259 has it: no NaN, no key twice in one object, no depth or number that no request needs."""
    try:
        found = json.loads(body.decode("utf-8-sig"), object_pairs_hook=_once, parse_constant=_no_constant)
    except UnicodeDecodeError:
        raise _not_json("the body is not UTF-8", "send UTF-8") from None
    except json.JSONDecodeError as error:
        raise _not_json(f"{error.msg} at line {error.lineno}, column {error.colno}", "send one JSON object") from None
    except RecursionError:
        raise _too_deep() from None
    except ValueError as error:
        message = "a number has too many digits" if "digits" in str(error) else str(error)[:200]
        raise _not_json(message, "send one JSON object") from None
    if body.count(b"[") + body.count(b"{") > DEEPEST and _deeper_than(found, DEEPEST):
        raise _too_deep()
    if b"\\u" in body:
        # Half of a pair is no character: it can be read from an escape, and never be written again.
        try:
            json.dumps(found, ensure_ascii=False).encode("utf-8")
        except UnicodeEncodeError:
            raise _not_json("a text holds half of a surrogate pair", "send whole characters") from None
    return found


def _too_deep() -> Problem:
    return _not_json("the JSON is nested too deeply", "send a flat object")


def _deeper_than(value: object, levels: int) -> bool:
    """Whether arrays and objects lie in one another deeper than so many levels; without recursion of its own."""
    layer: list[object] = [value]
    for _ in range(levels):
        inner: list[object] = []
        for item in layer:
            if isinstance(item, dict):
                inner.extend(each for each in item.values() if isinstance(each, dict | list))
            elif isinstance(item, list):
                inner.extend(each for each in item if isinstance(each, dict | list))
        if not inner:
            return False
        layer = inner
    return True


def _once(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        seen: set[str] = set()
        twice = next(name for name, _ in pairs if name in seen or seen.add(name))  # type: ignore[func-returns-value]  # None: not seen
        raise ValueError(f"the key {twice[:100]!r} stands twice in one object")
    return found


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON value")


def _not_json(message: str, remedy: str) -> Problem:
    return Problem("invalid-json", "The body is not JSON.", [Fault("(body)", message, remedy)])

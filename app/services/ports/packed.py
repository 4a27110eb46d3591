"""Documents as compressed text: what is stored of every version fits in memory, and is read when somebody wants it."""

from __future__ import annotations

import json
import zlib
from typing import Any

import orjson

# The fastest level: the next ones take four times as long to save a fifth more.
_LEVEL = 1


def to_json(value: object) -> str:
    """Serialise a document: keys in their order, no NaN (PostgreSQL would refuse it, SQLite would not)."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def pack(document: object) -> bytes:
    """Compress a document. Raises ValueError where it is no JSON."""
    return pack_text(to_json(document))


def pack_text(text: str) -> bytes:
    """Compress the text of a document, without reading it: what it says is for `unpack` to see."""
    return zlib.compress(text.encode(), _LEVEL)


def unpack(packed: bytes) -> dict[str, Any]:
    """Return a document, read anew. Raises ValueError where the text is no JSON object."""
    document = orjson.loads(zlib.decompress(packed))
    if not isinstance(document, dict):
        raise ValueError("the stored document is no JSON object")  # noqa: TRY004 - what was stored, not what was passed
    return document

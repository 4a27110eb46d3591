"""Checksums of documents, over one canonical form of JSON.

Calendars compute their own checksum (`calendars/calendar.py`): that layer is below this one and imports nothing.
"""

from __future__ import annotations

import hashlib
import json

import orjson


def canonical(value: object) -> bytes:
    """Return JSON in UTF-8 with sorted keys, no spaces and no unnecessary escapes. Raises ValueError for NaN."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()


def digest(value: object) -> str:
    """Return the SHA-256 of the canonical form, as checksums write it: `sha256:…`."""
    return _sha256(canonical(value))


def matches(value: object, checksum: str) -> bool:
    """Return True if this is the digest of a value that was read from JSON.

    orjson writes the canonical form in a tenth of the time, but for a few numbers (1e16): what does not match is
    digested again in the form that decides.
    """
    try:
        if _sha256(orjson.dumps(value, option=orjson.OPT_SORT_KEYS)) == checksum:
            return True
    except TypeError:
        pass
    return digest(value) == checksum


def _sha256(data: bytes) -> str:
    return "sha256:" + hashlib.sha256(data).hexdigest()

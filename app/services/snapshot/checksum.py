"""Checksums of documents, over one canonical form of JSON.

Calendars compute their own checksum (`calendars/calendar.py`): that layer is below this one and imports nothing.
"""

from __future__ import annotations

import hashlib
import json


def canonical(value: object) -> bytes:
    """Return JSON in UTF-8 with sorted keys, no spaces and no unnecessary escapes. Raises ValueError for NaN."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()


def digest(value: object) -> str:
    """Return the SHA-256 of the canonical form, as checksums write it: `sha256:…`."""
    return "sha256:" + hashlib.sha256(canonical(value)).hexdigest()

"""One way of writing each document, so that a digest of it means something."""

from __future__ import annotations

import hashlib
import json


def canonical(value: object) -> bytes:
    """JSON with sorted keys, no spaces and no escapes that are not needed, in UTF-8."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()


def digest(value: object) -> str:
    """The SHA-256 of the canonical form, as checksums and calculation ids are written."""
    return "sha256:" + hashlib.sha256(canonical(value)).hexdigest()

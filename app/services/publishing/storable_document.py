"""Check that a document can be stored at all, before it is validated as a profile."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from app.documents.nesting import is_deeper_than
from app.services.ports import JsonObject
from app.services.problems import Fault, Problem, redact_for_display
from app.services.snapshot.checksum import canonical

MAX_DEPTH = 40
REMEDY = "send the profile as a JSON object, in the structure of docs/profile-format.md"


def read_document(value: object, path: str = "document") -> JsonObject:
    """Return a document as a JSON object that can be stored, digested and returned unchanged. Raises Problem."""
    if not isinstance(value, Mapping):
        raise _refused(path, "a profile document is a JSON object", REMEDY, redact_for_display(value))
    if is_deeper_than(value, MAX_DEPTH):
        raise _refused(path, f"the document is nested more than {MAX_DEPTH} deep", "flatten it")
    if has_large_number(value):
        raise _refused(path, "a whole number has more than 64 bits", "send a smaller one")
    try:
        if b"\\u0000" in canonical(value):
            raise _refused(path, "a text contains the character NUL", "leave it out")
    except ValueError:
        raise _refused(
            path, "a text or number cannot be stored", "send texts of valid Unicode and numbers that are finite"
        ) from None
    return cast(JsonObject, dict(value))


def has_large_number(value: object) -> bool:
    """Return whether a whole number anywhere in a JSON value has more than 64 bits: few tools can read such a one."""
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, Mapping):
            waiting.extend(item.values())
        elif isinstance(item, list):
            waiting.extend(item)
        elif isinstance(item, int) and not -(2**63) <= item < 2**63:
            return True
    return False


def _refused(path: str, message: str, remedy: str, value: object = None) -> Problem:
    return Problem("invalid-request", "1 fault found; `errors` lists it.", [Fault(path, message, remedy, value)])

"""Read JSON strictly: what another parser might read otherwise is refused."""

from __future__ import annotations

import codecs
import re
from typing import Any

import jiter

from app.documents.nesting import is_deeper_than
from app.services.problems import Fault, Problem

MAX_DEPTH = 60
# The cost of JSON is in its values: 8 MiB of `[1,2]` would be millions of objects. Real bodies have one in 20 bytes.
MIN_BYTES_PER_VALUE = 16
MAX_UNCOUNTED_BYTES = 64 * 1024
MAX_KEY_SHOWN = 100
END_OF_TEXT = re.compile(r"EOF while parsing (.*) at line (\d+) column (\d+)")
DUPLICATE_KEY = re.compile(r'Detected duplicate key "(.*)" at line (\d+) column (\d+)', re.DOTALL)


def max_values(limit: int) -> int:
    """Return how many values a body of at most `limit` bytes may have."""
    return limit // MIN_BYTES_PER_VALUE


def check_values(text: bytes, limit: int) -> None:
    """Raise Problem where a body has more values than one of its limit may have. Counts what separates values."""
    most = max_values(limit)
    if len(text) > MAX_UNCOUNTED_BYTES and text.count(b",") + text.count(b"[") + text.count(b"{") > most:
        if b"[" * (MAX_DEPTH + 1) in text:
            raise _invalid("body", *TOO_DEEP)
        fault = Fault("(body)", "the body has too many values", f"send at most {most} values in one body")
        raise Problem(
            "body-too-large",
            f"A body of this address has at most {most} values.",
            [fault],
            extra={"budget": "json_values", "limit": most},
        )


def parse_json(text: bytes, what: str = "body") -> Any:
    """Read one JSON value as RFC 8259 has it, in UTF-8.

    Refuses NaN, a key that occurs twice in one object, half of a surrogate pair, a number of more than 4,300 digits,
    and arrays and objects nested more than 60 deep. Raises Problem, invalid-json, which names the place as `what`: a
    body, or one line of many.
    """
    text = text.removeprefix(codecs.BOM_UTF8)
    try:
        # The parser's own cache would hold on to the names of members that a caller made up.
        value = jiter.from_json(text, catch_duplicate_keys=True, allow_inf_nan=False, cache_mode="none")
    except ValueError as error:
        raise _invalid(what, *(_explain(str(error)) if text.strip() else NOTHING_SENT)) from None
    if text.count(b"[") + text.count(b"{") > MAX_DEPTH and is_deeper_than(value, MAX_DEPTH):
        raise _invalid(what, *TOO_DEEP)
    return value


def parse_json_text(text: str, what: str = "body") -> Any:
    """Read one JSON value from text as `parse_json` does from bytes. Raises Problem."""
    # Half of a surrogate pair is passed on, to be refused with a remedy.
    return parse_json(text.encode("utf-8", "surrogatepass"), what)


NOTHING_SENT = ("nothing was sent", "send one JSON object")
TOO_DEEP = ("the JSON is nested too deeply", "send a flat object")


def _explain(error: str) -> tuple[str, str]:
    """Return the message and the remedy for what the parser says."""
    if error.startswith("recursion limit"):
        return TOO_DEEP
    if error.startswith("number out of range"):
        return "a number has too many digits", "send one JSON object"
    if error.startswith("invalid unicode"):
        return "the text is not UTF-8", "send UTF-8"
    if "hex escape" in error:
        return "a text holds half of a surrogate pair", "send whole characters"
    if ending := END_OF_TEXT.match(error):
        part, line, column = ending.groups()
        return f"the JSON ends in the middle of {part}, at line {line}, column {column}", "send it whole"
    if duplicate := DUPLICATE_KEY.match(error):
        name, line, column = duplicate.groups()
        return (
            f"the key {name[:MAX_KEY_SHOWN]!r} occurs twice in one object, at line {line}, column {column}",
            "send it once",
        )
    return error, "send one JSON object"


def _invalid(what: str, message: str, remedy: str) -> Problem:
    return Problem("invalid-json", f"The {what} is not JSON.", [Fault(f"({what})", message, remedy)])

"""JSON read strictly: what another parser might read otherwise is refused."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, NoReturn

from app.services.problems import Fault, Problem

DEEPEST = 60


class _NotStrict(ValueError):
    """What another parser might read otherwise."""


def parse_json(text: bytes, what: str = "body") -> Any:
    """JSON as RFC 8259 has it: no NaN, no key twice in one object, no depth or number that no request needs.

    Raises Problem, invalid-json, which names the place as `what`: a body, or one line of many.
    """
    try:
        found = json.loads(text.decode("utf-8-sig"), object_pairs_hook=_once, parse_constant=_no_constant)
    except UnicodeDecodeError:
        raise _not_json(what, f"the {what} is not UTF-8", "send UTF-8") from None
    except json.JSONDecodeError as error:
        raise _not_json(
            what, f"{error.msg} at line {error.lineno}, column {error.colno}", "send one JSON object"
        ) from None
    except RecursionError:
        raise _too_deep(what) from None
    except _NotStrict as error:
        raise _not_json(what, str(error), "send one JSON object") from None
    except ValueError:
        raise _not_json(what, "a number has too many digits", "send one JSON object") from None
    if text.count(b"[") + text.count(b"{") > DEEPEST and _deeper_than(found, DEEPEST):
        raise _too_deep(what)
    if b"\\u" in text:
        # Half of a pair is no character: it can be read from an escape, and never be written again.
        try:
            json.dumps(found, ensure_ascii=False).encode("utf-8")
        except UnicodeEncodeError:
            raise _not_json(what, "a text holds half of a surrogate pair", "send whole characters") from None
    return found


def _too_deep(what: str) -> Problem:
    return _not_json(what, "the JSON is nested too deeply", "send a flat object")


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
        raise _NotStrict(f"the key {twice[:100]!r} stands twice in one object")
    return found


def _no_constant(name: str) -> NoReturn:
    raise _NotStrict(f"{name} is no JSON value")


def _not_json(what: str, message: str, remedy: str) -> Problem:
    return Problem("invalid-json", f"The {what} is not JSON.", [Fault(f"({what})", message, remedy)])

"""Good documents spoiled: values replaced, taken away, doubled or misnamed, anywhere and several at once."""

import copy
from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st

Place = tuple[Any, Any]

NASTY_TEXTS = (
    *(
        "",
        " ",
        "\x00",
        "\r\n",
        "a\r\nSet-Cookie: x=1",
        "=1+1",
        "@SUM(A1)",
        "+cmd|' /C calc'!A0",
        "-2+3",
        "\t=1",
        "\ufeff",
    ),
    *(
        "\U0001f476\u200d\U0001f37c",
        "\u202egnp",
        "İ",
        "ẞ",
        "ﬁ",
        "١٢",
        "２０２６-０１-０１",
        "é",
        "a" * 10_000,
        "(a+)+$" * 50,
    ),
    *("0001-01-01", "9999-12-31", "2026-02-30", "2026-03-29T01:30", "2026-10-25T01:30", "0000-00-00", "99999-01-01"),
    *("2026-01-01T24:00:00Z", "2026-01-01T00:00:60Z", "2026-01-01T00:00:00.1234567890Z", "2026-01-01T00:00:00+99:99"),
    *(
        "2026-W01-1",
        "2026-001",
        "P1D",
        "null",
        "true",
        "NaN",
        "../../etc/passwd",
        "%00",
        "{{7*7}}",
        "${jndi:x}",
        "<script>",
    ),
)
NUMBERS = (0, -1, 1, 2**31, 2**63, 2**64, -(2**63), 10**400, 1.5, -0.0, 1e308, 5e-324)
texts = st.one_of(st.sampled_from(NASTY_TEXTS), st.text(max_size=30))
scalars = st.one_of(
    st.none(), st.booleans(), st.sampled_from(NUMBERS), st.integers(), st.floats(allow_nan=False), texts
)
values = st.recursive(
    scalars,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(texts, inner, max_size=4)),
    max_leaves=8,
)


def places(value: Any) -> Iterator[Place]:
    """Every place in a document: what holds it, and its key or number there."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in pairs:
        yield value, key
        yield from places(inner)


def spoil(draw: Any, document: Any, most: int = 4) -> Any:
    """A copy with one to so many faults."""
    spoiled = copy.deepcopy(document)
    for _ in range(draw(st.integers(1, most))):
        found = list(places(spoiled))
        if not found:
            return draw(values)
        holder, key = draw(st.sampled_from(found))
        match draw(st.sampled_from(["replace", "text", "remove", "misname", "double", "swap"])):
            case "replace":
                holder[key] = draw(values)
            case "text":
                holder[key] = draw(st.sampled_from(NASTY_TEXTS))
            case "remove":
                del holder[key]
            case "misname" if isinstance(holder, dict):
                holder[draw(texts)] = holder.pop(key)
            case "double" if isinstance(holder, list):
                holder.append(copy.deepcopy(holder[key]))
            case _:
                other, place = draw(st.sampled_from(found))
                # What is swapped may hold the other; a copy keeps the document a tree.
                holder[key] = copy.deepcopy(other[place]) if place in _keys(other) else None
    return spoiled


def _keys(holder: Any) -> Any:
    return holder if isinstance(holder, dict) else range(len(holder))


@st.composite
def spoiled(draw: st.DrawFn, documents: list[Any], most: int = 4) -> Any:
    """One of the documents, spoiled."""
    return spoil(draw, draw(st.sampled_from(documents)), most)

"""JSON is read strictly: what another parser might read otherwise is refused, with the place and the remedy."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.services.calculation.json_body import MAX_DEPTH, parse_json
from app.services.problems import Problem

BODY = {
    "profile": "swindon",
    "event": {"type": "strategy_discussion_held", "occurred_at": "2025-12-18T14:30"},
    "facts": {"section_47_initiated": True},
    "reference": "case 1: a",
}
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=20,
)


@given(values, st.booleans(), st.sampled_from([None, 1]), st.booleans())
def test_json_is_read_as_python_reads_it(
    value: Any, ascii_only: bool, indent: int | None, byte_order_mark: bool
) -> None:
    text = json.dumps(value, ensure_ascii=ascii_only, indent=indent).encode("utf-8")
    assert parse_json(b"\xef\xbb\xbf" * byte_order_mark + text) == json.loads(text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"", "nothing was sent"),
        (b" \n", "nothing was sent"),
        (b"\xef\xbb\xbf", "nothing was sent"),
        (b'{"a":', "the JSON ends in the middle of a value, at line 1, column 5"),
        (b"{", "the JSON ends in the middle of an object, at line 1, column 1"),
        (b'{"a": 1} x', "trailing characters at line 1 column 10"),
        (b"{'a': 1}", "key must be a string at line 1 column 2"),
        (b"[01]", "invalid number at line 1 column 3"),
        (b'"\x07"', "control character"),
        (b"NaN", "expected value"),
        (b"-Infinity", "invalid number"),
        (b'"\xff"', "the text is not UTF-8"),
        (b'"\xed\xa0\x80"', "the text is not UTF-8"),
        (b'"\\ud800"', "a text holds half of a surrogate pair"),
        (b'"\\udc00\\ud800"', "a text holds half of a surrogate pair"),
        (b'{"\\ud800": 1}', "a text holds half of a surrogate pair"),
        (b"9" * 5_000, "a number has too many digits"),
        (b"[" * (MAX_DEPTH + 1) + b"]" * (MAX_DEPTH + 1), "the JSON is nested too deeply"),
        (b'{"a":' * 100_000, "the JSON is nested too deeply"),
        (b'{"a": 1, "a": 1}', "the key 'a' occurs twice in one object, at line 1, column 14"),
        (b'{"a": 1, "\\u0061": 1}', "the key 'a' occurs twice in one object"),
    ],
)
def test_what_another_parser_might_read_otherwise_is_refused(text: bytes, message: str) -> None:
    with pytest.raises(Problem) as refused:
        parse_json(text, "line")
    (fault,) = refused.value.faults
    assert refused.value.kind == "invalid-json"
    assert fault.path == "(line)"
    assert message in fault.message
    assert fault.remedy


@pytest.mark.parametrize(
    ("text", "twice"),
    [
        ('"profile": "swindon"', '"profile": "york", "profile": "swindon"'),
        ('"occurred_at"', '"type": "referral_received", "occurred_at"'),
        ('"section_47_initiated": true', '"section_47_initiated": false, "section_47_initiated": true'),
        ('"case 1: a"', '"case 1: a", "reference": "b"'),
        ('"case 1: a"', '"case 1\\u003a a", "profile": "swindon"'),
        ('"event"', '"event": {}, "event"'),
    ],
)
def test_a_key_that_occurs_twice_is_refused_wherever_it_is(text: str, twice: str) -> None:
    body = json.dumps(BODY)
    assert text in body
    with pytest.raises(Problem, match="not JSON"):
        parse_json(body.replace(text, twice, 1).encode())


def test_as_deep_as_is_allowed_is_read() -> None:
    assert parse_json(b"[" * MAX_DEPTH + b"]" * MAX_DEPTH)
    assert len(parse_json(b"[" + b"[]," * 500 + b"{}]")) == 501

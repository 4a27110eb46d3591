"""The shortest reading of a request is the careful one's, or none."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.services.calculation.json_body import parse_json
from app.services.calculation.plain import read_plain
from app.services.calculation.request import read_request
from app.services.problems import Problem
from app.services.snapshot.offline import packaged_snapshot

SNAPSHOT = packaged_snapshot()
VOCABULARY = SNAPSHOT.profiles["swindon"][-1].profile.vocabulary
EVENT = {"type": "strategy_discussion_held", "occurred_at": "2025-12-18T14:30:00+00:00"}
BODY = {"profile": "swindon", "event": EVENT, "facts": {"section_47_initiated": True}, "reference": "case 1: a"}


def careful(body: bytes) -> object:
    try:
        return read_request(SNAPSHOT, parse_json(body))
    except Problem as problem:
        return problem.kind


def held_together(body: bytes) -> object:
    short = read_plain(SNAPSHOT, body)
    assert short is None or short == careful(body)
    return short


times = st.sampled_from(
    [
        *("2025-12-18", "2025-12-18T14:30", "2026-03-29T01:30", "2026-10-25T01:30", "2025-12-18T23:30:00Z"),
        *("2025-12-18T14:30:00.5+01:00", "1969-01-01", "2057-01-01", "2025-02-30", "2025-12-18 14:30", "now", "", " "),
    ]
)
values: st.SearchStrategy[Any] = (
    st.none()
    | st.booleans()
    | st.integers(-1, 300)
    | st.sampled_from(["", "2018-01-16", "2018-01-16T00:00:00Z", "1899-12-31", "a:b", "female", 1.0, 2**70, [], {}])
)
facts = st.dictionaries(
    st.sampled_from(sorted(VOCABULARY.facts)) | st.sampled_from(["", "no_fact", "a:b"]), values, max_size=5
)
references = st.sampled_from(["", "case-1", "a: b", "x" * 201, "\x07", "日本", 5, None])
bodies = st.fixed_dictionaries(
    {"profile": st.sampled_from(["swindon", "york", "statutory-england", "none", "", None, 5])},
    optional={
        "event": st.fixed_dictionaries(
            {}, optional={"type": st.sampled_from([*sorted(VOCABULARY.events), "x", None]), "occurred_at": times}
        )
        | values,
        "facts": facts | values,
        "reference": references,
        "explain": st.booleans(),
        "until": times,
        "profile_version": values,
        "a:b": values,
    },
)


@given(bodies, st.booleans(), st.sampled_from([None, 1]))
def test_what_is_read_the_short_way_is_read_so_the_careful_way(
    body: dict[str, Any], ascii_only: bool, indent: Any
) -> None:
    held_together(json.dumps(body, ensure_ascii=ascii_only, indent=indent).encode())


@given(bodies, st.integers(0, 400), st.binary(max_size=4))
def test_also_where_bytes_were_changed(body: dict[str, Any], place: int, put: bytes) -> None:
    text = json.dumps(body).encode()
    held_together(text[:place] + put + text[place + len(put) :])


def test_what_most_requests_say_is_read_the_short_way() -> None:
    assert held_together(json.dumps(BODY).encode()) is not None
    assert held_together(json.dumps({key: BODY[key] for key in ("profile", "event")}).encode()) is not None


@pytest.mark.parametrize(
    ("text", "put"),
    [
        ('"profile": "swindon"', '"profile": "york", "profile": "swindon"'),
        ('"profile": "swindon"', '"profile" : "york", "profile": "swindon"'),
        # One colon fewer in an escaped text, one more by the key that comes twice.
        ('"case 1: a"', '"case 1\\u003a a", "profile": "swindon"'),
        ('"case 1: a"', '"case 1: a", "reference": "b"'),
        ('"occurred_at"', '"type": "referral_received", "occurred_at"'),
        ('"section_47_initiated": true', '"section_47_initiated": false, "section_47_initiated": true'),
        ('"section_47_initiated"', '"section_47_initiat\\u0065d"'),
        ('"event"', '"event": {}, "event"'),
        ('"swindon"', '"swindon\\u0000"'),
        ("{", "\ufeff{"),
    ],
)
def test_a_key_that_comes_twice_is_left_to_the_careful_reader(text: str, put: str) -> None:
    body = json.dumps(BODY)
    assert text in body
    assert held_together(body.replace(text, put, 1).encode()) is None

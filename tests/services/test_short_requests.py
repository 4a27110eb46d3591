"""A short request is first validated by a quicker form of the same model: with the same result."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson
import pytest

from app.services.calculation.request import CalculationRequest, ResolvedRequest, read_json_request, read_request
from app.services.problems import Problem
from app.services.snapshot.offline import packaged_snapshot
from app.services.validation import read_fields

SNAPSHOT = packaged_snapshot()
EVENT = {"type": "became_looked_after", "occurred_at": "2025-12-18T14:30"}
FACTS = {"child_date_of_birth": "2018-01-16", "permanence_plan_made_on": "2020-01-09T00:00:00Z", "review_number": 1}
SOUND: tuple[dict[str, Any], ...] = (
    {"profile": "york", "event": EVENT},
    {"profile": "york", "event": EVENT, "facts": {}},
    {"profile": "york", "profile_version": 1, "event": EVENT, "facts": FACTS, "until": "2026-06-01", "explain": True},
    {
        "profile": "swindon",
        "event": {**EVENT, "occurred_at": "2025-12-18"},
        "reference": "a",
        "as_known_on": "2100-01-01",
    },
)
FAULTY: tuple[Any, ...] = (
    [],
    1,
    {},
    {"profile": "york"},
    {"profile": "york", "event": EVENT, "unheard_of": 1},
    {"profile": "york", "event": {**EVENT, "unheard_of": 1}},
    {"profile": "york", "event": []},
    {"profile": "york", "event": EVENT, "facts": [1]},
    {"profile": "york", "event": {**EVENT, "at": 1}, "facts": {"child_date_of_birth": "yesterday", "unheard_of": 1}},
    {"profile": "yrok", "event": {**EVENT, "occurred_at": "2025-02-30"}, "profile_version": 0, "until": 5},
)


def outcome(body: object, *, short: bool) -> object:
    try:
        return read_request(SNAPSHOT, body, short=short)
    except Problem as problem:
        return problem.as_json()


@pytest.mark.parametrize("body", [*SOUND, *FAULTY], ids=str)
def test_both_forms_of_the_model_agree(body: object) -> None:
    assert outcome(body, short=True) == outcome(body, short=False)


def with_absent(body: Any, absent: object) -> Iterator[Any]:
    """Yield a request with one member after another, at every depth, null or an empty text; then with one more."""
    for key, value in body.items():
        yield {**body, key: absent}
        if isinstance(value, dict):
            yield from ({**body, key: inner} for inner in with_absent(value, absent))
    yield {**body, "local_unheard_of": absent}


EVERY_MEMBER = {**SOUND[2], "calendar": "england-and-wales", "calendar_version": 1, "reference": "a"}


@pytest.mark.parametrize("absent", [None, ""])
def test_both_forms_agree_whichever_member_is_absent(absent: object) -> None:
    bodies = [*with_absent(EVERY_MEMBER, absent), *with_absent({**EVERY_MEMBER, "facts": {}}, absent)]
    assert len(bodies) > 15
    for body in bodies:
        assert outcome(body, short=True) == outcome(body, short=False), body


@pytest.mark.parametrize("body", SOUND, ids=str)
def test_the_quicker_form_is_used_of_a_sound_request(body: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(CalculationRequest, "model_validate", None)
    assert read_fields(CalculationRequest, body).keys() == body.keys()


@pytest.mark.parametrize("body", SOUND, ids=str)
def test_null_and_empty_texts_are_absent_in_either_form(body: dict[str, Any]) -> None:
    resolved = read_json_request(SNAPSHOT, orjson.dumps(body))
    sent = {"calendar": None, "reference": "", **body}
    sent["facts"] = {**body.get("facts", {}), "section_47_initiated": None, "section_31_plan": ""}
    again = read_json_request(SNAPSHOT, orjson.dumps(sent))
    assert isinstance(again, ResolvedRequest)
    assert again == resolved == read_request(SNAPSHOT, body)

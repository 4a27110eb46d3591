"""Whatever stands in a profile or a calendar, loading it succeeds or names its faults; nothing else is raised."""

import copy
import json
from typing import Any

import pytest
from hypothesis import given, settings

from app.calendars.document import from_document
from app.profiles.document import load_profile
from app.profiles.faults import InvalidProfile
from app.profiles.packaged import packaged_documents
from app.services.snapshot.packaged import packaged_calendars
from tests.fuzz.mutations import NASTY_TEXTS, NUMBERS, spoiled


def _few_rules(document: dict[str, Any]) -> list[dict[str, Any]]:
    """The document in pieces of a few rules: a fault in one piece is found without reading a hundred rules."""
    rules = document["rules"]
    return [{**document, "rules": copy.deepcopy(rules[start : start + 3])} for start in range(0, len(rules), 3)]


DOCUMENTS = [
    piece
    for document in packaged_documents().values()
    for piece in _few_rules(json.loads(json.dumps(document, default=str)))
]
CALENDARS = [json.loads(json.dumps(item.document, default=str)) for item in packaged_calendars()]


def load(document: Any) -> None:
    try:
        load_profile(document, "fuzz")
    except InvalidProfile as refused:
        assert refused.faults
        assert all(fault.message and fault.remedy for fault in refused.faults)


@given(document=spoiled(DOCUMENTS))
@settings(max_examples=300)
def test_a_spoiled_profile_is_loaded_or_refused(document: object) -> None:
    load(document if isinstance(document, dict) else {"rules": document})


@pytest.mark.parametrize(
    "field", ["timing", "when", "event", "duty", "id", "source", "responsible", "strength", "alternatives"]
)
@pytest.mark.parametrize(
    "value", [*NASTY_TEXTS, *NUMBERS, None, True, [], {}, [[]], [None], {"": {}}], ids=lambda value: repr(value)[:20]
)
def test_a_field_of_a_rule_that_holds_anything_at_all_is_refused(field: str, value: object) -> None:
    document = copy.deepcopy(DOCUMENTS[0])
    document["rules"][0][field] = value
    load(document)


def test_a_profile_that_nests_without_end_is_refused() -> None:
    deep: Any = {"section_47_initiated": True}
    for _ in range(5_000):
        deep = {"not": deep}
    document = copy.deepcopy(DOCUMENTS[0])
    document["rules"][0]["when"] = deep
    load(document)


@given(
    document=spoiled(
        [
            {**item, "days": dict(list(item.get("days", {}).items())[:5])}
            if isinstance(item.get("days"), dict)
            else item
            for item in CALENDARS
        ]
    )
)
@settings(max_examples=60)
def test_a_spoiled_calendar_is_read_or_refused(document: object) -> None:
    try:
        from_document(document)
    except ValueError as refused:
        assert str(refused)

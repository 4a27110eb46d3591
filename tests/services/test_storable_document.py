"""What is stored as a draft has to be JSON that every other parser reads alike, and no deeper than a person can follow."""

from __future__ import annotations

import pytest

from app.documents.nesting import is_deeper_than
from app.services.problems import Problem
from app.services.publishing.storable_document import MAX_DEPTH, read_document


def nested(depth: int, inside: object = 1) -> object:
    value = inside
    for turn in range(depth):
        value = {"a": value} if turn % 2 else [value]
    return value


@pytest.mark.parametrize(("value", "depth"), [(1, 0), ([], 1), ({}, 1), ({"a": []}, 2), ([[], [[1]]], 3)])
def test_depth_counts_objects_and_lists(value: object, depth: int) -> None:
    assert not is_deeper_than(value, depth)
    assert depth == 0 or is_deeper_than(value, depth - 1)


def test_a_document_that_would_exhaust_the_stack_is_only_too_deep() -> None:
    assert is_deeper_than(nested(100_000), 60)


@pytest.mark.parametrize("document", [[], "text", {"a": "\x00"}, {"a": float("nan")}, {"a": "\ud800"}, {1: nested(99)}])
def test_a_document_that_cannot_be_stored_is_refused(document: object) -> None:
    with pytest.raises(Problem) as caught:
        read_document(document)
    assert [fault.path for fault in caught.value.faults] == ["document"]


def test_a_document_is_stored_as_it_came() -> None:
    document = {"b": nested(MAX_DEPTH - 1, "é"), "a": [1, 2.5, None, True]}
    assert read_document(document) == document

"""House rules for the rules: cited, in plain words, and no two for one act without a reason."""

from __future__ import annotations

from itertools import combinations

import pytest

from app.engine.compiled_profile import Rule
from app.engine.conditions import All, Condition, OneOf
from tests.profiles.packaged import KEYS, profiles


@pytest.mark.parametrize("key", KEYS)
def test_every_rule_cites_its_paragraph(key: str) -> None:
    for rule in profiles()[key].rules:
        assert rule.sources, rule.id
        assert all(source.section.strip() and source.document.strip() for source in rule.sources), rule.id


@pytest.mark.parametrize("key", KEYS)
def test_every_ambiguity_says_how_it_was_read(key: str) -> None:
    for rule in profiles()[key].rules:
        assert len(rule.readings) == 1 or rule.reading, rule.id


@pytest.mark.parametrize("key", KEYS)
def test_titles_are_short_and_in_everyday_words(key: str) -> None:
    for rule in profiles()[key].rules:
        assert 2 <= len(rule.title.split()) <= 25, (rule.id, rule.title)
        assert not rule.title.endswith("."), rule.id


@pytest.mark.parametrize("key", KEYS)
def test_every_series_knows_what_meets_it(key: str) -> None:
    for rule in profiles()[key].rules:
        if rule.recurring and rule.restarts:
            assert rule.discharged_by, rule.id


def _pins(condition: Condition | None) -> dict[str, frozenset[object]]:
    """The values that a condition allows each fact, as far as it is a plain list of them."""
    if condition is None:
        return {}
    parts = condition.parts if isinstance(condition, All) else (condition,)
    return {part.spec.key: part.values for part in parts if isinstance(part, OneOf) and not part.negate}


def _apart(one: Rule, other: Rule) -> bool:
    """Whether the two say why they stand side by side: they divide by kind, one is an exception, or one has a note."""
    first, second = _pins(one.when), _pins(other.when)
    if any(not first[name] & second[name] for name in first.keys() & second.keys()):
        return True
    if one.exception_to is not None or other.exception_to is not None:
        return True
    return bool(one.note or other.note or one.reading or other.reading)


@pytest.mark.parametrize("key", KEYS)
def test_two_rules_for_one_act_and_one_event_say_why(key: str) -> None:
    for one, other in combinations(profiles()[key].rules, 2):
        shared = (set(one.events) | set(one.restarts)) & (set(other.events) | set(other.restarts))
        if shared and one.duties & other.duties:
            assert _apart(one, other), (one.id, other.id, sorted(shared))

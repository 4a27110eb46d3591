"""Every time-bound standard of every document is a rule, or says why it is not; every rule stands in a table."""

from __future__ import annotations

import pytest

from app.engine.series import Series
from app.engine.timing import Undated
from app.profiles.document import REASONS
from tests.profiles.packaged import KEYS, STANDARDS, examples, profiles, rows


@pytest.mark.parametrize("key", KEYS)
def test_every_standard_has_a_row_in_the_documents_order(key: str) -> None:
    assert [row["key"] for row in rows(key)] == STANDARDS[key]


@pytest.mark.parametrize("key", KEYS)
def test_every_row_names_a_rule_or_a_reason_and_never_both(key: str) -> None:
    for row in rows(key):
        assert bool(row["rules"].strip()) is not bool(row["reason"].strip()), row
        assert not row["reason"] or row["reason"] in REASONS, row
        assert row["rules"] or row["note"], row


@pytest.mark.parametrize("key", KEYS)
def test_every_rule_named_exists_and_every_rule_is_named(key: str) -> None:
    rules = {rule.id: rule for rule in profiles()[key].rules}
    named: set[str] = set()
    for row in rows(key):
        for name in row["rules"].split():
            rule, _, phase = name.partition("/")
            assert rule in rules, (row["key"], name)
            timing = rules[rule].readings[0].timing
            if phase:
                assert isinstance(timing, Series), (row["key"], name)
                ids = {part.overrides.id for part in timing.phases}
                ids |= {timing.first.overrides.id} if timing.first is not None else set()
                assert phase in ids, (row["key"], name)
            named.add(rule)
    assert not set(rules) - named


@pytest.mark.parametrize("key", KEYS)
def test_what_is_not_computable_is_said_alike_in_the_profile_and_in_the_table(key: str) -> None:
    in_table = {row["key"]: row["reason"] for row in rows(key) if row["reason"]}
    in_profile = {item.id: item.reason for item in profiles()[key].not_computable}
    assert in_profile == {name: in_table.get(name) for name in in_profile}
    left_out = set(in_table) - set(in_profile)
    assert all(name.startswith("interp.") for name in left_out), left_out


@pytest.mark.parametrize("key", KEYS)
def test_every_rule_is_covered_by_a_worked_example(key: str) -> None:
    due = {item["rule"] for example in examples(key) for item in example.get("due", [])}
    waiting = {item["rule"] for example in examples(key) for item in example.get("undetermined", [])}
    rules = profiles()[key].rules
    undated = {rule.id for rule in rules if all(isinstance(each.timing, Undated) for each in rule.readings)}
    assert not {rule.id for rule in rules} - due - (undated & waiting)


@pytest.mark.parametrize("key", KEYS)
def test_every_example_is_a_sentence_of_its_own(key: str) -> None:
    sentences = [example["sentence"] for example in examples(key)]
    assert len(sentences) == len(set(sentences))
    assert all(len(sentence.split()) >= 5 for sentence in sentences)

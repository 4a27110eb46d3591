"""The search for events, facts and duties knows how the sector speaks."""

from __future__ import annotations

from typing import Any

import pytest

from app.services.problems import Problem
from app.services.words import Kind, find_words, search
from tests.services.worlds import packaged

WORLD = packaged()


@pytest.mark.parametrize(
    ("query", "kind", "key"),
    [
        ("LAC review", "event", "cla_review_held"),
        ("review lac", "event", "cla_review_held"),
        ("CLA review", "duty", "hold_cla_review"),
        ("ICPC", "event", "icpc_held"),
        ("ICPC", "duty", "hold_icpc"),
        ("case conference", "event", "icpc_held"),
        ("RCPC", "event", "rcpc_held"),
        ("s47", "event", "section_47_started"),
        ("section 47", "event", "section_47_started"),
        ("strat meeting", "event", "strategy_discussion_held"),
        ("PEP", "duty", "hold_pep_meeting"),
        ("stat visit", "event", "cla_visit_made"),
        ("stat visit", "duty", "visit_looked_after_child"),
        ("statutory visit", "event", "cla_visit_made"),
        ("IRO", "event", "iro_appointed"),
        ("lado", "event", "allegation_against_worker_received"),
        ("core grp", "event", None),
        ("core group", "event", "core_group_held"),
        ("confrence", "event", "icpc_held"),
        ("dob", "fact", "child_date_of_birth"),
        ("start of placement", "event", "placement_started"),
    ],
)
def test_what_people_type_finds_what_they_mean(query: str, kind: Kind, key: str | None) -> None:
    found = [item.word.key for item in find_words(WORLD, query, (kind,))]
    if key is None:
        assert not found
    else:
        assert key in found[:5], found[:8]


def test_every_word_must_be_found() -> None:
    both = {item.word.key for item in find_words(WORLD, "placement visit")}
    assert both
    assert both <= {item.word.key for item in find_words(WORLD, "visit")}
    assert not find_words(WORLD, "placement zebra")


def test_words_in_any_order_find_the_same() -> None:
    one = {item.word.key for item in find_words(WORLD, "review child protection conference")}
    other = {item.word.key for item in find_words(WORLD, "conference protection review child")}
    assert "rcpc_held" in one & other


def test_a_search_is_narrowed_to_a_kind_and_a_profile() -> None:
    answer: Any = search(WORLD, "review", "duty", "cin-chapter", 5)["words"]
    assert answer
    assert len(answer) <= 5
    assert {item["kind"] for item in answer} == {"duty"}
    assert all("cin-chapter" in item["profiles"] for item in answer)
    assert all(item["matched"] == ["review"] for item in answer)
    with pytest.raises(Problem):
        find_words(WORLD, "review", profile="atlantis")


@pytest.mark.parametrize("query", ["", "   ", "the of", "%%%", "x" * 5000])
def test_a_query_that_says_nothing_finds_nothing(query: str) -> None:
    assert not find_words(WORLD, query)

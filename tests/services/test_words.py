"""The search for events, facts and duties knows how the sector speaks."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from app.profiles.vocabulary.expressions import other_names
from app.profiles.vocabulary.search import nearest_in_meaning, shared_index
from app.services.problems import Problem
from app.services.words import Kind, find_words, search
from tests.services.worlds import packaged

WORLD = packaged()
TYPED: dict[str, dict[str, list[str]]] = tomllib.loads(
    (Path(__file__).parent / "words" / "typed.toml").read_text(encoding="utf-8")
)
KEYS = {word.key for word in shared_index().words}


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


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("police protection 72 hours", "police_protection_started"),
        ("core group 10 working days", "core_group_held"),
        ("CIN review six weekly", "cin_review_held"),
        ("45 day assessment", "complete_assessment"),
    ],
)
def test_how_long_it_may_take_need_not_be_found(typed: str, meant: str) -> None:
    assert meant in [item.word.key for item in find_words(WORLD, typed)[:3]]


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


def missed(part: str) -> list[str]:
    """Return what was typed and did not find one of the right entries among the first three."""
    return [
        query
        for query, right in TYPED[part].items()
        if not {item.word.key for item in find_words(WORLD, query)[:3]} & set(right)
    ]


def test_the_words_that_practice_leads_tried_lead_to_the_right_entry() -> None:
    assert len(TYPED["tried"]) == 40
    assert len(missed("tried")) <= 2, missed("tried")


def test_the_words_of_the_papers_lead_to_the_right_entry() -> None:
    assert len(TYPED["typed"]) >= 120
    assert len(missed("typed")) <= 0.05 * len(TYPED["typed"]), missed("typed")


def test_the_words_of_somebody_entering_a_paper_all_lead_to_the_right_entry() -> None:
    assert not missed("entered")


def test_the_event_comes_before_the_fact_that_dates_it() -> None:
    assert find_words(WORLD, "referral received")[0].word.key == "referral_received"


def test_the_right_entries_are_words_of_the_vocabulary() -> None:
    right = {key for part in TYPED.values() for keys in part.values() for key in keys}
    assert right <= KEYS
    assert set(other_names()) <= KEYS


@pytest.mark.parametrize(
    ("what", "unknown", "meant"),
    [
        ("event", "strategy_meeting", "strategy_discussion_held"),
        ("event", "lac_review", "cla_review_held"),
        ("event", "case_conference", "icpc_held"),
        ("duty", "hold_conference", "hold_icpc"),
        ("duty", "hold_icpcs", "hold_icpc"),
        ("duty", "stat_visit", "visit_looked_after_child"),
        ("event", "strategy_discusion_held", "strategy_discussion_held"),
        ("fact", "dob", "child_date_of_birth"),
    ],
)
def test_the_nearest_names_are_nearest_in_meaning(what: str, unknown: str, meant: str) -> None:
    names = {word.key for word in shared_index().words if word.kind == what}
    assert meant in nearest_in_meaning(what, unknown, names)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("confrence", "icpc_held"),
        ("stratergy", "strategy_discussion_held"),
        ("refferal", "referral_received"),
        ("visti lac", "cla_visit_made"),
        ("placemnet plan", "placement_plan_completed"),
        ("reveiw lac", "cla_review_held"),
    ],
)
def test_slips_of_typing_are_forgiven(typed: str, meant: str) -> None:
    assert meant in [item.word.key for item in find_words(WORLD, typed)[:3]]


def test_a_search_is_narrowed_to_what_starts_a_duty() -> None:
    found = find_words(WORLD, "strategy", ("event",), "swindon", "hold_icpc")
    assert [item.word.key for item in found] == ["strategy_discussion_held", "section_47_started"]
    with pytest.raises(Problem):
        find_words(WORLD, "strategy", starts="hold_zebra")


@pytest.mark.parametrize(
    ("query", "kind", "said"),
    [
        ("zebra", None, "No word of the lists has 'zebra'"),
        ("placement zebra", None, "The nearest: "),
        ("zebra", "event", "[vocabulary.events.local_zebra]"),
        ("expected delivery date", "duty", "the fact expected_delivery_date"),
        ("the of", None, "such as LAC review"),
    ],
)
def test_where_nothing_is_found_the_answer_says_what_to_do_next(query: str, kind: Kind | None, said: str) -> None:
    answer: Any = search(WORLD, query, kind, None, 5)
    assert not answer["words"]
    assert said in answer["advice"]


def test_words_that_one_profile_does_not_use_are_looked_for_in_all() -> None:
    answer: Any = search(WORLD, "adoption enquiry", None, "cin-chapter", 5)
    assert not answer["words"]
    assert "Search all profiles" in answer["advice"]
    assert search(WORLD, "adoption enquiry", None, None, 5)["advice"] is None

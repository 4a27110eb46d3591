"""Every word of time without a number, as "promptly" or "in agreed timescales", stands somewhere: none is passed over."""

from __future__ import annotations

import csv

import pytest

from tests.profiles.packaged import KEYS, ROOT, profiles

PAPERS = [key for key in KEYS if key != "statutory-england"]
WITHOUT_A_DUTY = frozenset({"aim", "set_case_by_case"})
"""What is neither a rule nor a standard without a date: a quality that is aimed at, or a time that each plan sets."""


def words(key: str) -> list[dict[str, str]]:
    with (ROOT / "docs/traceability/time-words.csv").open(encoding="utf-8", newline="") as file:
        return [row for row in csv.DictReader(file) if row["profile"] == key]


@pytest.mark.parametrize("key", PAPERS)
def test_every_word_of_time_leads_to_a_rule_or_to_what_has_no_date(key: str) -> None:
    profile = profiles()[key]
    known = {rule.id for rule in profile.rules} | {item.id for item in profile.not_computable}
    assert words(key)
    for row in words(key):
        assert row["section"], row
        assert row["words"], row
        named = row["where"].split()
        assert named, row
        assert (len(named) == 1 and named[0] in WITHOUT_A_DUTY) or set(named) <= known, row


@pytest.mark.parametrize("key", PAPERS)
def test_no_word_of_time_is_listed_twice(key: str) -> None:
    listed = [(row["section"], row["words"], row["where"]) for row in words(key)]
    assert len(listed) == len(set(listed))


@pytest.mark.parametrize("key", PAPERS)
def test_what_has_no_date_for_a_word_is_in_the_list_of_words(key: str) -> None:
    named = {name for row in words(key) for name in row["where"].split()}
    # An emergency protection order, and an inquorate conference, are occasions without a time, not words of time.
    occasions = {"YORK-T-6", "BARNET-T-22", "WILTS-T-3"}
    listed = {item.id for item in profiles()[key].not_computable if "-T-" in item.id}
    assert listed - named <= occasions


@pytest.mark.parametrize("key", PAPERS)
def test_what_has_no_date_names_the_events_that_it_concerns(key: str) -> None:
    silent = {item.id for item in profiles()[key].not_computable if not item.events}
    # The document's own review date concerns no event: every later answer is warned of it.
    assert silent <= {"SW-0-1"}

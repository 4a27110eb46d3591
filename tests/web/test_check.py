"""The check page as a caller without scripts gets it."""

import httpx
import pytest

CLAIM = {
    "profile": "swindon",
    "event": "strategy_discussion_held",
    "date": "2025-12-18",
    "time": "14:30",
    "fact.section_47_initiated": "true",
    "rule": "icpc-held",
    "claimed": "2026-01-12",
}


@pytest.mark.parametrize(
    ("claimed", "verdict", "cause"),
    [
        ("2026-01-13", "The date is right", ""),
        ("2026-01-12", "The date is too early by 1 day", "counted as day 1"),
        ("2026-01-08", "The date is too early by 5 days", "bank holidays and closures were counted"),
        ("2026-02-17", "The date is too late by 35 days", ""),
    ],
)
def test_a_date_is_judged_and_the_mistake_named(client: httpx.Client, claimed: str, verdict: str, cause: str) -> None:
    answer = client.post("/check", data=CLAIM | {"claimed": claimed})
    assert answer.headers["cache-control"] == "no-store"
    assert verdict in answer.text
    assert cause in answer.text
    assert "Tuesday 13 January 2026: working day 15" in answer.text


def test_choosing_lists_what_the_event_starts_and_checks_nothing(client: httpx.Client) -> None:
    text = client.post("/check", data=CLAIM | {"step": "choose"}).text
    assert '<option value="icpc-held" selected>' in text
    assert 'class="result"' not in text


def test_a_missing_fact_is_named_with_its_field(client: httpx.Client) -> None:
    text = client.post("/check", data=CLAIM | {"fact.section_47_initiated": ""}).text
    assert "The date cannot be judged yet" in text
    assert 'href="#fact-section_47_initiated"' in text


@pytest.mark.parametrize(
    ("change", "field", "words"),
    [
        ({"claimed": "planted-0817"}, "claimed", "Date to be checked"),
        ({"claimed": ""}, "claimed", "Enter the date to be checked"),
        ({"rule": ""}, "rule", "Choose what the date is for"),
        ({"date": ""}, "date", "Enter the date of the event"),
        ({"event": "nonsense"}, "event", "Choose an event"),
    ],
)
def test_a_faulty_check_names_each_field_in_the_words_of_the_page(
    client: httpx.Client, change: dict[str, str], field: str, words: str
) -> None:
    text = client.post("/check", data=CLAIM | change).text
    assert f'href="#{field}"' in text
    assert words in text
    assert text.count("planted-0817") <= 1, "in its own field, and nowhere else"

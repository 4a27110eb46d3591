"""The words of a limit are those of the event at hand: in answers, and on the pages that people sign off."""

from __future__ import annotations

import pytest

from app.engine.series import Series
from app.services.exports.profile_report import profile_report
from app.services.snapshot.offline import packaged_snapshot
from tests.profiles.packaged import KEYS, profiles


@pytest.mark.parametrize("key", KEYS)
def test_an_event_that_continues_a_series_does_not_speak_of_its_opening(key: str) -> None:
    for event, started in profiles()[key].by_event.items():
        noun = profiles()[key].vocabulary.events[event].noun
        for item in started:
            series = item.rule.readings[0].timing
            if item.restarted and isinstance(series, Series) and series.first is not None:
                assert series.first.timing.describe(noun) not in item.descriptions[0], (item.rule.id, event)


def section(page: str, heading: str) -> str:
    return page.split(f"\n## After {heading}\n")[1].split("\n## ", maxsplit=1)[0]


@pytest.fixture(scope="module")
def barnet() -> str:
    return profile_report(packaged_snapshot().profiles["barnet"][-1].compiled())


def test_a_row_of_a_page_names_the_event_of_its_own_section(barnet: str) -> None:
    assert "before the planned initial" not in section(barnet, "the planned review child protection conference")
    assert "within 7 working days of the core group" in section(barnet, "the core group")
    assert "within 5 working days of the protection plan visit" in section(barnet, "the protection plan visit")


def test_a_page_shows_the_reading_that_leads_and_the_other_under_otherwise(barnet: str) -> None:
    review = section(barnet, "the child in need review")
    assert "| within 7 working days of the child in need review | always | Chair |" in review
    assert "otherwise: within 10 working days of the child in need review (9.8)" in review
    assert "3 working days before" in section(barnet, "the planned initial child protection conference")


def test_a_page_says_at_an_event_what_has_no_date(barnet: str) -> None:
    assert "Without a date: Complete the assessment in the time agreed for it (9.6)" in section(
        barnet, "the start of the assessment"
    )

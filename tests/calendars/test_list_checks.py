"""Which lists of the government's are not believed."""

from __future__ import annotations

import copy
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from app.calendars.list_checks import list_faults
from app.calendars.packaged import load_packaged
from app.calendars.published import published_list

GOVUK = json.loads((Path(__file__).parent / "govuk_2019_2028.json").read_text("utf-8"))
CALENDARS = load_packaged()
TODAY = date(2026, 11, 28)


def faults(events: list[dict[str, Any]], key: str = "england-and-wales") -> list[str]:
    listed = published_list({"division": key, "events": events}, key)
    others = [each for name, each in CALENDARS.items() if name != key]
    return [fault.message for fault in list_faults(CALENDARS[key], listed, others, TODAY)]


def events(key: str = "england-and-wales") -> list[dict[str, Any]]:
    return copy.deepcopy(list(GOVUK[key]["events"]))


@pytest.mark.parametrize("key", sorted(CALENDARS))
def test_the_list_as_it_was_published_is_believed(key: str) -> None:
    assert faults(events(key), key) == []


def test_a_list_with_a_new_year_a_new_day_or_a_day_moved_to_come_is_believed() -> None:
    more = events() + [{"title": f"Day {month}", "date": f"2029-{month}-05"} for month in ("01", "12")]
    assert faults([*more, {"title": "Coronation", "date": "2027-05-10"}]) == []
    moved = [{**each, "date": "2027-05-07"} if each["date"] == "2027-05-03" else each for each in events()]
    assert faults(moved) == []


def test_a_list_of_which_five_years_of_history_vanished_was_shortened() -> None:
    (message,) = faults([each for each in events() if each["date"] >= "2024"])
    assert message == ("it was shortened: the list begins in 2024; england-and-wales has published days from 2019")


def test_a_list_that_ends_sooner_or_lacks_a_day_was_shortened() -> None:
    assert "the list ends in 2027" in faults([each for each in events() if each["date"] < "2028"])[0]
    missing = faults([each for each in events() if each["date"] != "2027-05-03"])
    assert missing == ["it was shortened: 2027 has 7 days, where 8 were published"]


def test_a_list_that_moves_a_day_already_past_is_not_believed() -> None:
    (message,) = faults([{**each, "date": "2025-05-06"} if each["date"] == "2025-05-05" else each for each in events()])
    assert message == "2025-05-05 is past, was published as a bank holiday and is missing from the list"


@pytest.mark.parametrize("other", ["scotland", "northern-ireland"])
def test_the_list_of_another_nation_is_not_taken_for_one_s_own(other: str) -> None:
    (message,) = faults(events(other))
    assert message == f"this is not the list of england-and-wales: it fits {other} better"

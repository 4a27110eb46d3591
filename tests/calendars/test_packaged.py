"""The packaged calendars: what the government has published, and no drift from where they come from."""

import json
import subprocess
import sys
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from app.calendars.calendar import Calendar
from app.calendars.packaged import KEYS, load_packaged
from tools import build_calendars

ROOT = Path(__file__).resolve().parents[2]
GOVUK: dict[str, Any] = json.loads((Path(__file__).parent / "govuk_2019_2028.json").read_text("utf-8"))
CALENDARS = load_packaged()


@pytest.mark.parametrize("key", KEYS)
def test_every_day_of_2019_to_2028_is_as_published(key: str) -> None:
    published = {
        event["date"]: f"{event['title']} (substitute day)" if event["notes"] == "Substitute day" else event["title"]
        for event in GOVUK[key]["events"]
    }
    ours = {day.date.isoformat(): day.name for day in CALENDARS[key].days if 2019 <= day.date.year <= 2028}
    assert ours == published
    assert {event["notes"] for event in GOVUK[key]["events"]} == {"", "Substitute day"}


@pytest.mark.parametrize("key", KEYS)
def test_a_day_says_where_it_is_known_from(key: str) -> None:
    calendar = CALENDARS[key]
    assert (calendar.first, calendar.last) == (date(1970, 1, 1), date(2056, 12, 31))
    assert calendar.published_until == date(2028, 12, 31)
    assert {day.date.year for day in calendar.days} == set(range(1970, 2057))
    for day in calendar.days:
        years = {"history": (1970, 2018), "published": (2019, 2028), "projected": (2029, 2056)}[day.origin]
        assert years[0] <= day.date.year <= years[1]
        assert day.source.startswith("holidays ")
        assert (day.date > calendar.published_until) == (day.origin == "projected")
        assert day.date.weekday() < 5


def test_the_files_are_what_the_installed_package_gives() -> None:
    built: dict[str, Calendar] = build_calendars.build(build_calendars.settings())
    assert tuple(built) == KEYS
    for key, calendar in built.items():
        stored = (ROOT / "app" / "calendars" / "packaged" / f"{key}.json").read_text("utf-8")
        reason = f"{key} has drifted from holidays {version('holidays')}: run python -m tools.build_calendars and read the diff"
        assert build_calendars.rendered(calendar) == stored, reason
        assert CALENDARS[key] == calendar


def test_a_name_without_a_title_stops_the_generator() -> None:
    settings = build_calendars.settings()
    del settings["names"]["Whit Monday"]
    with pytest.raises(SystemExit, match="no title for Whit Monday"):
        build_calendars.build(settings)


def test_divisions_that_part_ways_stop_the_generator() -> None:
    settings = build_calendars.settings()
    settings["divisions"]["england-and-wales"]["subdivisions"] = ["ENG", "SCT"]
    with pytest.raises(SystemExit, match="no longer keep the same days"):
        build_calendars.build(settings)


def test_the_package_needs_the_standard_library_alone() -> None:
    code = (
        "import sys; from app.calendars.packaged import load_packaged; import app.calendars.changes; load_packaged();"
        "rooms = {m.split('.')[0] for m in sys.modules} - set(sys.stdlib_module_names) - {'app', '__main__'};"
        "print(sorted(rooms))"
    )
    command = [sys.executable, "-S", "-c", code]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"

"""Calendars at the command line: closure days from a list, the government's list, a neighbour's calendar."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.services.publishing.holidays_package import NEIGHBOURS
from app.services.publishing.request import NeighbourCode
from tests.api.test_calendar_upkeep import NEW_DAY, YEARS, shortened
from tests.api.test_calendars import listed
from tests.cli.running import run
from tests.government_site import Publisher, publishing

LIST = "Date;Name\n24/12/2026;Christmas closure\n25/12/2026;Christmas closure\nTuesday 29/12/2026;Christmas closure\n"
NEW = ("--extends", "england-and-wales", "--title", "Swindon", "--source", "Cabinet, 3 June 2026")


@pytest.fixture(scope="module")
def site() -> Iterator[Publisher]:
    with publishing() as server:
        yield server


@pytest.fixture
def stored(loaded: Path, monkeypatch: pytest.MonkeyPatch, site: Publisher) -> Path:
    """A folder with a loaded database, and the government's site at an address of this machine."""
    monkeypatch.setenv("DEADLINES_BANK_HOLIDAYS_URL", site.address)
    return loaded


def version_of(capfd: pytest.CaptureFixture[str], key: str) -> int | None:
    """Give the latest version as `calendars list` shows it, without any option."""
    found: list[dict[str, Any]] = json.loads(run(capfd, "calendars", "list", "--json").out)["calendars"]
    return next((item["version"] for item in found if item["key"] == key), None)


def test_a_list_of_closure_days_shows_what_it_moves_and_is_published(
    capfd: pytest.CaptureFixture[str], stored: Path
) -> None:
    (stored / "closed.csv").write_text(LIST, encoding="utf-8-sig")
    tried = run(capfd, "calendars", "close", "swindon", "closed.csv", *NEW, "--dry-run")
    assert tried.status == 0, tried.err
    assert "note: 2026-12-25 is no working day anyway: Christmas Day" in tried.out
    assert "Limits that move" in tried.out
    assert "cin-meeting-first" in tried.out.partition("Limits that stay")[0]
    assert "icpc-held" in tried.out.partition("Limits that stay")[2]
    assert "would be swindon version 1" in tried.out
    assert version_of(capfd, "swindon") is None
    done = run(capfd, "calendars", "close", "swindon", "closed.csv", *NEW)
    assert "Limits that move" in done.out, "they are shown before they are published"
    assert version_of(capfd, "swindon") == 1
    (stored / "more.json").write_text('[{"date": "2026-12-30", "name": "Closed"}]', encoding="utf-8")
    assert run(capfd, "calendars", "close", "swindon", "more.json", "--source", "x").status == 0
    assert run(capfd, "calendars", "close", "swindon", "31/12/2026", "--source", "x").status == 0
    shown = json.loads(run(capfd, "calendars", "show", "swindon", "--year", "2026", "--json").out)["days"]
    assert [day["date"] for day in shown if day["kind"] == "closure"] == [
        f"2026-12-{day}" for day in (24, 25, 29, 30, 31)
    ]
    refused = run(capfd, "calendars", "close", "swindon", "31/11/2026", "--source", "x")
    assert (refused.status, "is no date" in refused.err) == (2, True)


def test_a_calendar_shows_its_new_version_right_after_it_was_imported(
    capfd: pytest.CaptureFixture[str], stored: Path
) -> None:
    (stored / "list.json").write_text(json.dumps(listed(*YEARS, extra=NEW_DAY)), encoding="utf-8")
    assert run(capfd, "calendars", "import", "england-and-wales", "list.json").status == 0
    assert version_of(capfd, "england-and-wales") == 2
    table = run(capfd, "calendars", "list").out
    assert "As the configured store has them" in table
    packaged = json.loads(run(capfd, "calendars", "list", "--packaged", "--json").out)["calendars"]
    assert {item["version"] for item in packaged} == {1}
    (stored / "deadlines.db").unlink()
    assert "As packaged" in run(capfd, "calendars", "list").out


@pytest.mark.usefixtures("stored")
def test_the_government_s_list_changes_nothing_until_it_is_published(
    capfd: pytest.CaptureFixture[str], site: Publisher
) -> None:
    site.puts(listed(*YEARS, extra=NEW_DAY))
    tried = run(capfd, "calendars", "update")
    assert tried.status == 0, tried.err
    assert "added: 2027-05-10 A new holiday" in tried.out
    assert "would be england-and-wales version 2" in tried.out
    assert "scotland version 1 is already up to date" in tried.out
    assert "nothing was published: add --publish" in tried.out
    assert version_of(capfd, "england-and-wales") == 1
    done = run(capfd, "calendars", "update", "--publish", "--reason", "GOV.UK of May")
    assert "published england-and-wales version 2" in done.out
    assert version_of(capfd, "england-and-wales") == 2


@pytest.mark.usefixtures("stored")
def test_a_bad_list_is_named_and_leaves_the_others_alone(capfd: pytest.CaptureFixture[str], site: Publisher) -> None:
    site.puts(shortened())
    refused = run(capfd, "calendars", "update", "--publish")
    assert refused.status == 1
    assert "it was shortened: the list begins in 2024" in refused.err
    assert "scotland version 1 is already up to date" in refused.out
    site.puts(b"<html>")
    unread = run(capfd, "calendars", "update", "--publish")
    assert (unread.status, "not JSON" in unread.err) == (1, True)
    assert version_of(capfd, "england-and-wales") == 1


@pytest.mark.usefixtures("stored")
def test_a_neighbour_s_calendar_is_made_and_held_against_its_source(capfd: pytest.CaptureFixture[str]) -> None:
    made = run(capfd, "calendars", "create", "jersey", "--from-holidays", "je")
    assert (made.status, "published jersey version 1" in made.out) == (0, True)
    assert "the same as holidays" in run(capfd, "calendars", "verify", "jersey").out
    holiday = ("2027-05-10", "--name", "One-off", "--source", "The States")
    assert run(capfd, "calendars", "add-holiday", "jersey", *holiday).status == 0
    differs = run(capfd, "calendars", "verify")
    assert differs.status == 1
    assert "jersey version 2: 1 day differs" in differs.out
    assert "england-and-wales version 1: the same as holidays" in differs.out


def test_the_places_that_may_be_asked_for_are_those_that_can_be_made() -> None:
    from typing import get_args

    assert set(get_args(NeighbourCode)) == set(NEIGHBOURS)

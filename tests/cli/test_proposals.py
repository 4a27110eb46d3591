"""Two people at the command line: what one proposes, another one approves, as over HTTP."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.running import run

HOLIDAY = ("england-and-wales", "2027-05-10", "--name", "Bank holiday", "--source", "Announced in Parliament")
CLOSED = ("exampleton", "2026-12-29", "2026-12-30", "--name", "Closed", "--source", "The council's website")
NEW = ("--extends", "england-and-wales", "--title", "Exampleton")


@pytest.fixture
def careful(loaded: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ann at a terminal, with a loaded database that two people change."""
    monkeypatch.setenv("DEADLINES_TWO_PAIRS_OF_EYES", "true")
    monkeypatch.setenv("LOGNAME", "ann")


def versions(capfd: pytest.CaptureFixture[str]) -> dict[str, int]:
    listed = json.loads(run(capfd, "calendars", "list", "--store", "--json").out)["calendars"]
    return {item["key"]: item["version"] for item in listed}


def proposed(capfd: pytest.CaptureFixture[str], *command: str) -> str:
    """Propose a change, which waits under the id given back."""
    ran = run(capfd, *command)
    assert ran.status == 0, ran.err
    assert "somebody else has to approve it" in ran.out
    (line,) = [line for line in ran.out.splitlines() if line.startswith("proposed ")]
    return line.split()[1].removesuffix(":")


@pytest.mark.usefixtures("careful")
def test_a_change_of_a_calendar_waits_for_somebody_else(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = versions(capfd)
    command = ("calendars", "close", *CLOSED, *NEW)
    reported = "added: 2026-12-30 Closed"
    tried = run(capfd, *command, "--dry-run")
    assert (tried.status, reported in tried.out, "would be exampleton" in tried.out) == (0, True, True)
    waiting = proposed(capfd, *command)
    assert versions(capfd) == before
    listed = json.loads(run(capfd, "proposals", "list", "exampleton", "--json").out)["proposals"]
    assert [(item["id"], item["proposed_by"]) for item in listed] == [(waiting, "cli:ann")]
    alone = run(capfd, "proposals", "approve", "exampleton", waiting)
    assert (alone.status, "somebody else has to" in alone.err) == (2, True)
    monkeypatch.setenv("LOGNAME", "bea")
    shown = run(capfd, "proposals", "show", "exampleton", waiting)
    assert (shown.status, "proposed by cli:ann" in shown.out, reported in shown.out) == (0, True, True)
    assert versions(capfd) == before
    done = run(capfd, "proposals", "approve", "exampleton", waiting)
    assert (done.status, reported in done.out) == (0, True)
    assert "proposed by cli:ann, approved by cli:bea" in done.out
    assert versions(capfd) == {**before, "exampleton": 1}
    assert run(capfd, "proposals", "approve", "exampleton", waiting).status == 1
    assert json.loads(run(capfd, "proposals", "list", "exampleton", "--json").out) == {"proposals": []}


@pytest.mark.usefixtures("careful")
def test_a_bank_holiday_that_is_removed_waits_too(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    removal = ("scotland", "2026-08-03", "--kind", "bank_holiday", "--reason", "cancelled")
    waiting = proposed(capfd, "calendars", "remove-day", *removal)
    monkeypatch.setenv("LOGNAME", "bea")
    done = run(capfd, "proposals", "approve", "scotland", waiting)
    assert (done.status, "removed: 2026-08-03" in done.out) == (0, True)


@pytest.mark.usefixtures("careful")
def test_a_withdrawal_waits_for_somebody_else(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run(capfd, "profiles", "new", "own").status == 0
    draft = run(capfd, "profiles", "publish", "own.toml", "--draft").out.split()[1]
    monkeypatch.setenv("LOGNAME", "bea")
    first = ("--in-force-from", "beginning", "--reason", "first version")
    assert run(capfd, "profiles", "publish-draft", "own", draft, *first).status == 0
    waiting = proposed(capfd, "profiles", "withdraw", "own", "1", "--reason", "published too early")
    shown = run(capfd, "proposals", "show", "own", waiting).out
    assert ("withdraw_version of own" in shown, "reason: published too early" in shown) == (True, True)
    assert run(capfd, "proposals", "approve", "own", waiting).status == 2
    monkeypatch.setenv("LOGNAME", "ann")
    done = run(capfd, "proposals", "approve", "own", waiting)
    assert (done.status, "own version 1 is withdrawn" in done.out) == (0, True)
    again = run(capfd, "profiles", "withdraw", "own", "1", "--reason", "again")
    assert (again.status, "already withdrawn" in again.err) == (2, True)


@pytest.mark.usefixtures("careful")
def test_what_is_not_to_be_is_discarded_also_by_whoever_proposed_it(capfd: pytest.CaptureFixture[str]) -> None:
    waiting = proposed(capfd, "calendars", "add-holiday", *HOLIDAY)
    assert waiting in run(capfd, "proposals", "list", "england-and-wales").out
    assert run(capfd, "proposals", "discard", "scotland", waiting).status == 1
    assert run(capfd, "proposals", "discard", "england-and-wales", waiting).out == f"{waiting} is discarded\n"
    assert run(capfd, "proposals", "show", "england-and-wales", waiting).status == 1


@pytest.mark.usefixtures("careful")
def test_what_cannot_be_made_or_changes_nothing_is_not_proposed(capfd: pytest.CaptureFixture[str]) -> None:
    late = run(capfd, "calendars", "add-holiday", "england-and-wales", "1850-01-01", *HOLIDAY[2:])
    assert late.status == 2
    spelt = run(capfd, "calendars", "add-holiday", "england-and-wales", "10 May", *HOLIDAY[2:])
    assert (spelt.status, "date" in spelt.err) == (2, True)
    there = run(capfd, "calendars", "add-holiday", "england-and-wales", "2026-12-25", *HOLIDAY[2:])
    assert "proposed" not in there.out
    assert json.loads(run(capfd, "proposals", "list", "england-and-wales", "--json").out) == {"proposals": []}


@pytest.mark.usefixtures("careful")
def test_where_one_person_is_enough_closures_are_published_and_followed_at_once(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DEADLINES_TWO_PAIRS_OF_EYES", "false")
    assert "published exampleton version 1" in run(capfd, "calendars", "close", *CLOSED, *NEW).out
    assert "published england-and-wales version 2" in run(capfd, "calendars", "add-holiday", *HOLIDAY).out
    assert run(capfd, "calendars", "follow", "exampleton").status == 0
    assert versions(capfd)["exampleton"] == 2
    assert run(capfd, "calendars", "follow", "exampleton").out == "exampleton version 2 is already up to date\n"

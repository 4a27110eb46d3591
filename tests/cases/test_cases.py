"""Whole cases as data, each named by a sentence that a practitioner would say, with what must and must not be owed."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import tomllib
from collections.abc import Callable
from typing import Any

import pytest

from app.services.timelines import timeline
from tests.cases.reading import HERE, OPEN, WHICH, belongs, cases, event, for_profile, mentions, named, related, request
from tests.services.worlds import packaged

APART = ("earlier_case", "flat", "timeliness")
FILES = sorted(file.stem for file in HERE.glob("*.toml") if file.stem not in APART)
EVERY = cases(*FILES)
# The laws hold of each case under one of its profiles: what they try is the reading of a list, not a council's limits.
ONE_EACH = [case for case in EVERY if case.values[0] == (case.values[1].get("profiles") or [case.values[0]])[0]]
EARLIER = [event(item) for item in tomllib.loads((HERE / "earlier_case.toml").read_text(encoding="utf-8"))["events"]]
Answer = dict[str, Any]
Wanted = dict[str, Any]


def due(answer: Answer, wanted: Wanted) -> None:
    """Check the one obligation that an expectation speaks of, or each of them where it says `every`."""
    lines = [line for line in answer["obligations"] if belongs(line, wanted)]
    if len(lines) > 1 and "due" in wanted and not wanted.get("every"):
        lines = [line for line in lines if line["due_date"] == str(wanted["due"])]
    assert len(lines) == 1 or (lines and wanted.get("every")), f"{len(lines)} lines of {related(answer, wanted)}"
    for line in lines:
        for key in wanted.keys() - WHICH:
            assert fits(line, key, wanted[key]), f"{key} is {line.get(key)} in {related(answer, wanted)}"


def fits(line: Answer, key: str, value: Any) -> bool:
    """Say whether a line has what is expected of it; a list of values allows any of them."""
    if key == "names":
        return mentions(line, value)
    if key == "explained":
        return mentions(line["explanation"], value)
    if key == "due":
        return bool(line["due_date"] == str(value))
    if key == "alternatives":
        return [str(day) for day in value] == [other["due_date"] for other in line["alternatives"]]
    return line.get(key) in (value if isinstance(value, list) else [value])


def undetermined(answer: Answer, wanted: Wanted) -> None:
    """Check that a rule waits for facts: exactly `needs`, or at least those under `among`."""
    lines = [line for line in answer["undetermined"] if belongs(line, wanted)]
    if "needs" in wanted:
        lines = [line for line in lines if sorted(line["needs"]) == sorted(wanted["needs"])]
    if "from_date" in wanted:
        lines = [line for line in lines if line["from_date"] == str(wanted["from_date"])]
    lines = [line for line in lines if set(wanted.get("among", ())) <= set(line["needs"])]
    assert lines, f"not undetermined: {related(answer, wanted)}"


def undetermined_once(answer: Answer, wanted: Wanted) -> None:
    """Check that a rule waits in one row, however many acts the series has."""
    assert sum(belongs(line, wanted) for line in answer["undetermined"]) == 1, related(answer, wanted)


def conditional(answer: Answer, wanted: Wanted) -> None:
    """Check that what hangs on a finding is listed once, and is no obligation."""
    assert sum(belongs(line, wanted) for line in answer["conditional"]) == 1, related(answer, wanted)
    assert not any(belongs(line, wanted) for line in answer["obligations"]), related(answer, wanted)


def within(*parts: str, only_open: bool = False, only_due: bool = False) -> Callable[[Answer, Wanted], bool]:
    """Return whether an answer has, in these parts of it, a line that an expectation speaks of."""

    def has(answer: Answer, wanted: Wanted) -> bool:
        return any(
            belongs(line, wanted)
            and (not only_open or part != "obligations" or line["status"] in OPEN)
            and (not only_due or str(wanted.get("due", line["due_date"])) == line["due_date"])
            for part in parts
            for line in answer.get(part, ())
        )

    return has


MUST = {
    "owed": within("obligations", only_open=True),
    "mentioned": within("obligations", "undetermined", "conditional"),
}
MUST_NOT = {
    "absent": within("obligations", "undetermined"),
    "not_due": within("obligations", only_due=True),
    "not_open": within("obligations", only_open=True),
    "not_owed": within("obligations", "undetermined", only_open=True),
    "not_undetermined": within("undetermined"),
}
EACH = {
    "due": due,
    "undetermined": undetermined,
    "undetermined_once": undetermined_once,
    "conditional": conditional,
}


def check(answer: Answer, case: dict[str, Any], profile: str) -> None:
    """Check all that a case expects of its answer."""

    def each(key: str) -> list[Wanted]:
        return [{name: for_profile(v, profile) for name, v in named(item).items()} for item in case.get(key, ())]

    for key, compare in EACH.items():
        for wanted in each(key):
            compare(answer, wanted)
    for key, has in MUST.items():
        for wanted in each(key):
            assert has(answer, wanted), f"{key}: {related(answer, wanted)}"
    for key, has in MUST_NOT.items():
        for wanted in each(key):
            assert not has(answer, wanted), f"{key}: {related(answer, wanted)}"
    for key, number in case.get("counted", {}).items():
        assert sum(1 for i in answer["obligations"] if i["duty"] == key) == number, related(answer, {"duty": key})
    kinds = {item["type"] for item in answer["projected_events"]}
    assert not kinds & set(case.get("not_projected", ())), kinds
    assert kinds >= set(case.get("projected", ())), kinds
    for text in case.get("warnings", ()):
        assert any(text in warning for warning in answer["warnings"]), answer["warnings"]


@pytest.mark.parametrize(("profile", "case"), EVERY)
def test_case(profile: str, case: dict[str, Any]) -> None:
    answer: Any = timeline(packaged(), request(profile, case))
    check(answer, case, profile)
    settled = [i for i in answer["obligations"] if i["status"] not in {"outstanding", "disputed"}]
    assert not [i for i in settled if i["projected"]], "what is met, overdue or ended is not projected"
    named = [i["id"] for i in answer["obligations"]]
    assert len(named) == len(set(named)), "each has a name of its own"
    assert {i["superseded_by"] for i in answer["obligations"]} <= {None, *named}, "what stands in its place is there"
    assert all(i["status"] == "ended" for i in answer["obligations"] if i["excused"])
    counted = sum(answer["summary"][name] for name in {i["status"] for i in answer["obligations"]})
    assert counted == len(answer["obligations"]), answer["summary"]


def owed_since(answer: Answer, first_day: str) -> tuple[list[Any], list[Any]]:
    """Return what an answer says is owed or waits for facts because of events from this day on."""
    lines = [i for i in answer["obligations"] if i["started_by"]["occurred_at"] >= first_day]
    waiting = [i for i in answer["undetermined"] if i["started_by"]["occurred_at"] >= first_day]
    said = ("rule", "due_date", "status", "missed", "excused")
    return (
        sorted((str(i["child"]), *(i[key] for key in said)) for i in lines),
        sorted((str(i["child"]), i["rule"], i["needs"]) for i in waiting),
    )


@pytest.mark.parametrize(("profile", "case"), ONE_EACH)
def test_case_sent_in_another_order(profile: str, case: dict[str, Any]) -> None:
    body = request(profile, case)
    answers = [timeline(packaged(), {**body, "events": body["events"][::step]}) for step in (1, -1)]
    assert owed_since(answers[0], "") == owed_since(answers[1], "")


@pytest.mark.parametrize(("profile", "case"), ONE_EACH)
def test_an_earlier_closed_case_changes_nothing(profile: str, case: dict[str, Any]) -> None:
    body = request(profile, case)
    alone, after = (timeline(packaged(), {**body, "events": events + body["events"]}) for events in ([], EARLIER))
    assert owed_since(after, "2020") == owed_since(alone, "2020")


def digest_of_all() -> str:
    """Return a digest of the answers to every case under one of its profiles."""
    digest = hashlib.sha256()
    for case in ONE_EACH:
        digest.update(json.dumps(timeline(packaged(), request(*case.values))).encode())
    return digest.hexdigest()


def test_every_process_answers_alike() -> None:
    script = "from tests.cases.test_cases import digest_of_all; print(digest_of_all())"
    running = [
        subprocess.Popen(  # Each process walks its sets in an order of its own.
            [sys.executable, "-c", script], stdout=subprocess.PIPE, env={**os.environ, "PYTHONHASHSEED": seed}
        )
        for seed in ("1", "2", "3")
    ]
    assert len({each.communicate()[0] for each in running}) == 1
    assert all(each.returncode == 0 for each in running)


def test_every_case_is_named_once() -> None:
    names = [case.id for case in EVERY]
    assert len(names) == len(set(names))

"""Worked examples as data: each file holds one profile's, each named by a sentence that a practitioner would say."""

from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from app.calendars.packaged import load_packaged as load_calendars
from app.engine.calculate import calculate
from app.engine.civil_time import read_moment
from app.profiles.packaged import load_packaged

LONDON = ZoneInfo("Europe/London")
HERE = Path(__file__).parent
CASES = [
    pytest.param(file.stem, example, id=f"{file.stem}: {example['sentence']}")
    for file in sorted(HERE.glob("*.toml"))
    for example in tomllib.loads(file.read_text(encoding="utf-8"))["example"]
]
PROFILES = load_packaged()
CALENDARS = load_calendars()


@pytest.mark.parametrize(("key", "example"), CASES)
def test_example(key: str, example: dict[str, Any]) -> None:
    profile = PROFILES[key].profile
    answer = calculate(
        profile,
        example["event"],
        read_moment(example["at"], LONDON),
        example.get("facts", {}),
        CALENDARS[profile.calendar],
        LONDON,
        until=example.get("until"),
    )
    due: dict[str, list[str]] = {}
    for item in answer.obligations:
        due.setdefault(item.rule.id, []).append(item.due_at.isoformat())
    for expected in example.get("due", []):
        given = due.get(expected["rule"], [])
        wanted = [str(day) for day in expected["dates"]]
        assert [moment[: len(day)] for moment, day in zip(given, wanted, strict=False)] == wanted, (
            expected["rule"],
            given,
        )
        assert len(given) == len(wanted), (expected["rule"], given)
        others = {
            alternative.due_date
            for item in answer.obligations
            if item.rule.id == expected["rule"]
            for alternative in item.alternatives
        }
        for day in expected.get("alternatives", []):
            assert isinstance(day, date)
            assert day in others, (expected["rule"], others)
    for rule in example.get("not_due", []):
        assert rule not in due, rule
        assert all(item.rule.id != rule for item in answer.undetermined), rule
    for expected in example.get("undetermined", []):
        found = [item for item in answer.undetermined if item.rule.id == expected["rule"]]
        assert found, (expected["rule"], [item.rule.id for item in answer.undetermined])
        if "needs" in expected:
            assert sorted(found[0].needs) == sorted(expected["needs"])
        if "from_date" in expected:
            assert found[0].from_date == expected["from_date"]

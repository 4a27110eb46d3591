"""The awkward examples of examples.toml, each named by its sentence."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from app.calendars import Calendar
from app.calendars.packaged import load_packaged

EXAMPLES = tomllib.loads((Path(__file__).parent / "examples.toml").read_text("utf-8"))
CALENDARS = load_packaged()


def _examples(kind: str) -> list[Any]:
    return [pytest.param(example, id=example["says"]) for example in EXAMPLES[kind]]


def _calendar(example: dict[str, Any]) -> Calendar:
    return CALENDARS[example.get("calendar", "england-and-wales")]


@pytest.mark.parametrize("example", _examples("add"))
def test_adding(example: dict[str, Any]) -> None:
    calendar = _calendar(example)
    assert calendar.add_working_days(example["start"], example["days"]) == example["gives"]


@pytest.mark.parametrize("example", _examples("count"))
def test_counting(example: dict[str, Any]) -> None:
    calendar = _calendar(example)
    assert calendar.count_working_days(example["start"], example["end"]) == example["gives"]


@pytest.mark.parametrize("example", _examples("why"))
def test_saying_why_a_day_does_not_count(example: dict[str, Any]) -> None:
    calendar = _calendar(example)
    assert not calendar.index.is_working(example["day"])
    assert calendar.why_not_working(example["day"]) == example["gives"]

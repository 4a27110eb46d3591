"""The worked examples of docs/counting.md, run."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from app.engine.civil_time import read_moment
from app.engine.counting import count
from app.engine.units import UNITS, Duration
from app.services.zone import LONDON
from tests.engine.builders import england

DOCUMENT = (Path(__file__).parents[2] / "docs/counting.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| (\d{4}-\S+) \| (\d+) ([a-z ]+?)( before)? \| (\d{4}-\S+) \| (.+) \|$", re.MULTILINE)
ROWS = [match.groups() for match in ROW.finditer(DOCUMENT)]
BY_NAME: dict[str, type[Duration]] = {name: unit for unit in UNITS.values() for name in (unit.singular, unit.plural)}


def test_the_tables_are_found() -> None:
    assert len(ROWS) == 15


@pytest.mark.parametrize(("start", "amount", "unit", "before", "end", "why"), ROWS, ids=[row[-1] for row in ROWS])
def test_a_worked_example(start: str, amount: str, unit: str, before: str | None, end: str, why: str) -> None:
    length = BY_NAME[unit](int(amount))
    found = count(read_moment(start, LONDON), length, england(), LONDON, -1 if before else 1)
    spelt = found.at.strftime("%Y-%m-%dT%H:%M") if "T" in end else found.day.isoformat()
    assert spelt == end, why

"""The decisions are numbered without gaps, of one form, and one page each."""

import re
from pathlib import Path

import pytest

from tests.house.files import ROOT

DECISIONS = sorted((ROOT / "docs" / "decisions").iterdir())
NAME = re.compile(r"(\d{4})-[a-z0-9]+(-[a-z0-9]+)*\.md")
PAGE = 60
HEADINGS = ["## Context", "## Decision", "## Consequences"]


def test_they_are_numbered_without_gaps() -> None:
    assert [path.name for path in DECISIONS if not NAME.fullmatch(path.name)] == []
    assert [int(path.name[:4]) for path in DECISIONS] == list(range(1, len(DECISIONS) + 1))
    assert DECISIONS


@pytest.mark.parametrize("path", DECISIONS, ids=lambda path: path.name)
def test_each_has_the_form_and_fits_a_page(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    assert lines[0].startswith(f"# {path.name[:4]}. ")
    assert re.fullmatch(r"Date: \d{4}-\d{2}-\d{2}", lines[2])
    assert [line for line in lines if line.startswith("## ")] == HEADINGS
    assert len(lines) <= PAGE

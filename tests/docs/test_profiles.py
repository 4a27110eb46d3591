"""Every piece of a profile that the pages show can be put into a profile."""

import re
from pathlib import Path

import pytest

from app.cli.diagnostics import format_diagnostics
from app.profiles.template import template
from app.services.publishing.diagnostics import diagnose
from app.services.snapshot.offline import packaged_snapshot
from tests.docs.blocks import Block, blocks
from tests.house.files import ROOT

GUIDE = ROOT / "docs" / "write-a-profile.md"
FORMAT = ROOT / "docs" / "profile-format.md"
HEAD = """format = 1
key = "my-council"
title = "My Council: practice standards"
calendar = "england-and-wales"
[documents.main]
title = "Practice Standards"
"""
RULE = """[[rules]]
id = "a-rule"
duty = "hold_icpc"
title = "Something to be done"
event = "strategy_discussion_held"
strength = "must"
source = [{ section = "1" }]
"""
SNAPSHOT = packaged_snapshot()


def faults(text: str) -> str:
    """Tell what is wrong with a profile's text, or nothing."""
    diagnosis = diagnose(text, SNAPSHOT)
    return format_diagnostics(diagnosis, text, "page") if diagnosis.findings else ""


def in_code(cell: str) -> list[str]:
    """Give what stands in backticks."""
    return re.findall(r"`([^`]+)`", cell)


def rows(page: Path, heading: str) -> list[list[str]]:
    """Give the cells of the first table below a heading."""
    text = page.read_text(encoding="utf-8").split(heading, 1)[1]
    table = re.search(r"(?:^\|.*\n)+", text, re.MULTILINE)
    assert table is not None
    return [[cell.strip() for cell in line.strip("|\n").split(" | ")] for line in table[0].splitlines()[2:]]


@pytest.mark.parametrize("block", [item for item in blocks(GUIDE) if item.language == "toml" and not item.name])
def test_a_piece_in_the_guide_is_valid_in_a_profile(block: Block) -> None:
    rule = "" if "[[rules]]" in block.text else f"{RULE}timing = {{ within = {{ weeks = 1 }} }}\n"
    assert faults(f"{HEAD}{rule}{block.text}") == ""


@pytest.mark.parametrize("written", [code for row in rows(GUIDE, "## 5.") for code in in_code(row[1])])
def test_a_timing_in_the_guide_is_valid_in_a_rule(written: str) -> None:
    assert written.startswith("timing = ")
    assert faults(f"{HEAD}{RULE}{written}\n") == ""


@pytest.mark.parametrize(
    "written",
    [code for row in rows(FORMAT, "## Timing") for code in in_code(row[1]) if code.startswith("{")],
)
def test_a_timing_in_the_format_is_valid_in_a_rule(written: str) -> None:
    assert faults(f"{HEAD}{RULE}timing = {written}\n") == ""


@pytest.mark.parametrize(
    "written",
    [
        code
        for row in rows(FORMAT, "## Conditions")
        for code in in_code(row[1])
        if code.startswith("{") and "…" not in code
    ],
)
def test_a_condition_in_the_format_is_valid_in_a_rule(written: str) -> None:
    assert faults(f"{HEAD}{RULE}timing = {{ within = {{ weeks = 1 }} }}\nwhen = {written}\n") == ""


def test_a_broken_piece_would_be_seen() -> None:
    assert "unknown key" in faults(f"{HEAD}{RULE}timing = {{ within = {{ fortnights = 1 }} }}\n")


def test_the_template_is_valid_under_any_key_and_title() -> None:
    assert faults(template()) == ""
    text = template("north-shire-2", 'Standards "for practice", 2027')
    assert faults(text) == ""
    assert 'key = "north-shire-2"' in text
    assert r'title = "Standards \"for practice\", 2027"' in text


@pytest.mark.parametrize("key", ["My Council", "", "a--b", "-a", "naïve"])
def test_a_template_is_not_made_under_what_is_no_key(key: str) -> None:
    with pytest.raises(ValueError, match="is not a valid key"):
        template(key)

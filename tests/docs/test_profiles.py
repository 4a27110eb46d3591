"""Every piece of a profile that the pages show can be put into a profile."""

import re
from pathlib import Path

import pytest

from app.cli.diagnostics import format_diagnostics
from app.profiles.document import REASONS
from app.profiles.grammar import Shape
from app.profiles.rules import RULE as RULE_SHAPE
from app.profiles.template import template
from app.profiles.vocabulary import DUTY, EPISODE, EVENT, FACT
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
event = "icpc_scheduled"
strength = "must"
source = [{ section = "1" }]
discharged_by = ["icpc_held"]
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


WHOLE_CASES = "## Whole cases"
OTHER_RULE = RULE.replace("a-rule", "other-rule").replace("hold_icpc", "hold_core_group")
OTHER_RULE = f"{OTHER_RULE}timing = {{ within = {{ weeks = 2 }} }}\n"


@pytest.mark.parametrize("written", [code for row in rows(FORMAT, WHOLE_CASES) for code in in_code(row[1])])
def test_what_a_rule_says_of_whole_cases_is_valid_in_a_rule(written: str) -> None:
    series = 'timing = { every = { weeks = 4 } }\nrestarts_on = ["cp_visit_made"]\n'
    timing = series if "rests" in written or "excused" in written else "timing = { within = { weeks = 1 } }\n"
    rule = re.sub(r"^discharged_by.*\n", "", RULE, flags=re.MULTILINE) if "discharged_by" in written else RULE
    assert faults(f"{HEAD}{OTHER_RULE}{rule}{timing}{written.replace('; ', chr(10))}\n") == ""


def test_the_words_of_whole_cases_are_valid_in_a_profile() -> None:
    page = FORMAT.read_text(encoding="utf-8")
    start = page[: page.index(WHOLE_CASES)].count("\n")
    words = next(block for block in blocks(FORMAT) if block.language == "toml" and block.line > start)
    assert faults(f"{HEAD}{OTHER_RULE}{words.text}") == ""


REVIEWS = """[[rules]]
id = "cla-reviews"
duty = "hold_cla_review"
title = "Hold the reviews"
event = "became_looked_after"
restarts_on = ["cla_review_held"]
timing = { first = { within = { working_days = 20 } }, every = { months = 6 } }
strength = "must"
source = [{ section = "1" }]
discharged_by = ["cla_review_held"]
"""
SERIES = """duty = "visit_looked_after_child"
title = "Visit the child"
strength = "must"
source = [{ section = "2" }]
discharged_by = ["cla_visit_made"]
"""


def whole(text: str) -> str:
    """Put a piece of the format's page into what it needs around it to be a profile."""
    if text.startswith("format = 1"):
        return text if "[[rules]]" in text else f"{text}{RULE}timing = {{ within = {{ weeks = 1 }} }}\n"
    if "# … duty" in text:
        return f"{HEAD}{REVIEWS}{text.replace('[rules.timing]', f'{SERIES}[rules.timing]', 1)}"
    if text.startswith("[[rules]]"):
        return f"{HEAD}{OTHER_RULE}{text}"
    return f"{HEAD}{RULE}timing = {{ within = {{ working_days = 45 }} }}\n{text}"


@pytest.mark.parametrize(
    "block", [item for item in blocks(FORMAT) if item.language == "toml"], ids=lambda item: f"line {item.line}"
)
def test_every_piece_of_the_format_is_valid_in_a_profile(block: Block) -> None:
    assert faults(whole(block.text)) == ""


def test_the_format_has_every_reason_for_no_date() -> None:
    assert {code for row in rows(FORMAT, "## What has no date") for code in in_code(row[0])} == {*REASONS}


@pytest.mark.parametrize(
    "shape", [RULE_SHAPE, EVENT, FACT, DUTY, EPISODE], ids=["rule", "event", "fact", "duty", "episode"]
)
def test_the_format_has_every_key(shape: Shape) -> None:
    text = FORMAT.read_text(encoding="utf-8")
    written = {*re.findall(r"^([a-z_]+) = ", text, re.MULTILINE), *re.findall(r"`([a-z_]+)", text)}
    assert set(shape.keys) - written == set()


def test_a_broken_piece_would_be_seen() -> None:
    assert "unknown key" in faults(f"{HEAD}{RULE}timing = {{ within = {{ fortnights = 1 }} }}\n")


def test_the_template_is_valid_under_any_key_and_title() -> None:
    assert faults(template()) == ""
    text = template("north-shire-2", 'Standards "for practice", 2027')
    assert faults(text) == ""
    assert 'key = "north-shire-2"' in text
    assert r'title = "Standards \"for practice\", 2027"' in text


def test_the_words_of_the_template_are_valid_once_the_comment_signs_are_gone() -> None:
    before, mark, words = template().partition("# [vocabulary.events.")
    uncommented = re.sub(r"^# ", "", f"{mark}{words}", flags=re.MULTILINE)
    assert uncommented.count("[vocabulary.") == 4
    assert faults(f"{before}{uncommented}") == ""


@pytest.mark.parametrize("key", ["My Council", "", "a--b", "-a", "naïve"])
def test_a_template_is_not_made_under_what_is_no_key(key: str) -> None:
    with pytest.raises(ValueError, match="is not a valid key"):
        template(key)

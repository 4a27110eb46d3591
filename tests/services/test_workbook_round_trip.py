"""A workbook made of a profile is that profile again: nothing is lost, and most rules are one row."""

import copy
import csv
import io
import sys
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from app.profiles.one_off_timings import ONE_OFF_KINDS
from app.profiles.rules import RULE
from app.profiles.series_timings import SERIES_KINDS
from app.services.workbook import read_rule_sheet, read_workbook, write_workbook
from app.services.workbook.lengths import AGES, BETWEEN, COUNTED, FLAGS, NUMBERED
from app.services.workbook.reading import read_grids
from app.services.workbook.sheets import PHASES, RULE_FIELDS, RULES
from app.services.workbook.writing import to_grids
from tests.services.workbooks import HEAD, NAMES, Document, document, grids

EVERY = pytest.mark.parametrize("name", NAMES)
MOST = 0.8
MARKS = (",", ";", "\t")


@EVERY
def test_a_workbook_of_a_profile_is_that_profile_again(name: str) -> None:
    found = read_workbook(write_workbook(document(name)))
    assert (found.document, found.faults, found.warnings) == (document(name), (), ())


def test_the_same_profile_is_the_same_file() -> None:
    assert write_workbook(document("torbay")) == write_workbook(copy.deepcopy(document("torbay")))


def in_rows(name: str) -> tuple[int, int]:
    """Count the rules of a profile, and those that need nothing but their row."""
    elsewhere = {row[1] for row in grids(name)[PHASES][1:] if row[0] == RULES}
    rules = len(grids(name)[RULES]) - 1
    assert rules == len(document(name)["rules"])
    return rules, rules - len(elsewhere)


def test_four_fifths_of_all_rules_are_one_row_each(capsys: pytest.CaptureFixture[str]) -> None:
    counts = {name: in_rows(name) for name in NAMES}
    rules, rows = (sum(column) for column in zip(*counts.values(), strict=True))
    with capsys.disabled():
        sys.stdout.write(f"\n{rows} of {rules} rules ({rows / rules:.1%}) are one row each: {counts}\n")
    assert rows / rules >= MOST


def test_every_key_of_a_rule_has_columns_or_goes_to_the_sheet_phases() -> None:
    keys = {one.key for one in RULE_FIELDS}
    assert keys <= RULE.keys.keys()
    # A calendar or a key that the format gains later is TOML until it has a column.
    rule = {**document("torbay")["rules"][0], "key_of_tomorrow": {"a": [1, {"b": True}]}}
    assert read_grids(to_grids({**HEAD, "rules": [rule]})).document["rules"] == [rule]


def test_every_kind_of_timing_of_the_list_is_one_of_the_format_and_the_others_stay_toml() -> None:
    in_cells = {next(iter(value)) for value in FLAGS.values()} | set(COUNTED.values()) | set(AGES.values())
    in_cells |= {key for key, _ in NUMBERED.values()} | {"window" if BETWEEN else ""}
    assert in_cells < {*ONE_OFF_KINDS, *SERIES_KINDS}


# A document shrinks slowly, and its first failure is readable.
LAW = settings(deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.explicit, Phase.generate])
TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=12) | st.sampled_from(
    [
        "=1+1",
        "+44",
        "-",
        "@here",
        "'=x",
        " ends ",
        "a; b",
        "see Phases",
        "_x000D_",
        "\u00a0",
        "\u201cquoted\u201d",
        "yes",
    ]
)
VALUES: st.SearchStrategy[Any] = st.recursive(
    TEXTS | st.booleans() | st.integers(-3, 20_000),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=5,
)
RULES_OF_PROFILES = [rule for name in NAMES for rule in document(name)["rules"]]


@st.composite
def changed_rules(draw: st.DrawFn) -> Document:
    """Take a rule of some profile, and put anything at all in the place of some of its keys."""
    rule: Document = copy.deepcopy(draw(st.sampled_from(RULES_OF_PROFILES)))
    for key in draw(st.lists(st.sampled_from(sorted(RULE.keys)), max_size=3, unique=True)):
        rule[key] = draw(VALUES)
    return rule


@settings(LAW, max_examples=60)
@given(
    st.lists(changed_rules(), max_size=3),
    st.dictionaries(st.sampled_from(["title", "authority", "documents", "vocabulary", "warnings", "basis"]), VALUES),
)
def test_whatever_a_document_says_is_read_again(rules: list[Document], head: Document) -> None:
    """Also what no profile may say: a draft may."""
    whole = {**HEAD, **head, "rules": rules}
    assert read_grids(to_grids(whole)).document == whole


# The file holds the same cells whatever they say: a few examples, of more rules.
@settings(LAW, max_examples=3)
@given(st.lists(changed_rules(), min_size=2, max_size=5))
def test_and_through_the_file_too(rules: list[Document]) -> None:
    whole = {**HEAD, "rules": rules}
    assert read_workbook(write_workbook(whole)).document == whole


@EVERY
def test_the_sheet_of_rules_as_csv_keeps_what_stands_elsewhere(name: str) -> None:
    whole = document(name)
    # The headings say what divides cells, and they are those of every profile: each mark is read three times.
    assert len(NAMES) >= 2 * len(MARKS)
    found = read_rule_sheet(as_csv(grids(name)[RULES], MARKS[NAMES.index(name) % len(MARKS)]), whole)
    assert found.document["rules"] == whole["rules"]
    assert not found.faults


def as_csv(rows: Any, mark: str) -> str:
    """Write rows as a spreadsheet saves them."""
    out = io.StringIO()
    csv.writer(out, delimiter=mark).writerows(rows)
    return "\ufeff" + out.getvalue()

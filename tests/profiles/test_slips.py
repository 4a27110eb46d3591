"""Nonsense is said to be nonsense: refused where it gives an impossible answer, and else warned of."""

from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from app.profiles.packaged import load_packaged
from app.profiles.slips import find_slips, rules_over_before
from app.profiles.template import template
from app.services.publishing.diagnostics import Diagnostics, diagnose
from app.services.snapshot.offline import packaged_snapshot
from tests.house.files import ROOT

SNAPSHOT = packaged_snapshot()
DATA: dict[str, Any] = tomllib.loads((Path(__file__).parent / "slips.toml").read_text(encoding="utf-8"))
SLIPS: list[dict[str, Any]] = DATA["slip"]


def checked(replaced: dict[str, str], added: str, more: str) -> Diagnostics:
    """Check a profile with one rule, changed in these ways."""
    rule: str = DATA["rule"]
    for old, new in replaced.items():
        assert old in rule
        rule = rule.replace(old, new)
    return diagnose(f"{DATA['head']}{rule}{added}\n{more}", SNAPSHOT)


@pytest.mark.parametrize("slip", SLIPS, ids=lambda slip: slip["name"])
def test_a_slip_is_said_and_the_same_put_right_is_not(slip: dict[str, Any]) -> None:
    found = checked(slip.get("replace", {}), slip.get("add", ""), slip.get("more", ""))
    said = [f"{finding.message}; {finding.remedy}" for finding in found.findings]
    assert len(said) == 1, said
    assert slip["says"] in said[0]
    assert (found.errors, found.warnings) == ((1, 0) if slip.get("refused") else (0, 1))
    if slip.keys() & {"meant", "meant_add", "meant_more"}:
        right = checked(slip.get("meant", {}), slip.get("meant_add", ""), slip.get("meant_more", ""))
        assert right.findings == ()


def test_the_packaged_profiles_the_examples_and_the_template_have_none() -> None:
    for key, loaded in load_packaged().items():
        assert [str(slip.fault) for slip in find_slips(loaded.profile, loaded.document)] == [], key
    for file in sorted((ROOT / "docs" / "examples").glob("*.toml")):
        assert diagnose(file.read_text(encoding="utf-8"), SNAPSHOT).findings == (), file.name
    assert diagnose(template(), SNAPSHOT).findings == ()


def test_a_rule_that_is_over_before_the_first_day_sent_with_the_publication_is_found() -> None:
    text = DATA["head"].replace("in_force_from = 2027-04-01\n", "") + DATA["rule"] + "in_force = { to = 2026-12-31 }\n"
    checked = diagnose(text, SNAPSHOT)
    assert checked.findings == ()
    assert checked.validation is not None
    assert checked.validation.profile is not None
    profile = checked.validation.profile
    assert [fault.rule for fault in rules_over_before(profile, date(2027, 1, 1))] == ["a"]
    assert rules_over_before(profile, date(2026, 12, 31)) == []


def test_what_a_base_got_wrong_is_not_said_to_whoever_extends_it() -> None:
    text = f"{DATA['head']}extends = {{ key = 'york', version = 1 }}\n".replace(
        '[documents.main]\ntitle = "Practice Standards"\n', ""
    )
    text += DATA["rule"].replace('discharged_by = ["icpc_held"]\n', "")
    found = diagnose(text, SNAPSHOT)
    assert found.errors == 0
    assert [finding.path for finding in found.findings] == ["rules[0].duty"]

"""Flat questions as data: the general duty gives the earliest limit among its kinds, and a check of it agrees."""

from __future__ import annotations

from typing import Any

import pytest

from app.services.calculation.flat import due_date
from app.services.date_check import check_date as check
from tests.cases.reading import cases
from tests.services.worlds import packaged

FLAT = cases("flat")


@pytest.mark.parametrize(("profile", "case"), FLAT)
def test_flat(profile: str, case: dict[str, Any]) -> None:
    answer = due_date(packaged(), {"profile": profile, **case["ask"]})
    assert {key: answer[key] for key in case["answer"]} == case["answer"]


@pytest.mark.parametrize(("profile", "case"), [case for case in FLAT if "due_date" in case.values[1]["answer"]])
def test_check_agrees(profile: str, case: dict[str, Any]) -> None:
    facts = {key: value for key, value in case["ask"].items() if key not in {"event", "at", "duty"}}
    event = {"type": case["ask"]["event"], "occurred_at": case["ask"]["at"]}
    asked = {"profile": profile, "event": event, "facts": facts, "duty": case["ask"]["duty"]}
    answer = check(packaged(), {**asked, "date": case["answer"]["due_date"]})
    assert answer["verdict"] == "right"

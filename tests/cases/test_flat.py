"""Flat questions as data: the general duty gives the earliest limit among its kinds."""

from __future__ import annotations

from typing import Any

import pytest

from app.services.calculation.flat import due_date
from tests.cases.reading import cases
from tests.services.worlds import packaged


@pytest.mark.parametrize(("profile", "case"), cases("flat"))
def test_flat(profile: str, case: dict[str, Any]) -> None:
    answer = due_date(packaged(), {"profile": profile, **case["ask"]})
    assert {key: answer[key] for key in case["answer"]} == case["answer"]

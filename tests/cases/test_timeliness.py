"""Figures of many cases as data, each named by a sentence that a performance analyst would say."""

from __future__ import annotations

import json
from typing import Any

import pytest

from app.services.timelines.timeliness import timeliness
from tests.cases.reading import as_sent, cases, event
from tests.services.worlds import packaged

REQUEST_KEYS = ("as_of", "duties", "period", "group_by")


def agrees(row: Any, wanted: Any) -> bool:
    """Say whether a row has at least what is wanted of it."""
    if isinstance(wanted, dict):
        return isinstance(row, dict) and all(agrees(row.get(key), value) for key, value in wanted.items())
    if isinstance(wanted, list):
        return isinstance(row, list) and all(any(agrees(item, one) for item in row) for one in wanted)
    return bool(row == wanted)


@pytest.mark.parametrize(("profile", "case"), cases("timeliness"))
def test_timeliness(profile: str, case: dict[str, Any]) -> None:
    timelines = [{**item, "events": [event(one) for one in item["events"]]} for item in case["timelines"]]
    body = {"profile": profile, "timelines": timelines, **{key: case[key] for key in REQUEST_KEYS if key in case}}
    answer: Any = timeliness(packaged(), as_sent(body))
    for wanted in case["rows"]:
        assert agrees(answer["duties"], [wanted]), json.dumps(answer["duties"], indent=1)
    for name in case.get("nulls", ()):
        assert all(row[name] is None for row in answer["duties"])
    assert agrees(answer, case.get("totals", {}))
    refused = answer.get("refused", [])
    assert len(refused) == len(case.get("refused", ()))
    for place, problem in zip(case.get("refused", ()), refused, strict=True):
        assert place in json.dumps(problem)

"""Whatever is wrong with a request, no fault of one part hides those of another, and each is said once."""

import json
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from app.services.calculation.request import REQUEST_EXAMPLE, read_request
from app.services.problems import Problem
from app.services.snapshot.offline import packaged_snapshot
from tests.api.application import RunningApplication
from tests.fuzz.mutations import NASTY_TEXTS, spoiled, texts
from tests.published.walking import committed

SNAPSHOT = packaged_snapshot()
WHOLE = {
    **REQUEST_EXAMPLE,
    "profile_version": 1,
    "calendar": "england-and-wales",
    "calendar_version": 1,
    "until": "2026-03-01",
    "explain": True,
    "reference": "case",
    "as_known_on": "2100-01-01",
}
PATHS = committed("openapi.json")["paths"]
BODIES = ("/v1/calculations", "/v1/timelines", "/v1/comparisons", "/v1/checks", "/v1/due-dates")
QUERIES: dict[str, dict[str, str]] = {
    "/v1/due-dates": {"profile": "swindon", "event": "strategy_discussion_held", "at": "2025-12-18", "duty": "hold_icpc"},
    "/v1/working-days/add": {"calendar": "england-and-wales", "start": "2025-12-18", "days": "15"},
    "/v1/working-days/check": {"calendar": "england-and-wales", "date": "2025-12-25", "calendar_version": "1"},
}  # fmt: skip
LONGER_THAN_ONE_TURN = " " * 20_000


def faults_of(answer: Any) -> list[tuple[str, str]]:
    """Return the path and message of each fault of a request that is not valid; no example where it is otherwise."""
    assume(answer.status_code == 422 and answer.json()["type"] == "/problems/invalid-request")
    faults = [(fault["path"], fault["message"]) for fault in answer.json()["errors"]]
    assert len(faults) == len(set(faults))
    return faults


@pytest.mark.parametrize("path", BODIES)
@given(data=st.data())
@settings(max_examples=30)
def test_a_misspelt_parameter_hides_no_fault_of_a_body(
    path: str, here: RunningApplication, data: st.DataObject
) -> None:
    content = PATHS[path]["post"]["requestBody"]["content"]["application/json"]
    body = json.dumps(data.draw(spoiled([each["value"] for each in content["examples"].values()])))
    alone = faults_of(here.client.post(path, content=body))
    for sent in (body, body + LONGER_THAN_ONE_TURN):
        together = faults_of(here.client.post(f"{path}?colour=red", content=sent))
        assert sorted(together) == sorted([*alone, ("colour", "unknown field")])


@pytest.mark.parametrize("path", QUERIES)
@given(data=st.data())
@settings(max_examples=30)
def test_a_body_where_none_is_read_hides_no_fault_of_a_query(
    path: str, here: RunningApplication, data: st.DataObject
) -> None:
    names = st.one_of(st.sampled_from([*QUERIES[path], "facts", "cls"]), texts)
    query: Any = [
        *QUERIES[path].items(),
        *data.draw(st.dictionaries(names, st.sampled_from(NASTY_TEXTS), max_size=3)).items(),
    ]
    alone = faults_of(here.client.get(path, params=query))
    together = faults_of(here.client.request("GET", path, params=query, json={"a": 1}))
    assert sorted(together) == sorted([*alone, ("(body)", "this address takes no body")])


@given(body=spoiled([WHOLE]))
@settings(max_examples=300)
def test_a_short_request_is_read_by_its_fields_as_by_its_model(body: Any) -> None:
    outcomes: list[Any] = []
    for short in (True, False):
        try:
            outcomes.append(read_request(SNAPSHOT, body, short=short))
        except Problem as problem:
            outcomes.append(problem.as_json())
    assert outcomes[0] == outcomes[1]

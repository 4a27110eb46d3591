"""The flat calls: due dates and working days."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi.testclient import TestClient

ASKED = {"profile": "swindon", "event": "strategy_discussion_held", "at": "2025-12-18T14:30", "duty": "hold_icpc"}


def test_one_due_date_as_one_flat_object(client: TestClient) -> None:
    answer = client.get("/v1/due-dates", params={**ASKED, "section_47_initiated": "true"})
    body = answer.json()
    assert answer.status_code == 200, answer.text
    assert (body["due_date"], body["due_at"], body["last_working_day"]) == (
        "2026-01-13",
        "2026-01-13T23:59:59+00:00",
        "2026-01-13",
    )
    assert (body["duty"], body["section"], body["provisional"], body["status"]) == ("hold_icpc", "13.3", False, "due")
    assert not any(isinstance(value, dict | list) for value in body.values())
    posted = client.post("/v1/due-dates", json={**ASKED, "section_47_initiated": True})
    assert posted.json() == body


def test_what_is_missing_is_named_in_the_same_fields(client: TestClient) -> None:
    body = client.get("/v1/due-dates", params=ASKED).json()
    assert (body["status"], body["needs"], body["due_date"]) == ("undetermined", "section_47_initiated", None)
    refused = client.get("/v1/due-dates", params={**ASKED, "section_47_initiated": "false"}).json()
    assert refused["status"] == "not_applicable"
    assert set(refused) == set(body)


def test_dates_of_birth_are_refused_in_a_url_and_taken_in_a_body(client: TestClient) -> None:
    asked = {
        "profile": "swindon",
        "event": "became_looked_after",
        "at": "2026-01-05",
        "duty": "complete_pathway_needs_assessment",
    }
    born = {"child_date_of_birth": "2011-05-31"}
    refused = client.get("/v1/due-dates", params={**asked, **born})
    assert refused.status_code == 422
    assert "POST /v1/due-dates" in refused.text
    assert "2011-05-31" not in refused.text
    assert client.post("/v1/due-dates", json={**asked, **born}).status_code == 200


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"duty": "hold_ipc"}, "duty"),
        ({"event": "strategy"}, "event"),
        ({"at": "yesterday"}, "at"),
        ({"profile": ""}, "profile"),
        ({"sektion": "1"}, "sektion"),
    ],
)
def test_a_fault_is_named_by_its_parameter(client: TestClient, changes: dict[str, str], path: str) -> None:
    answer = client.get("/v1/due-dates", params={**ASKED, **changes})
    assert answer.status_code == 422
    assert path in {error["path"] for error in answer.json()["errors"]}


@pytest.mark.parametrize(
    ("path", "params", "expected"),
    [
        ("add", {"start": "2025-12-18", "days": "15"}, {"date": "2026-01-13"}),
        ("add", {"start": "2026-01-12", "days": "-2"}, {"date": "2026-01-08"}),
        ("count", {"start": "2025-12-18", "end": "2026-01-13"}, {"working_days": 15}),
        ("count", {"start": "2026-01-13", "end": "2025-12-18"}, {"working_days": -15}),
        ("check", {"date": "2025-12-25"}, {"is_working_day": False, "reason": "Christmas Day"}),
        ("check", {"date": "2025-12-27"}, {"is_working_day": False, "reason": "Saturday"}),
        ("check", {"date": "2025-12-29"}, {"is_working_day": True, "reason": None}),
    ],
)
def test_working_days(client: TestClient, path: str, params: dict[str, str], expected: dict[str, Any]) -> None:
    body = client.get(f"/v1/working-days/{path}", params={"calendar": "england-and-wales", **params}).json()
    assert body == {**expected, "calendar": "england-and-wales", "calendar_version": 1, "provisional": False}


def test_working_days_after_the_published_list_are_provisional(client: TestClient) -> None:
    params = {"calendar": "scotland", "start": "2028-12-20", "days": "10"}
    assert client.get("/v1/working-days/add", params=params).json()["provisional"] is True


@pytest.mark.parametrize(
    ("params", "paths"),
    [
        ({}, {"calendar", "start", "days"}),
        ({"calendar": "england", "start": "2025", "days": "many"}, {"calendar", "start", "days"}),
        ({"calendar": "scotland", "start": "2056-12-30", "days": "50"}, {"days"}),
        ({"calendar": "scotland", "start": "1066-10-14", "days": "1"}, {"start"}),
        ({"calendar": "scotland", "start": "2026-01-05", "days": "9999999"}, {"days"}),
    ],
)
def test_every_fault_of_a_query_at_once(client: TestClient, params: dict[str, str], paths: set[str]) -> None:
    answer = client.get("/v1/working-days/add", params=params)
    assert answer.status_code == 422
    assert {error["path"] for error in answer.json()["errors"]} == paths


@pytest.mark.parametrize("name", ["facts", "cls", "self", "_fields_set", "model_extra", "domain_faults"])
@pytest.mark.parametrize("at", [ASKED["at"], "yesterday"])
def test_a_parameter_of_any_name_is_read_or_refused_by_it(client: TestClient, name: str, at: str) -> None:
    answer = client.get("/v1/due-dates", params={**ASKED, "at": at, name: "1"})
    assert answer.status_code == 422
    assert {fault["path"] for fault in answer.json()["errors"]} == {name} | ({"at"} if at != ASKED["at"] else set())
    posted = client.post("/v1/due-dates", json={**ASKED, "at": at, name: 1})
    assert {fault["path"] for fault in posted.json()["errors"]} == {fault["path"] for fault in answer.json()["errors"]}


def test_an_unknown_member_that_is_absent_is_passed_over_whatever_else_is_wrong(client: TestClient) -> None:
    asked = {**ASKED, "sektion": "", "until": None}
    assert client.post("/v1/due-dates", json=asked).status_code == 200
    refused = client.post("/v1/due-dates", json={**asked, "at": "yesterday"})
    assert [fault["path"] for fault in refused.json()["errors"]] == ["at"]


def test_a_duty_that_comes_later_in_a_series_is_dated_and_marked_projected(client: TestClient) -> None:
    asked = {"profile": "swindon", "event": "became_looked_after", "at": "2026-01-05", "duty": "hold_second_cla_review"}
    body = client.get("/v1/due-dates", params=asked).json()
    assert (body["status"], body["due_date"], body["projected"]) == ("due", "2026-05-02", True)


def test_a_plus_lost_in_a_url_is_named(client: TestClient) -> None:
    answer = client.get(
        "/v1/due-dates?profile=swindon&event=icpc_held&duty=hold_first_rcpc&at=2026-01-05T10:00:00+00:00"
    )
    assert answer.status_code == 422
    assert "%2B" in answer.json()["errors"][0]["remedy"]


def test_python_and_low_code_spellings_are_taken(client: TestClient) -> None:
    assert client.get("/v1/due-dates", params={**ASKED, "section_47_initiated": "True"}).json()["status"] == "due"
    born = {"section_47_initiated": True, "child_date_of_birth": "2019-04-02T00:00:00Z"}
    assert client.post("/v1/due-dates", json={**ASKED, **born}).status_code == 200

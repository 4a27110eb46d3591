"""The calendar and table forms as operations of their own: the same files as by the Accept header."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient

EVENT = {
    "profile": "swindon",
    "event": {"type": "strategy_discussion_held", "occurred_at": "2025-12-18T14:30:00+00:00"},
    "facts": {"section_47_initiated": True},
    "reference": "case-17",
}
CASE = {
    "profile": "swindon",
    "events": [{**EVENT["event"], "facts": EVENT["facts"]}],  # type: ignore[dict-item]  # it is a table of texts
    "as_of": "2026-01-05",
    "reference": "case-17",
}


@pytest.mark.parametrize(
    ("path", "body", "ending", "accept", "options"),
    [
        ("/v1/calculations", EVENT, "ics", "text/calendar", "alarm=1,7&sequence=2"),
        ("/v1/calculations", EVENT, "csv", "text/csv", "bom=true"),
        ("/v1/timelines", CASE, "ics", "text/calendar", "alarm=7"),
        ("/v1/timelines", CASE, "csv", "text/csv", "bom=false"),
    ],
)
def test_a_file_is_the_same_by_its_address_and_by_the_accept_header(
    client: TestClient, path: str, body: dict[str, object], ending: str, accept: str, options: str
) -> None:
    named = client.post(f"{path}.{ending}?{options}", json=body)
    negotiated = client.post(f"{path}?{options}", json=body, headers={"Accept": accept})
    assert (named.status_code, negotiated.status_code) == (200, 200), named.text
    assert named.headers["content-type"] == negotiated.headers["content-type"]
    assert named.headers["content-type"].startswith(accept)
    assert "2026" in named.text
    assert [line for line in named.text.splitlines() if not line.startswith("DTSTAMP")] == [
        line for line in negotiated.text.splitlines() if not line.startswith("DTSTAMP")
    ]


def test_an_option_of_the_other_form_is_refused(client: TestClient) -> None:
    assert client.post("/v1/calculations.csv?alarm=1", json=EVENT).status_code == 422
    assert client.post("/v1/calculations.ics?bom=true", json=EVENT).status_code == 422


def test_a_calendar_file_without_a_reference_is_refused(client: TestClient) -> None:
    body = {key: value for key, value in EVENT.items() if key != "reference"}
    assert client.post("/v1/calculations.ics", json=body).status_code == 422

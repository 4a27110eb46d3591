"""The shortest way to a calculation answers as the declared route does, in every header and to the byte."""

from __future__ import annotations

from typing import Any

import pytest

from app.services.calculation.response import ALMANAC
from tests.api.application import RunningApplication

BODY = {
    "profile": "swindon",
    "event": {"type": "strategy_discussion_held", "occurred_at": "2025-12-18T14:30:00+00:00"},
    "facts": {"section_47_initiated": True},
}
# A parameter that changes nothing of a JSON answer takes the request the long way round.
LONG_WAY = "/v1/calculations?bom=false"
OF_ITS_OWN = {"x-request-id", "date"}


@pytest.mark.parametrize(
    ("sent", "headers"),
    [
        ({"json": BODY}, {}),
        ({"json": {**BODY, "explain": True}}, {"Accept": "application/json"}),
        ({"json": {**BODY, "reference": "case-1"}}, {"Accept": "text/calendar"}),
        ({"json": BODY}, {"Accept": "text/csv"}),
        ({"json": BODY}, {"Accept": "image/png"}),
        ({"json": {**BODY, "profile": "swindom"}}, {}),
        ({"json": BODY}, {"X-API-Key": "pd_unknown_secret"}),
        ({"json": BODY}, {"Authorization": "Digest x"}),
        ({"content": b"{"}, {"Content-Type": "application/json"}),
        ({"content": b"{}"}, {"Content-Type": "text/plain"}),
        ({"content": b""}, {}),
    ],
)
def test_both_ways_give_one_answer(here: RunningApplication, sent: dict[str, Any], headers: dict[str, Any]) -> None:
    short = here.client.post("/v1/calculations", headers=headers, **sent)
    long = here.client.post(LONG_WAY, headers=headers, **sent)
    assert (short.status_code, short.content) == (long.status_code, long.content)
    kept = [{name: value for name, value in each.headers.items() if name not in OF_ITS_OWN} for each in (short, long)]
    assert kept[0] == kept[1]


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_another_method_is_refused_by_the_declared_route(here: RunningApplication, method: str) -> None:
    answer = here.client.request(method, "/v1/calculations")
    assert answer.status_code == 405
    assert answer.headers["content-type"] == "application/problem+json"


def test_what_was_kept_goes_with_the_versions_it_was_kept_of(here: RunningApplication) -> None:
    here.client.post("/v1/calculations", json=BODY).raise_for_status()
    kept = {id(page.profile) for page in ALMANAC._pages.values()}
    assert id(here.live.snapshot.profiles["swindon"][-1].profile) in kept
    here.key("calculate")
    assert ALMANAC._pages == {}

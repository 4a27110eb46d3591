"""The calculation route answers the usual request directly, and every other as FastAPI does: in the same words."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from app.api.calculation_route import is_usual
from app.api.security import authorize
from app.services.ports import WriteContext
from tests.api.application import RunningApplication, running_application

EVENT = {"type": "strategy_discussion_held", "occurred_at": "2025-12-18T14:30:00+00:00"}
BODY: dict[str, Any] = {"profile": "swindon", "event": EVENT, "facts": {"section_47_initiated": True}}
PATH = "/v1/calculations"
# A parameter that changes nothing of a JSON answer; FastAPI then resolves every dependency.
WITH_QUERY = "/v1/calculations?bom=false"
VARIABLE_HEADERS = {"x-request-id", "date"}


@pytest.mark.parametrize(
    ("sent", "headers"),
    [
        ({"json": BODY}, {}),
        ({"json": {**BODY, "explain": True}}, {"Accept": "application/json"}),
        ({"json": {**BODY, "until": "2027-01-01", "profile_version": 1}}, {}),
        ({"json": {**BODY, "reference": "case: 1", "until": "", "calendar": None}}, {"Accept": "*/*"}),
        ({"json": {**BODY, "reference": "case-1"}}, {"Accept": "text/calendar"}),
        ({"json": BODY}, {"Accept": "text/csv"}),
        ({"json": BODY}, {"Accept": "image/png"}),
        ({"json": {**BODY, "profile": "swindom"}}, {}),
        ({"json": {**BODY, "profile": "swindom", "facts": {"section_47_initiated": "perhaps"}, "unti": 1}}, {}),
        ({"json": {**BODY, "event": {**EVENT, "occurred_at": "1900-01-01"}}}, {}),
        ({"json": [BODY]}, {}),
        ({"json": BODY}, {"X-API-Key": "pd_unknown_secret"}),
        ({"json": BODY}, {"Authorization": "Digest x"}),
        ({"json": BODY}, {"Authorization": "Bearer pd_unknown"}),
        ({"json": BODY}, {"Content-Encoding": "gzip"}),
        ({"json": BODY}, {"Origin": "https://elsewhere.example"}),
        ({"content": b"{"}, {"Content-Type": "application/json"}),
        ({"content": b'{"profile": "york", "profile": "swindon"}'}, {"Content-Type": "application/json"}),
        ({"content": b"{}"}, {"Content-Type": "text/plain"}),
        ({"content": b""}, {}),
    ],
)
def test_the_usual_request_is_answered_as_any_other_in_every_header_and_to_the_byte(
    here: RunningApplication, sent: dict[str, Any], headers: dict[str, str]
) -> None:
    usual = here.client.post(PATH, headers=headers, **sent)
    other = here.client.post(WITH_QUERY, headers=headers, **sent)
    assert (usual.status_code, usual.content) == (other.status_code, other.content)
    first, second = (
        {name: value for name, value in answer.headers.items() if name not in VARIABLE_HEADERS}
        for answer in (usual, other)
    )
    assert first == second


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_another_method_is_refused(here: RunningApplication, method: str) -> None:
    answer = here.client.request(method, PATH)
    assert answer.status_code == 405
    assert answer.headers["content-type"] == "application/problem+json"


def test_what_is_cached_goes_with_its_snapshot(here: RunningApplication) -> None:
    here.client.post(PATH, json=BODY).raise_for_status()
    before = here.client.app.state.calculation.current()  # type: ignore[attr-defined]  # a FastAPI application
    assert before.days.days
    here.key("calculate")
    after = here.client.app.state.calculation.current()  # type: ignore[attr-defined]  # as above
    assert after is not before
    assert not after.days.days


@pytest.mark.parametrize("require_key", [False, True])
def test_a_key_is_asked_for_and_checked(filled_url: str, require_key: bool) -> None:
    with running_application(filled_url, require_key=require_key) as here:
        able, unable, revoked = here.key("calculate"), here.key("read"), here.key("calculate", name="revoked")
        (record,) = [each for each in here.store.list_keys() if each.name == "revoked"]
        here.store.revoke_key(record.id, context=WriteContext("key:test", datetime.now(UTC)))
        here.live.refresh()

        def status(headers: dict[str, str]) -> int:
            return here.client.post(PATH, json=BODY, headers=headers).status_code

        secret = able["X-API-Key"]
        other = "x" if not secret.endswith("x") else "y"
        assert status(able) == 200
        assert status({"X-API-Key": secret[:-1] + other}) == 401
        assert status(unable) == 403
        assert status(revoked) == 401
        assert status({"Authorization": f"Bearer {secret}"}) == 200
        assert status({}) == (401 if require_key else 200)


@pytest.mark.parametrize("with_key", [False, True])
def test_the_allowance_is_one_for_both_ways(filled_url: str, with_key: bool) -> None:
    with running_application(filled_url, rate_limit="3/minute") as here:
        headers = here.key("calculate") if with_key else {}
        statuses = [
            here.client.post(path, json=BODY, headers=headers).status_code for path in (WITH_QUERY, PATH, PATH, PATH)
        ]
        assert statuses == [200, 200, 200, 429]


def test_a_dependency_can_be_overridden(here: RunningApplication) -> None:
    called = []
    app: Any = here.client.app
    app.dependency_overrides[authorize] = lambda: called.append(True)
    try:
        here.client.post(PATH, json=BODY).raise_for_status()
    finally:
        app.dependency_overrides.clear()
    assert called


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ([], True),
        ([(b"content-length", b"1048576")], True),
        ([(b"content-length", b"1048577")], False),
        ([(b"content-length", b"-1")], False),
        ([(b"accept", b"application/json"), (b"accept", b"text/csv")], False),
        ([(b"x-api-key", b"a"), (b"x-api-key", b"b")], False),
    ],
)
def test_only_an_unambiguous_head_of_an_allowed_length_is_usual(
    here: RunningApplication, headers: list[tuple[bytes, bytes]], expected: bool
) -> None:
    scope = {"method": "POST", "query_string": b"", "headers": headers, "app": here.client.app}
    assert is_usual(scope, dict(headers)) is expected

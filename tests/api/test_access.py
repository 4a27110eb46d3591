"""Who may do what: each scope against each route, and every way of sending a key."""

import base64
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi.routing import APIRoute

from app.api.route_table import ROUTERS
from app.services.access.api_keys import InvalidKey, create_key, find_key, key_state
from app.services.access.permissions import IMPLIED_SCOPES, SCOPES
from app.services.ports import NotFound, WriteContext
from tests.api.application import EVENT, RunningApplication, running_application, small
from tests.house.test_routes import scopes

ROUTES = [
    (min(route.methods or ()), route.path, scopes(route)[0])
    for router in ROUTERS
    for route in router.routes
    if isinstance(route, APIRoute)
]
REFUSED = {401, 403}


def call(running: RunningApplication, method: str, path: str, headers: dict[str, str]) -> Any:
    filled = (
        path.replace("{key}", "swindon")
        .replace("{version}", "99")
        .replace("{draft}", "none")
        .replace("{proposal}", "none")
        .replace("{rule}", "x")
        .replace("{kind}", "not-found")
        .replace("{source}", "ssda903")
    )
    assert "{" not in filled, "teach this test the new parameter"
    body: dict[str, Any] | None = {} if method in {"POST", "PUT"} else None
    return running.client.request(method, filled, json=body, headers=headers)


@pytest.fixture(scope="module")
def running(filled_database: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningApplication]:
    from tests.api.application import filled_copy

    with running_application(filled_copy(filled_database, tmp_path_factory.mktemp("access"))) as made:
        yield made


@pytest.fixture(scope="module")
def closed(filled_database: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningApplication]:
    from tests.api.application import filled_copy

    with running_application(filled_copy(filled_database, tmp_path_factory.mktemp("closed")), require_key=True) as made:
        yield made


@pytest.fixture(scope="module")
def keys(running: RunningApplication) -> dict[str, dict[str, str]]:
    return {scope: running.key(scope) for scope in SCOPES}


@pytest.fixture(scope="module")
def closed_keys(closed: RunningApplication) -> dict[str, dict[str, str]]:
    return {scope: closed.key(scope) for scope in SCOPES}


@pytest.mark.parametrize("scope", SCOPES)
def test_a_scope_opens_its_own_routes_and_no_others(
    closed: RunningApplication, closed_keys: dict[str, dict[str, str]], scope: str
) -> None:
    for method, path, needed in ROUTES:
        status = call(closed, method, path, closed_keys[scope]).status_code
        allowed = needed == "open" or needed in IMPLIED_SCOPES[scope]
        assert (status not in REFUSED) == allowed, f"{scope} got {status} of {method} {path}, which needs {needed}"
        if not allowed:
            assert status == 403


def test_without_a_key_calculating_and_reading_are_open_and_writing_is_not(running: RunningApplication) -> None:
    for method, path, needed in ROUTES:
        status = call(running, method, path, {}).status_code
        assert (status == 401) == (needed not in {"open", "read", "calculate"}), f"{status} of {method} {path}"


def test_where_a_key_is_required_all_but_health_is_closed(closed: RunningApplication) -> None:
    for method, path, needed in ROUTES:
        answer = call(closed, method, path, {})
        assert (answer.status_code == 401) == (needed != "open"), f"{answer.status_code} of {method} {path}"
        if needed != "open":
            assert answer.headers["www-authenticate"].startswith("Bearer")
            assert answer.json()["type"] == "/problems/unauthenticated"


def test_a_key_limited_to_a_profile_writes_that_one_only(here: RunningApplication) -> None:
    limited = here.key("author", "publish", only=["exampleton"])
    draft = here.draft(limited, small())
    assert here.publish(limited, draft, in_force_from="2026-01-01", reason="first").status_code == 201
    refused = here.client.post("/v1/profiles/swindon/drafts", json={}, headers=limited)
    assert refused.status_code == 403
    assert "swindon" in refused.json()["detail"]
    withdrawal = here.client.post("/v1/profiles/swindon/versions/1/withdraw", json={"reason": "x"}, headers=limited)
    assert withdrawal.status_code == 403
    holiday = {"date": "2027-05-10", "name": "One-off", "source": "Parliament"}
    shared = here.client.post("/v1/calendars/england-and-wales/bank-holidays", json=holiday, headers=limited)
    assert shared.status_code == 403
    closure = {
        "extends": "england-and-wales",
        "title": "Exampleton",
        "days": [{"date": "2026-12-29", "name": "Closed"}],
        "source": "The council",
    }
    assert here.client.post("/v1/calendars/exampleton/closure-days", json=closure, headers=limited).status_code == 201


def test_a_draft_is_seen_by_those_who_write_review_or_publish_its_key_and_nobody_else(here: RunningApplication) -> None:
    draft = here.draft(here.key("author", only=["exampleton"]), small())
    where = f"/v1/profiles/exampleton/drafts/{draft['id']}"
    assert here.client.get(where, headers=here.key("author", only=["exampleton"], name="another")).status_code == 200
    assert here.client.get(where, headers=here.key("admin")).status_code == 200
    for scope in ("publish", "review"):
        assert here.client.get(where, headers=here.key(scope, only=["exampleton"])).status_code == 200
    others = [here.key("author", only=["swindon"]), here.key("publish", only=["swindon"]), here.key("calculate")]
    for place in (where, f"{where}/diff", "/v1/profiles/exampleton/drafts"):
        assert here.client.get(place).status_code == 401
        for other in others:
            assert here.client.get(place, headers=other).status_code == 403
    assert here.client.get("/v1/profiles/exampleton").status_code == 404
    assert draft["id"] not in here.client.get("/v1/profiles").text


@pytest.mark.parametrize("way", ["x-api-key", "bearer", "BEARER", "basic"])
def test_a_key_travels_in_each_way_that_tools_can_send_it(
    running: RunningApplication, keys: dict[str, dict[str, str]], way: str
) -> None:
    secret = keys["admin"]["X-API-Key"]
    header = {
        "x-api-key": {"X-API-Key": secret},
        "bearer": {"Authorization": f"Bearer {secret}"},
        "BEARER": {"Authorization": f"BEARER   {secret}"},
        "basic": {"Authorization": "Basic " + base64.b64encode(f"flow:{secret}".encode()).decode()},
    }[way]
    assert running.client.get("/v1/audit", headers=header).status_code == 200


@pytest.mark.parametrize(
    "header",
    [
        {"X-API-Key": "nonsense"},
        {"X-API-Key": "pd_aaaaaaaaaaaa_" + "x" * 43},
        {"X-API-Key": "pd_aaaaaaaaaaaa_" + "ä" * 43},
        {"Authorization": "Bearer nonsense"},
        {"Authorization": "Bearer"},
        {"Authorization": "Basic !!!"},
        {"Authorization": "Basic " + base64.b64encode(b"no colon").decode()},
        {"Authorization": "Digest username=x"},
        {"Authorization": "Bearer " + "x" * 40_000},
    ],
)
def test_a_bad_credential_is_refused_even_where_none_is_needed(
    running: RunningApplication, header: dict[str, Any]
) -> None:
    answer = running.client.get("/v1/profiles", headers={k: v.encode() for k, v in header.items()})
    assert answer.status_code == 401
    assert "www-authenticate" in answer.headers
    assert answer.json()["errors"][0]["remedy"]
    assert not any(value in answer.text for value in header.values() if len(value) > 20)


def test_a_wrong_secret_behind_a_known_prefix_is_refused_before_and_after_the_right_one_was_seen(
    here: RunningApplication,
) -> None:
    secret = here.key("admin")["X-API-Key"]
    wrong = {"X-API-Key": secret[:-1] + ("A" if secret[-1] != "A" else "B")}
    assert here.client.get("/v1/audit", headers=wrong).status_code == 401
    assert here.client.get("/v1/audit", headers={"X-API-Key": secret}).status_code == 200
    assert here.client.get("/v1/audit", headers=wrong).status_code == 401


def test_a_key_lives_until_it_expires_or_is_revoked(here: RunningApplication) -> None:
    store, now = here.store, datetime.now(UTC)
    context = WriteContext("key:operator", now)
    issued = create_key(store, name="flow", scopes=["admin"], expires_at=now + timedelta(days=1), context=context)
    headers = {"X-API-Key": issued.secret}
    here.live.refresh()
    assert here.client.get("/v1/audit", headers=headers).status_code == 200
    assert key_state(issued.record, now) == "active"
    assert key_state(issued.record, now + timedelta(days=1)) == "expired"

    store.expire_key(issued.record.id, expires_at=now - timedelta(seconds=1), context=context)
    here.live.refresh()
    expired = here.client.get("/v1/audit", headers=headers)
    assert expired.status_code == 401
    assert "expired" in expired.json()["detail"]

    store.expire_key(issued.record.id, expires_at=None, context=context)
    store.revoke_key(find_key(store, issued.record.prefix).id, context=context)
    here.live.refresh()
    assert "revoked" in here.client.get("/v1/audit", headers=headers).json()["detail"]
    with pytest.raises(NotFound):
        find_key(store, "pd_nothing")


def test_a_key_is_stored_as_a_digest_only(here: RunningApplication) -> None:
    issued = create_key(here.store, name="x", scopes=["read"], context=WriteContext("key:op", datetime.now(UTC)))
    twin = create_key(here.store, name="y", scopes=["read"], context=WriteContext("key:op", datetime.now(UTC)))
    assert issued.secret != twin.secret
    record = here.store.list_keys()[-2]
    assert record.hash.startswith("sha256$")
    assert issued.secret not in repr(here.store.load_everything())
    assert issued.secret.removeprefix(record.prefix)[1:] not in repr(here.store.list_audit())


@pytest.mark.parametrize(
    "wrong",
    [
        {"scopes": []},
        {"scopes": ["write"]},
        {"name": " "},
        {"name": "a\nb"},
        {"scopes": ["calculate"], "profile_keys": ["swindon"]},
        {"scopes": ["admin", "author"], "profile_keys": ["swindon"]},
        {"scopes": ["author"], "profile_keys": []},
        {"scopes": ["author"], "profile_keys": ["Swindon!"]},
        {"expires_at": datetime(2020, 1, 1, tzinfo=UTC)},
        {"expires_at": datetime(2090, 1, 1)},  # noqa: DTZ001 the missing offset is the fault
    ],
)
def test_a_key_that_makes_no_sense_is_not_made(here: RunningApplication, wrong: dict[str, Any]) -> None:
    words: dict[str, Any] = {
        "name": "x",
        "scopes": ["read"],
        "context": WriteContext("key:op", datetime.now(UTC)),
    } | wrong
    with pytest.raises(InvalidKey):
        create_key(here.store, **words)
    assert here.store.list_keys() == ()


def test_whoever_wrote_a_draft_may_not_publish_it_where_two_pairs_of_eyes_are_wanted(filled_url: str) -> None:
    with running_application(filled_url, two_pairs_of_eyes=True) as running:
        ann, bea = running.key("author", "publish", name="Ann"), running.key("author", "publish", name="Bea")
        cy = running.key("admin", name="Cy")
        draft = running.draft(ann, small())
        where = f"/v1/profiles/exampleton/drafts/{draft['id']}"
        changed = running.client.put(where, json={"document": small(9)}, headers={**bea, "If-Match": '"1"'}).json()
        for author in (ann, bea):
            refused = running.publish(author, changed, in_force_from="2026-01-01", reason="x")
            assert refused.status_code == 403
        assert running.publish(cy, changed, in_force_from="2026-01-01", reason="x").status_code == 201


def test_checking_a_key_asks_nothing_of_the_database(here: RunningApplication, monkeypatch: pytest.MonkeyPatch) -> None:
    headers = here.key("calculate")
    asked = []
    monkeypatch.setattr(here.store, "load_everything", lambda _: asked.append("load"))
    monkeypatch.setattr(here.store, "list_keys", lambda: asked.append("keys"))
    body = {"profile": "swindon", "event": EVENT}
    assert here.client.post("/v1/calculations", json=body, headers=headers).status_code == 200
    assert asked == []


@pytest.mark.parametrize(
    "path", ["/docs", "/openapi.json", "/version", "/problems", "/problems/not-found", "/", "/profiles"]
)
def test_where_a_key_is_required_the_documents_and_pages_are_closed_too(
    closed: RunningApplication, closed_keys: dict[str, dict[str, str]], path: str
) -> None:
    if path in {"/", "/profiles"}:
        from app.api.budgets import budget_of
        from app.api.security import guard
        from app.web.pages import mount

        if not any(getattr(route, "path", "") == path for route in closed.client.app.router.routes):  # type: ignore[attr-defined]  # it is FastAPI's
            mount(closed.client.app, closed.live, guard, budget_of)  # type: ignore[arg-type]  # as above
    refused = closed.client.get(path)
    assert refused.status_code == 401
    if path in {"/docs", "/"}:
        assert refused.headers["www-authenticate"].startswith("Basic"), "a browser asks for the key"
    assert closed.client.get(path, headers=closed_keys["read"]).status_code == 200


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/static-offline-docs/swagger-ui.css"])
def test_the_exceptions_are_those_that_the_page_for_operators_names(closed: RunningApplication, path: str) -> None:
    assert closed.client.get(path).status_code == 200

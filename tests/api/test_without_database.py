"""The database goes away: calculations go on, writes wait, and everything recovers by itself."""

import time

import pytest

from tests.api.application import EVENT, fill, running_application, small
from tests.postgres import Postgres

ASKED = {"profile": "swindon", "event": EVENT, "facts": {"section_47_initiated": True}}


@pytest.mark.parametrize("crash", [False, True])
def test_a_stopped_server_stops_no_calculation_and_a_started_one_is_found_again(
    postgres_outage: Postgres, postgres_url: str, crash: bool
) -> None:
    fill(postgres_url)
    with running_application(postgres_url) as running:
        admin = running.key("admin")
        draft = running.draft(admin, small())
        before = running.client.post("/v1/calculations", json=ASKED).content

        postgres_outage.stop(crash=crash)
        assert running.client.post("/v1/calculations", json=ASKED, headers=admin).content == before
        assert running.client.get("/v1/profiles/swindon").status_code == 200
        where = f"/v1/profiles/exampleton/drafts/{draft['id']}"
        holiday = {"date": "2027-05-10", "name": "One-off", "source": "Parliament"}
        tag = {**admin, "If-Match": '"1"'}
        for answer in (
            running.publish(admin, draft, in_force_from="2026-01-01", reason="x"),
            running.client.post("/v1/profiles/exampleton/drafts", json={"document": small()}, headers=admin),
            running.client.put(where, json={"document": small()}, headers=tag),
            running.client.delete(where, headers=tag),
            running.client.get(where, headers=admin),
            running.client.get("/v1/profiles/exampleton/drafts", headers=admin),
            running.client.post("/v1/profiles/swindon/versions/1/withdraw", json={"reason": "x"}, headers=admin),
            running.client.post("/v1/calendars/england-and-wales/bank-holidays", json=holiday, headers=admin),
            running.client.get("/v1/audit", headers=admin),
        ):
            assert answer.status_code == 503, answer.text
            assert int(answer.headers["retry-after"]) > 0
            assert answer.headers["content-type"] == "application/problem+json"
            assert answer.json()["type"] == "/problems/store-unavailable"
        running.live.refresh()
        ready = running.client.get("/readyz")
        assert (ready.status_code, ready.json()["status"]) == (200, "degraded")
        assert ready.json()["reason"] == "the database cannot be reached: it has stopped, or is starting"
        assert running.client.post("/v1/calculations", json=ASKED).content == before

        postgres_outage.start()
        deadline = time.monotonic() + 10
        while running.client.get("/readyz").json()["status"] != "ready":
            assert time.monotonic() < deadline
            time.sleep(0.05)
        assert running.publish(admin, draft, in_force_from="2026-01-01", reason="x").status_code == 201
        assert running.due(profile="exampleton", event=EVENT)[-1] == "2026-03-23"


def test_started_without_a_database_it_is_not_ready_and_then_is(postgres_outage: Postgres, postgres_url: str) -> None:
    fill(postgres_url)
    postgres_outage.stop()
    with running_application(postgres_url) as running:
        assert running.client.get("/healthz").status_code == 200
        ready = running.client.get("/readyz")
        assert (ready.status_code, ready.json()["status"]) == (503, "not_ready")
        asked = running.client.post("/v1/calculations", json=ASKED)
        assert (asked.status_code, asked.json()["type"]) == (503, "/problems/not-ready")
        keyed = running.client.get("/v1/audit", headers={"X-API-Key": "pd_aaaaaaaaaaaa_" + "x" * 43})
        assert keyed.status_code == 503
        postgres_outage.start()
        deadline = time.monotonic() + 10
        while running.client.post("/v1/calculations", json=ASKED).status_code != 200:
            assert time.monotonic() < deadline
            time.sleep(0.05)

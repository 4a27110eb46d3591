"""What an operator reads at /metrics: what was answered, refused and confirmed, of all workers together."""

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from app.services.ports import StoreUnavailable
from tests.api.application import RunningApplication, running_application
from tests.serving import Serving

ICPC = {
    "profile": "swindon",
    "event": {"type": "strategy_discussion_held", "occurred_at": "2025-12-18"},
    "facts": {"section_47_initiated": True},
}


def numbers(text: str) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def value(text: str, name: str, **labels: str) -> float:
    return numbers(text).get((name, frozenset(labels.items())), 0.0)


def test_what_happens_is_counted(here: RunningApplication) -> None:
    before = here.client.get("/metrics").text
    here.client.post("/v1/calculations", json=ICPC)
    here.client.post("/v1/calculations", json={**ICPC, "profile": "nowhere"})
    here.client.post("/v1/calculations/batch", json={"items": [ICPC, {}]})
    ndjson = {"Content-Type": "application/x-ndjson"}
    here.client.post("/v1/calculations/batch", content=b"{\n{}\n", headers=ndjson)
    here.client.get("/v1/profiles/nowhere")
    answer = here.client.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=")

    def rise(name: str, **labels: str) -> float:
        return value(answer.text, name, **labels) - value(before, name, **labels)

    assert rise("deadlines_calculations_total", profile="swindon", version="1") == 2
    assert rise("deadlines_refusals_total", type="invalid-request") == 3
    assert rise("deadlines_refusals_total", type="invalid-json") == 1
    assert rise("deadlines_refusals_total", type="not-found") == 1
    for status, count in (("200", 1), ("422", 1)):
        labels = {"method": "POST", "route": "/v1/calculations", "status": status}
        assert rise("deadlines_request_seconds_count", **labels) == count
        assert rise("deadlines_request_seconds_bucket", le="30.0", **labels) == count
    assert rise("deadlines_request_seconds_count", method="GET", route="/v1/profiles/{key}", status="404") == 1
    assert value(answer.text, "deadlines_store_up") == 1
    assert 0 <= value(answer.text, "deadlines_snapshot_age_seconds") < 30


def test_an_address_or_method_of_the_caller_s_own_making_is_no_label(here: RunningApplication) -> None:
    here.client.request("PLANTED", "/v1/planted-address")
    here.client.request("PLANTED", "/v1/profiles")
    text = here.client.get("/metrics").text
    assert "planted" not in text.lower()
    assert value(text, "deadlines_request_seconds_count", method="(other)", route="/v1/profiles", status="405") >= 1


def test_a_store_that_is_away_is_reported(here: RunningApplication, monkeypatch: pytest.MonkeyPatch) -> None:
    before = here.client.get("/metrics").text

    def away() -> str:
        raise StoreUnavailable("hangs")

    monkeypatch.setattr(here.store, "state_token", away)
    here.live.refresh()
    text = here.client.get("/metrics").text
    assert value(text, "deadlines_store_up") == 0
    assert value(text, "deadlines_refresh_failures_total") > value(before, "deadlines_refresh_failures_total")
    assert value(text, "deadlines_snapshot_confirmed_timestamp_seconds") > 0


def test_the_watch_outlives_a_failure_that_nobody_thought_of(
    here: RunningApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> str:
        raise KeyError("planted")

    monkeypatch.setattr(here.store, "state_token", broken)
    deadline = 50
    while here.live.health().error is None and deadline:
        deadline -= 1
        here.live._stop.wait(0.1)
    assert here.live.health().error == "refreshing failed: KeyError"
    monkeypatch.undo()
    while here.live.health().error is not None and deadline:
        deadline -= 1
        here.live._stop.wait(0.1)
    assert here.live.health().error is None


def test_metrics_can_be_closed_to_all_but_admins(filled_url: str) -> None:
    with running_application(filled_url, open_metrics=False) as here:
        assert here.client.get("/metrics").status_code == 401
        assert here.client.get("/metrics", headers=here.key("calculate")).status_code == 403
        assert here.client.get("/metrics", headers=here.key("admin")).status_code == 200


def verify_that_workers_count_together(server: Serving) -> None:
    """Each connection is a new one, so either worker answers; both say the same."""
    for _ in range(40):
        httpx.post(f"{server.origin}/v1/calculations", json=ICPC).raise_for_status()
    texts = [httpx.get(f"{server.origin}/metrics").text for _ in range(6)]
    for text in texts:
        assert value(text, "deadlines_calculations_total", profile="swindon", version="1") == 40
        assert value(text, "deadlines_store_up") == 1
        assert 0 <= value(text, "deadlines_snapshot_age_seconds") < 30

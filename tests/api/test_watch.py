"""The watch for something new goes on whatever goes wrong with it."""

import time

import pytest

from tests.api.application import RunningApplication, small


def test_an_unforeseen_failure_is_logged_and_does_not_end_the_watch(
    here: RunningApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> str:
        raise KeyError("unforeseen")

    both = here.key("author", "publish")
    monkeypatch.setattr(here.store, "state_token", fail)
    deadline = time.monotonic() + 10
    while here.client.get("/readyz").json()["status"] != "degraded":
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert "KeyError" in here.client.get("/readyz").json()["reason"]
    monkeypatch.undo()
    while here.client.get("/readyz").json()["status"] != "ready":
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert here.published(both, small(), in_force_from="2026-01-01", reason="x")["version"] == 1

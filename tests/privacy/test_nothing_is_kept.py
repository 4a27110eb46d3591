"""Nothing that a caller sends is logged, stored or counted: planted values are looked for wherever anything is kept."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from app.services.access.api_keys import create_key
from app.services.ports import WriteContext
from app.store import open_store
from tests.privacy.planted import EVERY, FAILURE, FAULT, GOOD, STORED, send_everything
from tests.serving import free_port


@contextmanager
def failing_service(url: str, log: Path) -> Iterator[str]:
    """Run the application that can be made to fail, under the protocol that it is served by, at its most talkative."""
    port = free_port()
    with log.open("wb") as out:
        process = subprocess.Popen(
            [
                sys.executable,
                "-X",
                "dev",
                "-m",
                "uvicorn",
                "--factory",
                "tests.privacy.failing:build",
                "--http",
                "app.api.head_limits:HeadLimitProtocol",
                "--port",
                str(port),
            ],
            env={
                **os.environ,
                "DEADLINES_DATABASE_URL": url,
                "DEADLINES_LOG_LEVEL": "DEBUG",
                "PYTHONWARNINGS": "always",
            },
            stdout=out,
            stderr=out,
        )
    origin = f"http://127.0.0.1:{port}"
    try:
        until = time.monotonic() + 60
        while True:
            assert process.poll() is None, log.read_text(encoding="utf-8")
            assert time.monotonic() < until, log.read_text(encoding="utf-8")
            try:
                httpx.get(f"{origin}/readyz", timeout=5).raise_for_status()
                break
            except httpx.HTTPError:
                time.sleep(0.1)
        yield origin
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=30)


@pytest.fixture
def secret(filled_url: str) -> str:
    with open_store(filled_url) as store:
        context = WriteContext("key:test", datetime.now(UTC))
        return create_key(store, name="tester", scopes=["admin"], context=context).secret


def found(text: str, secret: str) -> list[str]:
    """List the planted values in a text, also where they are escaped."""
    stored = text + json.dumps(text).encode().decode("unicode_escape", errors="replace")
    return [value for value in (*EVERY, secret, hidden(secret)) if value.lower() in stored.lower()]


def hidden(secret: str) -> str:
    """Give the part of a key that nobody may know, after the mark and the prefix; it may hold underscores itself."""
    return secret.split("_", 2)[2]


def test_planted_values_are_found_neither_in_logs_nor_in_the_database_nor_in_metrics(
    filled_url: str, secret: str, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    with failing_service(filled_url, log) as origin, httpx.Client(base_url=origin, timeout=30) as client:
        statuses = send_everything(client, secret)
        assert {200, 400, 401, 404, 415, 422} <= set(statuses)
        assert not [status for status in statuses if status >= 500]
        failing = {**GOOD, "facts": {"child_date_of_birth": "2016-02-29"}, "reference": FAILURE}
        for more in ({"until": None, "explain": None}, {"until": "2017-01-01"}):  # at once, and in a thread
            failed = client.post("/v1/calculations", json={**failing, **more}, headers={"X-API-Key": secret})
            assert failed.status_code == 500
            assert failed.json()["type"] == "/problems/internal-error"
            assert found(failed.text + str(failed.headers), secret) == []
        with pytest.raises(httpx.RemoteProtocolError):
            client.get("/half")
        metrics = client.get("/metrics").text
    written = log.read_text(encoding="utf-8")
    lines = [json.loads(line) for line in written.splitlines() if line.startswith("{")]

    # What must be there, so that the search is a search.
    assert sum(line["event"] == "request" for line in lines) > len(statuses)
    kinds = {(line["event"], line.get("error")) for line in lines}
    assert ("failed", "ValueError") in kinds
    assert ("gave up", "ValueError") in kinds
    assert ("could not read", None) in kinds
    assert any(line["event"] == "warning" and line.get("category") == "UserWarning" for line in lines)
    assert any("Exception in ASGI application" in line["event"] and line["error"] == "ValueError" for line in lines)
    assert 'deadlines_refusals_total{type="invalid-json"}' in metrics

    assert found(written, secret) == []
    assert found(metrics, secret) == []
    stored = list(Path(filled_url.removeprefix("sqlite:///")).parent.glob("deadlines.db*"))
    assert stored
    for path in stored:
        assert found(path.read_bytes().decode("latin-1"), secret) == [], path.name
    assert any(STORED.encode() in path.read_bytes() for path in stored)


def test_what_is_planted_is_recognised(secret: str) -> None:
    assert found(f"a {FAULT.upper()} b", secret) == [FAULT, "planted"]
    assert found(json.dumps({"key": secret}), secret) == [secret, hidden(secret)]

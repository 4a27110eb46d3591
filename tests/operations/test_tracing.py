"""Traces when an endpoint is set: which route, how long, under whose trace; never what was sent."""

import subprocess
import sys

import pytest
from fastapi.testclient import TestClient
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from app.api import tracing
from app.api.application import create_app
from app.services.snapshot.holder import SnapshotHolder
from app.settings import Settings
from app.store import open_store

TRACE = "0af7651916cd43dd8448eb211c80319c"


def test_a_span_names_the_route_and_nothing_that_was_sent(filled_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    spans = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(spans))
    monkeypatch.setattr(tracing, "provider", lambda _: provider)
    with open_store(filled_url) as store:
        app = create_app(SnapshotHolder(store, 1), Settings(otel_endpoint="http://collector.example/v1/traces"))
        monkeypatch.setattr("app.api.routers.due_dates.due_date", _failing)
        with TestClient(app, raise_server_exceptions=False) as client:
            client.get(
                "/v1/profiles/planted-key?planted=planted", headers={"traceparent": f"00-{TRACE}-b7ad6b7169203331-01"}
            )
            client.post(
                "/v1/calculations",
                json={"profile": "swindon", "facts": {"child_date_of_birth": "planted"}, "reference": "planted"},
                headers={"X-API-Key": "planted"},
            )
            failed = client.post(
                "/v1/due-dates", json={"profile": "planted", "event": "planted", "at": "2026-01-05", "duty": "planted"}
            )
    assert failed.status_code == 500
    found = spans.get_finished_spans()
    assert [span.name for span in found] == ["GET /v1/profiles/{key}", "POST /v1/calculations", "POST /v1/due-dates"]
    assert [(span.attributes or {})["http.response.status_code"] for span in found] == [404, 401, 500]
    assert format(found[0].context.trace_id, "032x") == TRACE
    assert "planted" not in "".join(span.to_json() for span in found)


def _failing(*_: object) -> None:
    raise RuntimeError("planted")


def test_nothing_that_makes_or_sends_spans_is_imported_unless_it_is_configured() -> None:
    program = (
        "import sys; from app.main import create_app; app = create_app(); "
        "sys.exit(any(name.startswith(('opentelemetry.sdk', 'opentelemetry.exporter')) for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0

"""What is imported after the start is waited for, and never answered as if it were not there."""

import threading
from concurrent.futures import ThreadPoolExecutor

import structlog.testing
from fastapi import FastAPI
from fastapi.testclient import TestClient
from starlette.responses import PlainTextResponse

from app.api.application import create_app
from app.services.snapshot.holder import SnapshotHolder
from app.settings import Settings
from app.store import open_store
from tests.api.test_readiness import eventually

SECONDS = 20


def test_a_request_that_comes_while_the_pages_are_being_added_waits_for_them(filled_url: str) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def add_pages(app: FastAPI) -> None:
        begun.set()
        assert go_on.wait(SECONDS)
        app.add_api_route("/page", lambda: PlainTextResponse("here"))

    with open_store(filled_url) as store:
        app = create_app(SnapshotHolder(store, 60), Settings(), [add_pages])
        with TestClient(app) as client, ThreadPoolExecutor(2) as pool:
            loading = pool.submit(client.get, "/v1/duties")
            assert begun.wait(SECONDS)
            page = pool.submit(client.get, "/page")
            threading.Timer(0.2, go_on.set).start()
            assert page.result(SECONDS).text == "here"
            assert loading.result(SECONDS).status_code == 200


def test_a_service_whose_other_routes_cannot_be_imported_says_so_at_once_and_is_not_ready(filled_url: str) -> None:
    installed = threading.Event()

    def add_pages(_: FastAPI) -> None:
        if not installed.is_set():
            raise ModuleNotFoundError("No module named 'jinja2'")

    with open_store(filled_url) as store, structlog.testing.capture_logs() as lines:
        app = create_app(SnapshotHolder(store, 60), Settings(), [add_pages])
        with TestClient(app, raise_server_exceptions=False) as client:
            eventually(lambda: client.get("/readyz").status_code == 503)
            seen = client.get("/readyz").json()
            assert seen["status"] == "not_ready"
            assert "ModuleNotFoundError: No module named 'jinja2'" in seen["reason"]
            assert [line["log_level"] for line in lines if line["event"] == "routes"] == ["error"]
            assert client.get("/v1/duties").status_code == 500
            # A request tries again, so that what was mended under a running process is seen.
            installed.set()
            assert client.get("/v1/duties").status_code == 200
            assert client.get("/readyz").status_code == 200

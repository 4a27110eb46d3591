"""What is imported after the start is waited for, and never answered as if it were not there."""

import threading
from concurrent.futures import ThreadPoolExecutor

from fastapi import FastAPI
from fastapi.testclient import TestClient
from starlette.responses import PlainTextResponse

from app.api.application import create_app
from app.services.snapshot.holder import SnapshotHolder
from app.settings import Settings
from app.store import open_store

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

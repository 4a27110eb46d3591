"""A running application over a fresh store with everything that is packaged."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from app.api.application import create_app
from app.services.snapshot.holder import SnapshotHolder
from app.services.snapshot.packaged import packaged_calendars, packaged_profiles
from app.settings import Settings
from app.store import open_store, upgrade


@pytest.fixture(scope="session")
def application(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FastAPI]:
    url = f"sqlite:///{tmp_path_factory.mktemp('store') / 'deadlines.db'}"
    with open_store(url) as store:
        upgrade(store.engine)
        store.load_packaged(
            packaged_profiles(), packaged_calendars(), at=datetime(2026, 1, 1, tzinfo=UTC), application_version="1.0.0"
        )
        yield create_app(SnapshotHolder(store, 60), Settings(database_url=url))


@pytest.fixture(scope="session")
def client(application: FastAPI) -> Iterator[TestClient]:
    with TestClient(application, raise_server_exceptions=False) as running:
        yield running


@pytest.fixture(scope="session")
def document(application: FastAPI) -> dict[str, Any]:
    return application.openapi()

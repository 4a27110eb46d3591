"""Build the application as a server runs it: settings from the environment, the store, the snapshot and HTTP."""

from __future__ import annotations

from fastapi import FastAPI

from app.api.application import create_app as create_api
from app.api.security import guard
from app.services.observability.logging import configure
from app.services.snapshot.holder import SnapshotHolder, freeze_gc
from app.settings import Settings
from app.store import open_store
from app.web.pages import mount


def create_app() -> FastAPI:
    """Build the application over the configured store. Nothing is read before it starts."""
    settings = Settings()
    configure(settings)
    store = open_store(settings.database_url, settings.store_seconds)
    live = SnapshotHolder(store, settings.refresh_seconds, settings.stale_seconds)
    live.after_load = freeze_gc
    app = create_api(live, settings)
    mount(app, live, guard)
    return app

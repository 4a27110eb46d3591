"""Build the application as a server runs it: settings from the environment, the store, the snapshot and HTTP."""

from __future__ import annotations

import gc

from fastapi import Depends, FastAPI

from app.api.application import create_app as create_api
from app.api.bodies import MAX_BYTES, receive_json
from app.api.budgets import budget_of
from app.api.process import exclude_imports, prepare_process
from app.api.security import guard
from app.api.unexpected import no_query
from app.services.calculation.json_body import check_values
from app.services.observability.logging import configure
from app.services.snapshot.holder import SnapshotHolder
from app.settings import Settings
from app.store import open_store


def create_app() -> FastAPI:
    """Build the application over the configured store. Nothing is read before it starts."""
    prepare_process()
    settings = Settings()
    configure(settings)
    store = open_store(settings.database_url, settings.store_seconds)
    live = SnapshotHolder(store, settings.refresh_seconds, settings.stale_seconds, settings.compiled_versions)
    # What stays is left out of the garbage collector's walks. What is published later is little, and may be replaced.
    live.when_loaded = gc.freeze

    def add_pages(app: FastAPI) -> None:
        from app.web.pages import mount

        mount(app, live, guard, budget_of)
        exclude_imports()

    app = create_api(live, settings, [add_pages])
    if settings.mcp:
        mount_assistants(app, live, settings)
    return app


def mount_assistants(app: FastAPI, live: SnapshotHolder, settings: Settings) -> None:
    """Add /mcp, under the same limits as every other address. Imports the extra of that name."""
    from app.mcp import http

    limits = http.Limits(guard, Depends(no_query), receive_json, lambda body: check_values(body, MAX_BYTES), budget_of)
    http.mount(app, live, settings, limits)

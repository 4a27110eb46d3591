"""The service as a server runs it: settings from the environment, the store, the snapshot and the HTTP application."""

from __future__ import annotations

from fastapi import FastAPI

from app.api.access import needs
from app.api.application import create_app
from app.service.live import Live, keep_out_of_collections
from app.service.logs import configure
from app.service.settings import Settings
from app.store import open_store
from app.web.pages import mount


def build() -> FastAPI:
    """The application over the configured store. Nothing is read before it starts."""
    settings = Settings()
    configure(settings)
    live = Live(open_store(settings.database_url), settings.refresh_seconds)
    live.after_load = keep_out_of_collections
    app = create_app(live, settings)
    mount(app, live, needs)
    return app


app = build()

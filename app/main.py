"""The service as a server runs it: settings from the environment, the store, the snapshot and the HTTP application."""

from __future__ import annotations

from fastapi import FastAPI

from app.api.application import create_app
from app.service.live import Live
from app.service.logs import configure
from app.service.settings import Settings
from app.store import open_store


def build() -> FastAPI:
    """The application over the configured store. Nothing is read before it starts."""
    settings = Settings()
    configure(settings)
    return create_app(Live(open_store(settings.database_url), settings.refresh_seconds), settings)


app = build()

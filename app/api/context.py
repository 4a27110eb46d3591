"""What a route needs of the running service, found on the application's state."""

from __future__ import annotations

from starlette.requests import Request

from app.service.live import Live
from app.service.settings import Settings
from app.service.snapshot import Snapshot, loaded


def live(request: Request) -> Live:
    """The snapshot's holder."""
    found: Live = request.app.state.live
    return found


def settings(request: Request) -> Settings:
    """The settings in force."""
    found: Settings = request.app.state.settings
    return found


def snapshot(request: Request) -> Snapshot:
    """The snapshot to answer from. Raises Problem while there is none that can answer."""
    return loaded(live(request).snapshot)

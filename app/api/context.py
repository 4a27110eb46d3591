"""What a route needs of the running service, found on the application's state."""

from __future__ import annotations

from starlette.requests import Request

from app.services.snapshot.holder import SnapshotHolder
from app.services.snapshot.snapshot import Snapshot, require_ready
from app.settings import Settings


def live(request: Request) -> SnapshotHolder:
    """The snapshot's holder."""
    found: SnapshotHolder = request.app.state.live
    return found


def settings(request: Request) -> Settings:
    """The settings in force."""
    found: Settings = request.app.state.settings
    return found


def snapshot(request: Request) -> Snapshot:
    """The snapshot to answer from. Raises Problem while there is none that can answer."""
    return require_ready(live(request).snapshot)

"""Headers that tell of a withdrawn version: Deprecation (RFC 9745), Sunset (RFC 8594) and what to use instead."""

from __future__ import annotations

from email.utils import format_datetime

from app.services.snapshot.snapshot import ProfileVersion, PublishedProfile, Snapshot


def withdrawn_headers(snapshot: Snapshot, item: ProfileVersion | PublishedProfile) -> dict[str, str]:
    """Nothing for a version that stands. A withdrawn one stays readable; its force ended when it was withdrawn."""
    if item.withdrawn_at is None:
        return {}
    headers = {
        "Deprecation": f"@{int(item.withdrawn_at.timestamp())}",
        "Sunset": format_datetime(item.withdrawn_at, usegmt=True),
    }
    instead = snapshot.latest_version(item.record.key)
    if instead is not None and instead.withdrawn_at is None:
        headers["Link"] = f'</v1/profiles/{item.record.key}/versions/{instead.version}>; rel="successor-version"'
    return headers

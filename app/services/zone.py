"""The time zone of England, from data installed with the service and not from the machine."""

from __future__ import annotations

from importlib import metadata, resources
from zoneinfo import ZoneInfo

ZONE_KEY = "Europe/London"
ZONE_DATA_VERSION = metadata.version("tzdata")


def _pinned(key: str) -> ZoneInfo:
    with resources.files("tzdata.zoneinfo").joinpath(key).open("rb") as file:
        return ZoneInfo.from_file(file, key)


LONDON = _pinned(ZONE_KEY)

"""The pages' style sheet, script and icon, carried by the package and addressed by their content."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from importlib import resources

MEDIA_TYPES = {
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
}


@dataclass(frozen=True, slots=True)
class Asset:
    """One static file: its bytes, its media type and the mark of its content."""

    name: str
    data: bytes
    media_type: str
    mark: str

    @property
    def path(self) -> str:
        """The address that changes when the content does, so that it may be kept for ever."""
        return f"/assets/{self.mark}/{self.name}"


@cache
def assets() -> dict[str, Asset]:
    """Every packaged static file by its name."""
    found = {}
    for file in resources.files("app.web").joinpath("static").iterdir():
        extension = file.name.rpartition(".")[2]
        if extension in MEDIA_TYPES:
            data = file.read_bytes()
            mark = hashlib.sha256(data).hexdigest()[:12]
            found[file.name] = Asset(file.name, data, MEDIA_TYPES[extension], mark)
    return found

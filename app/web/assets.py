"""Style sheets, scripts and icon, packaged and addressed by a digest of their content."""

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
    """One static file. `mark` is the start of its content's digest."""

    name: str
    data: bytes
    media_type: str
    mark: str

    @property
    def path(self) -> str:
        """Return the URL, which changes with the content, so that browsers may cache it for ever."""
        return f"/assets/{self.mark}/{self.name}"


@cache
def assets() -> dict[str, Asset]:
    """Load every packaged static file, by name."""
    files = {}
    for file in resources.files("app.web").joinpath("static").iterdir():
        extension = file.name.rpartition(".")[2]
        if extension in MEDIA_TYPES:
            data = file.read_bytes()
            mark = hashlib.sha256(data).hexdigest()[:12]
            files[file.name] = Asset(file.name, data, MEDIA_TYPES[extension], mark)
    return files

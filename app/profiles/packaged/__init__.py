"""The profiles that ship with the service, one TOML file for each."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from importlib import resources

from app.profiles.document import Loaded, load_profile


def packaged_documents() -> dict[str, Mapping[str, object]]:
    """Return every packaged document by its key, as read from its file."""
    folder = resources.files(__package__)
    files = sorted((item for item in folder.iterdir() if item.name.endswith(".toml")), key=lambda item: item.name)
    return {file.name.removesuffix(".toml"): tomllib.loads(file.read_text(encoding="utf-8")) for file in files}


def load_packaged() -> dict[str, Loaded]:
    """Return every packaged profile, compiled. Raises InvalidProfile naming the file."""
    return {key: load_profile(document, f"{key}.toml") for key, document in packaged_documents().items()}

"""Say which subject a shared word belongs to: the vocabulary keeps one file for each."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources


@cache
def subjects(folder: str) -> Mapping[str, str]:
    """Return the subject of each word of a folder (`events`, `facts` or `duties`), such as Child protection."""
    files = resources.files(__package__).joinpath(folder).iterdir()
    return {
        key: file.name.removesuffix(".toml").replace("_", " ").capitalize()
        for file in sorted(files, key=lambda item: item.name)
        if file.name.endswith(".toml")
        for key in tomllib.loads(file.read_text(encoding="utf-8"))
    }

"""Say which subject a shared word belongs to: the vocabulary keeps one file for each."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any


@cache
def word_files(folder: str) -> Mapping[str, Mapping[str, Any]]:
    """Return the words of each file of a folder (`events`, `facts`, `duties`, `episodes`), by the file's name."""
    place = resources.files(__package__).joinpath(folder)
    files = sorted(place.iterdir(), key=lambda item: item.name) if place.is_dir() else []
    return {file.name: tomllib.loads(file.read_text(encoding="utf-8")) for file in files if file.name.endswith(".toml")}


@cache
def subjects(folder: str) -> Mapping[str, str]:
    """Return the subject of each word of a folder (`events`, `facts` or `duties`), such as Child protection."""
    return {
        key: name.removesuffix(".toml").replace("_", " ").capitalize()
        for name, words in word_files(folder).items()
        for key in words
    }

"""The packaged profiles, their traceability tables and their worked examples, as the house tests read them."""

from __future__ import annotations

import csv
import json
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from app.engine.compiled_profile import Profile
from app.profiles.packaged import load_packaged

ROOT = Path(__file__).parents[2]
KEYS = sorted(path.stem for path in (ROOT / "app/profiles/packaged").glob("*.toml"))
STANDARDS: dict[str, list[str]] = json.loads((Path(__file__).parent / "standards.json").read_text(encoding="utf-8"))


@cache
def profiles() -> dict[str, Profile]:
    return {key: loaded.profile for key, loaded in load_packaged().items()}


def rows(key: str) -> list[dict[str, str]]:
    with (ROOT / f"docs/traceability/{key}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def examples(key: str) -> list[dict[str, Any]]:
    return list(tomllib.loads((ROOT / f"tests/examples/{key}.toml").read_text(encoding="utf-8"))["example"])

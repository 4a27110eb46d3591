"""A new profile to start from: every part of the format once, explained in comments."""

from __future__ import annotations

import json
from importlib import resources

from app.profiles.document import KEY

EXAMPLE_KEY = "my-council"
EXAMPLE_TITLE = "My Council: practice standards"


def template(key: str = EXAMPLE_KEY, title: str | None = None) -> str:
    """The commented template under a key and a title. Raises ValueError where the key is none."""
    if not KEY.fullmatch(key):
        raise ValueError(f"'{key}' is no key; use small letters, digits and single hyphens, such as {EXAMPLE_KEY}")
    name = title or f"{key.replace('-', ' ').title()}: practice standards"
    if not name.strip() or not name.isprintable():
        raise ValueError("a title is one line of printable characters")
    text = resources.files("app.profiles").joinpath("template.toml").read_text(encoding="utf-8")
    return text.replace(f'"{EXAMPLE_KEY}"', json.dumps(key)).replace(
        json.dumps(EXAMPLE_TITLE), json.dumps(name, ensure_ascii=False)
    )

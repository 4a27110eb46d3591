"""A new profile to start from: every part of the format and every kind of timing, explained in comments."""

from __future__ import annotations

import json
from importlib import resources

from app.documents.reader import KEY
from app.profiles.timings import timing_examples

EXAMPLE_KEY = "my-council"
EXAMPLE_TITLE = "My Council: practice standards"
TIMINGS_LINE = "# (every kind of timing)"
"""The line of the template that the registry's examples replace."""


def template(key: str = EXAMPLE_KEY, title: str | None = None) -> str:
    """Return the commented template for a key and a title. Raises ValueError if either is not valid."""
    if not KEY.fullmatch(key):
        raise ValueError(
            f"'{key}' is not a valid key; use small letters, digits and single hyphens, such as {EXAMPLE_KEY}"
        )
    name = title or f"{key.replace('-', ' ').title()}: practice standards"
    if not name.strip() or not name.isprintable():
        raise ValueError("a title is one line of printable characters")
    text = resources.files("app.profiles").joinpath("template.toml").read_text(encoding="utf-8")
    text = text.replace(TIMINGS_LINE, timing_examples())
    return text.replace(f'"{EXAMPLE_KEY}"', json.dumps(key)).replace(
        json.dumps(EXAMPLE_TITLE), json.dumps(name, ensure_ascii=False)
    )

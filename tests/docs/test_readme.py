"""The README's own example, asked as printed and answered as printed; its links lead somewhere."""

from __future__ import annotations

import json
import re
from pathlib import Path

from fastapi.testclient import TestClient

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_example_is_answered_as_printed(client: TestClient) -> None:
    asked = re.search(r"\$ curl -s 'http://127\.0\.0\.1:8000(\S+)'", README)
    printed = re.search(r"json\.tool\n(\{.*?\n\})\n```", README, re.DOTALL)
    assert asked is not None
    assert printed is not None
    assert client.get(asked[1]).json() == json.loads(printed[1])


def test_every_file_named_is_there() -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", README):
        assert target.startswith("http") or (ROOT / target).exists(), target

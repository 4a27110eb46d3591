"""The README's example gives the answer that the README shows; its links lead to files."""

from __future__ import annotations

import json
import re
from typing import Any

from fastapi.testclient import TestClient

from tests.house.files import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")


def is_part_of(shown: Any, answer: Any) -> bool:
    """Return True if the answer has everything shown. A list is shown with all its items."""
    if isinstance(shown, dict):
        return all(key in answer and is_part_of(value, answer[key]) for key, value in shown.items())
    if isinstance(shown, list):
        return len(shown) == len(answer) and all(map(is_part_of, shown, answer))
    return bool(shown == answer)


def test_the_example_is_answered_as_shown(client: TestClient) -> None:
    command = re.search(r"\$ curl -s http://127\.0\.0\.1:8000(\S+) .* -d '(\{.*?\n  \})'", README, re.DOTALL)
    shown = re.search(r"```json\n(.*?)```", README, re.DOTALL)
    assert command is not None
    assert shown is not None
    answer = client.post(command[1], json=json.loads(command[2])).json()
    assert is_part_of(json.loads(shown[1]), answer)


def test_a_shortened_answer_may_leave_out_fields_but_no_items() -> None:
    assert is_part_of({"a": [{"b": 1}]}, {"a": [{"b": 1, "c": 2}], "d": 3})
    assert not is_part_of({"a": []}, {"a": [1]})
    assert not is_part_of({"a": 1}, {"a": 2})


def test_every_file_named_exists() -> None:
    named = [*re.findall(r"\]\(([^)#]+)\)", README), *re.findall(r"`(app/[\w/.]+)`", README)]
    assert len(named) > 20
    assert [target for target in named if not target.startswith("http") and not (ROOT / target).exists()] == []

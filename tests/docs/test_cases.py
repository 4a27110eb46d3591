"""Every request on docs/cases.md, asked as printed; every answer holds what is printed."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from tests.docs.blocks import Block, blocks

PAGE = Path(__file__).parents[2] / "docs/cases.md"
BLOCKS = blocks(PAGE)
PAIRS = list(zip(BLOCKS[::2], BLOCKS[1::2], strict=True))
KINDS = {"json": "application/json", "ndjson": "application/x-ndjson"}


def missing(answered: Any, printed: Any, path: str = "") -> list[str]:
    """What is printed and not answered: of an object its fields, of a list its items in their order."""
    if isinstance(printed, dict):
        if not isinstance(answered, dict):
            return [path]
        return [
            place
            for key, value in printed.items()
            for place in (missing(answered[key], value, f"{path}.{key}") if key in answered else [f"{path}.{key}"])
        ]
    if isinstance(printed, list) and printed and isinstance(printed[0], dict):
        rest = iter(answered)
        return [
            f"{path}[{number}]"
            for number, item in enumerate(printed)
            if not any(not missing(other, item) for other in rest)
        ]
    return [] if answered == printed else [f"{path}: {answered!r}"]


def test_requests_and_answers_stand_in_pairs() -> None:
    assert len(PAIRS) == 16
    for asked, answer in PAIRS:
        assert asked.name.startswith("POST /v1/"), asked.line
        assert answer.name == "answer", answer.line


def test_an_answer_without_what_is_printed_would_be_found_out() -> None:
    answered = {"a": [{"b": 1, "c": 2}, {"b": 3}], "d": []}
    assert missing(answered, {"a": [{"b": 1}, {"b": 3}], "d": []}) == []
    assert missing(answered, {"a": [{"b": 3}, {"b": 1}]}) == [".a[1]"]
    assert missing(answered, {"a": [{"b": 1, "c": 3}]}) == [".a[0]"]
    assert missing(answered, {"d": [1], "e": None}) == [".d: []", ".e"]


@pytest.mark.parametrize(("asked", "printed"), PAIRS, ids=[f"line {asked.line}" for asked, _ in PAIRS])
def test_an_example_is_answered_as_printed(client: TestClient, asked: Block, printed: Block) -> None:
    _, path, *accept = asked.name.split()
    headers = {"Content-Type": KINDS[asked.language], **({"Accept": accept[0]} if accept else {})}
    answer = client.post(path, content=asked.text.encode(), headers=headers)
    assert answer.status_code == 200, answer.text
    if printed.language == "json":
        assert missing(answer.json(), json.loads(printed.text)) == []
    elif printed.language == "ndjson":
        lines = answer.text.splitlines()
        for line, wanted in zip(lines, printed.text.splitlines(), strict=True):
            assert missing(json.loads(line), json.loads(wanted)) == []
    elif printed.language == "ics":
        assert set(printed.text.splitlines()) <= set(answer.text.splitlines())
    else:
        answered = list(csv.DictReader(io.StringIO(answer.text)))
        assert missing(answered, list(csv.DictReader(io.StringIO(printed.text)))) == []

"""Each promise of the threat model and of the runbook names the tests that hold it, and they are there."""

import ast
import re
from functools import cache

import pytest

from tests.house.files import ROOT

NAMED = re.compile(r"\b(tests/[\w/]+\.py)::(test_\w+)")
ROW = re.compile(r"^\| (?!-|Threat|Promise|Measure)(.+) \|$", re.MULTILINE)
# The page, the heading above the table of its promises, and the heading after it.
TABLES = {
    "threat-model.md": ("## Measures", "## Remaining risks"),
    "runbook.md": ("## What holds these promises", None),
}


@cache
def functions_in(path: str) -> frozenset[str]:
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def promises(page: str) -> list[str]:
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    start, end = TABLES[page]
    part = text[text.index(start) : text.index(end) if end else None]
    return [row[1] for row in ROW.finditer(part)]


@pytest.mark.parametrize("page", TABLES)
def test_every_promise_names_a_test_that_is_there(page: str) -> None:
    rows = promises(page)
    assert len(rows) > 10
    for row in rows:
        named = NAMED.findall(row)
        assert named, f"{page}: no test is named for: {row[:80]}"
        for path, name in named:
            assert (ROOT / path).is_file(), f"{page}: {path}"
            assert name in functions_in(path), f"{page}: {path}::{name}"


def test_a_test_that_is_not_there_is_noticed() -> None:
    assert "test_a_test_that_is_not_there_is_noticed" in functions_in("tests/docs/test_promises.py")
    assert "test_nothing" not in functions_in("tests/docs/test_promises.py")

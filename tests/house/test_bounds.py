"""A bound is written once: what is published about it follows the constant."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.house.files import ROOT, python_files

BOUND = re.compile(r"\b(?:at most|up to|no more than)\s+\d[\d,]*", re.IGNORECASE)


def published(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Give the texts that go into the document: descriptions, and the docstrings of models and endpoints."""
    for node in ast.walk(tree):
        if isinstance(node, ast.keyword) and node.arg in {"description", "summary"}:
            yield from (
                (part.lineno, part.value)
                for part in ast.walk(node.value)
                if isinstance(part, ast.Constant) and isinstance(part.value, str)
            )
        is_endpoint = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.decorator_list
        if isinstance(node, ast.ClassDef) or is_endpoint:
            yield node.lineno, ast.get_docstring(node) or ""  # type: ignore[attr-defined,arg-type]  # it is one of these


def written_out(source: str) -> list[tuple[int, str]]:
    return [(line, found.group()) for line, text in published(ast.parse(source)) for found in BOUND.finditer(text)]


def test_no_published_text_writes_a_bound_out() -> None:
    found = {
        f"{path.relative_to(ROOT)}:{line}": bound
        for path in python_files("app")
        for line, bound in written_out(Path(path).read_text(encoding="utf-8"))
    }
    assert found == {}


def test_a_bound_that_is_written_out_is_found() -> None:
    assert written_out('class A:\n    """Up to 1,000 items."""') == [(1, "Up to 1,000")]
    assert written_out('Field(description="At most 25 years on.")') == [(1, "At most 25")]
    assert written_out('Field(description=f"At most {YEARS} years on.")') == []

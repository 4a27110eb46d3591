"""The core is pure: it imports nothing but itself and what computes, and touches nothing outside."""

import ast
import sys
from pathlib import Path

import pytest

from tests.house.files import ROOT, python_files

# What a layer of the core may import of the project.
OWN = {
    "documents": {"app.documents"},
    "calendars": {"app.calendars", "app.documents"},
    "engine": {"app.calendars", "app.documents", "app.engine"},
}

# The modules of the standard library that compute and do nothing else. Every other one (os, io, pathlib, socket,
# random, logging, time, locale, subprocess ...) reads or changes the world; a name is added here only after asking
# whether it does.
PURE = {
    *(
        "__future__",
        "abc",
        "array",
        "bisect",
        "calendar",
        "collections",
        "contextlib",
        "copy",
        "dataclasses",
        "datetime",
    ),
    *("decimal", "difflib", "enum", "fractions", "functools", "graphlib", "hashlib", "heapq", "itertools", "json"),
    *("keyword", "math", "numbers", "operator", "re", "string", "struct", "textwrap", "types", "typing", "unicodedata"),
    "zoneinfo",
}

# Reading the packaged calendars is this one module's job.
READS_FILES = {"app/calendars/packaged/__init__.py"}
READING = {"importlib", "pathlib"}

# Calls that read a clock, a file, the terminal or the zone database, whatever they were imported as.
IMPURE_BUILTINS = {"open", "input", "print", "eval", "exec", "compile", "__import__", "breakpoint"}
IMPURE_METHODS = {"now", "utcnow", "today", "fromtimestamp", "utcfromtimestamp"}
IMPURE_NAMES = {"ZoneInfo"}


def core_files() -> list[Path]:
    return python_files(*(f"app/{layer}" for layer in OWN))


def imported(tree: ast.AST) -> list[tuple[int, str]]:
    """List what a module imports, `from a import b` as a.b, for b may be a module."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [(node.lineno, alias.name) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"line {node.lineno}: a relative import"
            found += [(node.lineno, f"{node.module}.{alias.name}") for alias in node.names]
    return found


def faults(source: str, layer: str, *, may_read: bool = False) -> list[str]:
    """List what is impure in a module of the core."""
    tree = ast.parse(source)
    found = []
    for line, name in imported(tree):
        top = name.split(".")[0]
        if top == "app":
            if not any(name == own or name.startswith(f"{own}.") for own in OWN[layer]):
                found.append(f"line {line}: {layer} imports {name}")
        elif top not in sys.stdlib_module_names:
            found.append(f"line {line}: {name} is not of the standard library")
        elif top not in PURE and not (may_read and top in READING):
            found.append(f"line {line}: {name} is not known to be pure")
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        match node.func:
            case ast.Name(id=name) if name in IMPURE_BUILTINS | IMPURE_NAMES:
                found.append(f"line {node.lineno}: calls {name}()")
            case ast.Attribute(attr=name) if name in IMPURE_METHODS | IMPURE_NAMES:
                found.append(f"line {node.lineno}: calls .{name}()")
    return found


def test_the_core_is_found() -> None:
    assert {path.relative_to(ROOT).parts[1] for path in core_files()} == set(OWN)


@pytest.mark.parametrize("path", core_files(), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_the_core_imports_and_calls_nothing_impure(path: Path) -> None:
    name = path.relative_to(ROOT)
    assert faults(path.read_text(encoding="utf-8"), name.parts[1], may_read=name.as_posix() in READS_FILES) == []


@pytest.mark.parametrize(
    "source",
    [
        "import os",
        "import time",
        "from pathlib import Path",
        "from importlib import resources",
        "import logging.handlers",
        "import pydantic",
        "from app.profiles import model",
        "from app import profiles",
        "from datetime import date\ntoday = date.today()",
        "import datetime as d\nnow = d.datetime.now(d.UTC)",
        "from zoneinfo import ZoneInfo\nlondon = ZoneInfo('Europe/London')",
        "text = open('calendar.json')",
    ],
)
def test_what_is_impure_is_recognised(source: str) -> None:
    assert faults(source, "engine")


@pytest.mark.parametrize(
    "source",
    [
        "from datetime import date, time",
        "from app.calendars import index",
        "from collections.abc import Mapping",
        "x = text.replace('a', 'b')",
    ],
)
def test_what_is_pure_is_let_through(source: str) -> None:
    assert faults(source, "engine") == []

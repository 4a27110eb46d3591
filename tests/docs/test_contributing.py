"""The guides for contributors name files that exist, and a line for every folder of tests."""

import re
from pathlib import Path

import pytest

from tests.house.files import ROOT

GUIDES = {name: (ROOT / name).read_text(encoding="utf-8") for name in ("CONTRIBUTING.md", "tests/README.md")}
PLACES = ("app", "bench", "deploy", "docs", "migrations", "openapi", "tests", "tools")
PATH = re.compile(rf"`((?:{'|'.join(PLACES)})/[\w./-]*|CHANGELOG\.md|\.ci/run)`")
CHANGES = {
    "an endpoint",
    "a kind of timing",
    "a profile",
    "a fact, an event or a duty",
    "a key to the profile format",
    "a setting",
    "a migration",
}


@pytest.mark.parametrize("guide", GUIDES)
def test_every_file_named_exists(guide: str) -> None:
    named = PATH.findall(GUIDES[guide])
    assert len(named) > 5
    assert [path for path in named if not (ROOT / path).exists()] == []


def test_every_kind_of_change_is_a_numbered_list_of_files() -> None:
    parts = re.split(r"(?m)^## Add ", GUIDES["CONTRIBUTING.md"])[1:]
    assert {part.partition("\n")[0] for part in parts} == CHANGES
    for part in parts:
        assert "\n1. `" in part
        assert len(PATH.findall(part)) >= 3, part


def test_every_folder_of_tests_has_its_line() -> None:
    folders = {path.parent.name for path in Path(ROOT / "tests").glob("*/__init__.py")}
    assert set(re.findall(r"(?m)^\| `(\w+)` \|", GUIDES["tests/README.md"])) == folders


def test_every_recipe_named_exists() -> None:
    recipes = set(re.findall(r"(?m)^([a-z-]+):.*## ", (ROOT / "Makefile").read_text(encoding="utf-8")))
    for text in (*GUIDES.values(), (ROOT / "README.md").read_text(encoding="utf-8")):
        assert set(re.findall(r"\bmake ([a-z-]+)", text)) - {"it", "a"} <= recipes

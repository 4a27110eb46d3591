"""No file names a machine, a home folder or a package registry: the project is the same wherever it is checked out."""

import re

import pytest

from tests.house.files import text_lines

# Written in pieces, so that this file does not name what it looks for.
REGISTRIES = (
    "pypi" + r"\.org",
    "python" + r"hosted\.org",
    "registry\\." + r"npmjs",
    "npmjs" + r"\.com",
    "crates" + r"\.io",
)
MACHINE_PATHS = (
    "/" + r"(home|Users)/\w",
    "/" + r"root\b",
    "/" + r"work/",
    r"[A-Z]:" + r"\\\w",
    "file:" + "///",
    "/" + r"tmp/\w",
    r"\.py" + "env",
)
FORBIDDEN = re.compile("|".join(f"(?<![\\w.-]){pattern}" for pattern in (*REGISTRIES, *MACHINE_PATHS)))


def test_no_file_names_a_machine_or_a_registry() -> None:
    assert [
        f"{path}:{number}: {line.strip()[:100]}" for path, number, line in text_lines() if FORBIDDEN.search(line)
    ] == []


@pytest.mark.parametrize(
    "line", ["--index-url https://" + "pypi" + ".org/simple", "cd /" + "home/jo/deadlines", "see /" + "tmp/out.json"]
)
def test_a_machine_or_a_registry_is_recognised(line: str) -> None:
    assert FORBIDDEN.search(line)


@pytest.mark.parametrize("line", ["sqlite:////data/deadlines.db", "GET /v1/work/", "the path /homes", "a / root"])
def test_other_paths_are_let_through(line: str) -> None:
    assert not FORBIDDEN.search(line)

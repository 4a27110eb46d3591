"""No file names a machine, a home folder or a package registry: the project is the same wherever it is checked out."""

import re

import pytest

from tests.house.files import lines_with

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
    r"[A-Z]:" + r"\\(?!n\W)\w",  # a drive, and not a line's end within a text of Python
    "file:" + "///",
    "/" + r"tmp/\w",
    r"\.py" + "env",
)
FORBIDDEN = re.compile(rf"(?<![\w.-])(?:{'|'.join((*REGISTRIES, *MACHINE_PATHS))})")


def test_no_file_names_a_machine_or_a_registry() -> None:
    assert lines_with(FORBIDDEN) == []


def test_what_is_forbidden_is_recognised_also_in_the_middle_of_a_text() -> None:
    assert FORBIDDEN.search("first line\n/" + "home/jo\nlast line")


@pytest.mark.parametrize(
    "line", ["--index-url https://" + "pypi" + ".org/simple", "cd /" + "home/jo/deadlines", "see /" + "tmp/out.json"]
)
def test_a_machine_or_a_registry_is_recognised(line: str) -> None:
    assert FORBIDDEN.search(line)


@pytest.mark.parametrize("line", ["sqlite:////data/deadlines.db", "GET /v1/work/", "the path /homes", "a / root"])
def test_other_paths_are_let_through(line: str) -> None:
    assert not FORBIDDEN.search(line)

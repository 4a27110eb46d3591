"""A file has one subject and fits a few screens."""

from tests.house.files import ROOT, python_files

MAX_LINES = 400


def test_no_file_of_the_application_is_too_long() -> None:
    lines = {
        path.relative_to(ROOT).as_posix(): len(path.read_text(encoding="utf-8").splitlines())
        for path in python_files("app")
    }
    assert {name: count for name, count in lines.items() if count > MAX_LINES} == {}

"""No test is skipped, or expected to fail, but those that are listed here with the reason."""

import ast

from tests.house.files import ROOT, python_files

# Path of the file -> why something in it may be skipped.
ALLOWED = {
    "tests/chromium.py": "A browser is a system package, which a desk may lack; under CI its absence is a failure.",
    "tests/frames/test_spark.py": "Spark needs Java and half a gigabyte of its own: `make spark` installs and runs it.",
    "tests/operations/test_http_manners.py": "Java is no Python package, so no lock brings it.",
    "tests/published/test_generated_clients.py": "Java and TypeScript are no Python packages, so no lock brings them.",
}
SKIPPING = {"skip", "skipif", "xfail", "importorskip", "skipTest", "skipIf", "skipUnless", "expectedFailure"}


def skips(source: str) -> list[int]:
    """List the lines that skip a test, by whatever means."""
    return sorted(
        {
            node.lineno
            for node in ast.walk(ast.parse(source))
            if isinstance(node, ast.Attribute) and node.attr in SKIPPING
        }
        | {
            node.lineno
            for node in ast.walk(ast.parse(source))
            if isinstance(node, ast.ImportFrom) and {alias.name for alias in node.names} & SKIPPING
        }
    )


def test_what_may_be_skipped_is_listed_with_its_reason() -> None:
    found = {
        path.relative_to(ROOT).as_posix() for path in python_files("tests") if skips(path.read_text(encoding="utf-8"))
    }
    assert found == set(ALLOWED)


def test_a_skip_is_recognised() -> None:
    assert skips("import pytest\n@pytest.mark.skip\ndef test_x(): ...") == [2]
    assert skips("from pytest import skip") == [1]


def test_no_test_module_is_left_out_of_collection() -> None:
    tests = [
        path
        for path in python_files("tests")
        if any(line.startswith("def test_") for line in path.read_text(encoding="utf-8").splitlines())
    ]
    assert [path.name for path in tests if not path.name.startswith("test_")] == []

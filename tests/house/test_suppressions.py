"""Whatever silences a tool names the rule that it silences, and says why."""

import io
import re
import tokenize
import tomllib

import pytest

from tests.house.files import ROOT, python_files

CODES = r"[A-Z]+\d+(?:\s*,\s*[A-Z]+\d+)*"
SUPPRESSION = re.compile(r"#\s*(noqa|type:\s*ignore|pragma|nosec|fmt:\s*off|mypy:|ruff:)", re.IGNORECASE)
# `# fmt: skip` keeps a table's shape; the table says why.
REASONED = re.compile(
    rf"#\s*noqa:\s*{CODES}\s+(?:[-:]+\s+)?(?=\S*[a-z])"
    r"|#\s*type:\s*ignore\[[a-z, -]+\]\s*(?:#\s*|[-:]+\s+)(?!noqa)\S"
    rf"|#\s*ruff:\s*noqa:\s*{CODES}\s+(?:[-:]+\s+)?(?=\S*[a-z])"
    r"|#\s*pragma:\s*no cover\s+[-:]+\s+\S"
)


def comments(source: str) -> list[tuple[int, str]]:
    """List a module's comments as (line, text); strings that look like one are none."""
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    return [(token.start[0], token.string) for token in tokens if token.type == tokenize.COMMENT]


def unreasoned(source: str) -> list[int]:
    return [line for line, comment in comments(source) if SUPPRESSION.search(comment) and not REASONED.search(comment)]


def test_every_suppression_in_the_code_has_a_reason() -> None:
    found = {path.relative_to(ROOT).as_posix(): unreasoned(path.read_text(encoding="utf-8")) for path in python_files()}
    assert {name: lines for name, lines in found.items() if lines} == {}


@pytest.mark.parametrize(
    "comment", ["# noqa", "# noqa: S101", "# type: ignore", "# type: ignore[arg-type]", "# pragma: no cover"]
)
def test_a_suppression_without_a_reason_is_recognised(comment: str) -> None:
    assert unreasoned(f"x = 1  {comment}\n") == [1]


@pytest.mark.parametrize(
    "comment", ["# noqa: S101 - a law", "# type: ignore[arg-type]  # the stub is wrong", "# not a noqa"]
)
def test_a_suppression_with_a_reason_is_let_through(comment: str) -> None:
    assert unreasoned(f"x = 1  {comment}\n") == []


def exceptions() -> list[str]:
    """List the entries of the lists of exceptions in pyproject.toml."""
    tool = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]
    lint = tool["ruff"]["lint"]
    return [
        *lint["ignore"],
        *(code for codes in lint["per-file-ignores"].values() for code in codes),
        *(entry for entry in tool["pytest"]["ini_options"]["filterwarnings"] if entry != "error"),
    ]


def test_every_exception_in_the_project_file_stands_on_a_line_with_its_reason() -> None:
    lines = (ROOT / "pyproject.toml").read_text(encoding="utf-8").splitlines()
    entries = exceptions()
    for entry in entries:
        written = [line for line in lines if re.match(rf"\s*['\"]{re.escape(entry)}['\"],?", line)]
        assert written, f"{entry} does not stand on a line of its own"
        assert all(re.search(r",\s+# \S+ \S+", line) for line in written), f"{entry} has no reason beside it"
    assert entries


def test_no_mypy_override_loosens_a_layer() -> None:
    """Only the warnings about code that types call unreachable may be switched off, for models that may be incomplete."""
    harmless = {"module", "warn_unreachable", "disable_error_code"}
    tool = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]
    assert tool["mypy"]["strict"] is True
    for override in tool["mypy"].get("overrides", []):
        if any(str(name).startswith("app") for name in override["module"]):
            assert set(override) <= harmless
            assert set(override.get("disable_error_code", [])) <= {"redundant-expr", "truthy-bool"}

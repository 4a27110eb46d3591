"""Every block of Python on docs/python.md runs, in one session, and prints what is printed there."""

import contextlib
import io
from pathlib import Path
from typing import Any

import pytest

from tests.docs.blocks import blocks, matches

PAGE = Path(__file__).parents[2] / "docs" / "python.md"


def test_the_page_s_python_prints_what_the_page_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    session: dict[str, Any] = {}
    printed, compared = "", 0
    for block in blocks(PAGE):
        if block.language == "python":
            assert printed == "", f"line {block.line}: what is printed before is not shown"
            out = io.StringIO()
            with contextlib.redirect_stdout(out):
                exec(compile(block.text, f"{PAGE.name}:{block.line}", "exec"), session)  # noqa: S102 - our own page
            printed = out.getvalue()
        elif block.language == "output":
            assert matches(printed, block.text), f"line {block.line}: {printed}"
            printed, compared = "", compared + 1
    assert printed == ""
    assert compared >= 4

"""What the pages show at a terminal is what a terminal shows."""

import shlex
from pathlib import Path

import pytest

from tests.cli.running import run
from tests.docs.blocks import blocks, matches
from tests.house.files import ROOT

PAGES = {"docs/write-a-profile.md": 15, "docs/command-line.md": 10}


@pytest.mark.parametrize("page", PAGES)
def test_the_commands_of_a_page_say_what_the_page_says(
    page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DEADLINES_DATABASE_URL", f"sqlite:///{tmp_path}/deadlines.db")
    commands = 0
    for block in blocks(ROOT / page):
        if block.name:
            (tmp_path / block.name).write_text(block.text, encoding="utf-8")
        if block.language != "console":
            continue
        for command, _, wanted in (part.partition("\n") for part in block.text.removeprefix("$ ").split("\n$ ")):
            name, *arguments = shlex.split(command)
            assert name == "deadlines"
            ran = run(capfd, *arguments)
            shown = f"{wanted.rstrip()}\n" if wanted.strip() else ""
            told = ran.out.replace("\r\n", "\n")
            assert matches(told, shown), f"{page}:{block.line}: $ {command}\n{ran.out}{ran.err}"
            commands += 1
    assert commands >= PAGES[page]


def test_an_ellipsis_stands_for_lines_or_for_the_rest_of_one() -> None:
    assert matches("a\nb\nc\n", "a\n…\n")
    assert matches("a\nb\nc\n", "a\n…\nc\n")
    assert not matches("a\nb\nc\n", "a\nc\n")
    assert not matches("x\nb\n", "a\n…\n")
    assert matches("a rest\nb\n", "a …\nb\n")
    assert not matches("a\nrest\nb\n", "a …\nb\n")

"""What the pages show at a terminal is what a terminal shows."""

import re
import shlex
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.services.access.api_keys import create_key
from app.services.ports import WriteContext
from app.store import open_store
from tests.api.application import fill
from tests.cli.running import run
from tests.docs.blocks import blocks, matches
from tests.house.files import ROOT
from tests.serving import serving

PAGES = {"docs/write-a-profile.md": 15, "docs/command-line.md": 10, "docs/calendars.md": 7}
# The service that a page names; one of its own runs in its place.
SERVICE = "https://deadlines.example.org"
DRAFT = re.compile(r"draft (\S+) of ")


@pytest.fixture
def service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Run a service over a database of its own, with the key of somebody who may write and publish in the environment."""
    url = f"sqlite:///{tmp_path}/service.db"
    fill(url)
    context = WriteContext("key:test", datetime.now(UTC))
    with open_store(url) as store:
        secret = create_key(store, name="lead", scopes=["author", "publish"], context=context).secret
    monkeypatch.setenv("DEADLINES_KEY", secret)
    with serving(url, tmp_path / "service.log") as running:
        yield running.origin


@pytest.mark.parametrize("page", PAGES)
def test_the_commands_of_a_page_say_what_the_page_says(
    page: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    request: pytest.FixtureRequest,
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DEADLINES_DATABASE_URL", f"sqlite:///{tmp_path}/deadlines.db")
    commands, draft = 0, ""
    for block in blocks(ROOT / page):
        if block.name:
            (tmp_path / block.name).write_text(block.text, encoding="utf-8")
        if block.language != "console":
            continue
        for command, _, wanted in (part.partition("\n") for part in block.text.removeprefix("$ ").split("\n$ ")):
            if SERVICE in command:
                command = command.replace(SERVICE, request.getfixturevalue("service")).replace("ID", draft)  # noqa: PLW2901 - the command as it is run
            name, *arguments = shlex.split(command)
            assert name == "deadlines"
            ran = run(capfd, *arguments)
            shown = f"{wanted.rstrip()}\n" if wanted.strip() else ""
            printed = ran.out.replace("\r\n", "\n")
            if made := DRAFT.match(printed):
                draft = made[1]
            printed = printed.replace(draft, "ID") if draft else printed
            assert matches(printed, shown), f"{page}:{block.line}: $ {command}\n{ran.out}{ran.err}"
            commands += 1
    assert commands >= PAGES[page]


def test_an_ellipsis_stands_for_lines_or_for_the_rest_of_one() -> None:
    assert matches("a\nb\nc\n", "a\n…\n")
    assert matches("a\nb\nc\n", "a\n…\nc\n")
    assert not matches("a\nb\nc\n", "a\nc\n")
    assert not matches("x\nb\n", "a\n…\n")
    assert matches("a rest\nb\n", "a …\nb\n")
    assert not matches("a\nrest\nb\n", "a …\nb\n")

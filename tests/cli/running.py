"""The command line run in this process, as a terminal would run it."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import pytest
import typer

from app.cli import cli
from app.cli.errors import run_cli
from app.cli.standards_option import add_standards_option


@dataclass(frozen=True)
class Ran:
    """What a command wrote and how it ended."""

    status: int
    out: str
    err: str


@cache
def _command() -> Callable[[], object]:
    """Put the commands together, as `app.cli.main` does, once: it takes longer than most of them run."""
    command = typer.main.get_command(cli)
    add_standards_option(command)
    return command


def run(capfd: pytest.CaptureFixture[str], *arguments: str) -> Ran:
    """Run `deadlines` with these arguments."""
    before = sys.argv
    sys.argv = ["deadlines", *arguments]
    try:
        run_cli(_command())
        status = 0
    except SystemExit as ended:
        status = ended.code if isinstance(ended.code, int) else 0 if ended.code is None else 1
    finally:
        sys.argv = before
    out, err = capfd.readouterr()
    return Ran(status, out, err)

"""The command line run in this process, as a terminal would run it."""

import sys
from dataclasses import dataclass

import pytest

from app.cli import main


@dataclass(frozen=True)
class Ran:
    """What a command wrote and how it ended."""

    status: int
    out: str
    err: str


def run(capfd: pytest.CaptureFixture[str], *arguments: str) -> Ran:
    """Run `deadlines` with these arguments."""
    before = sys.argv
    sys.argv = ["deadlines", *arguments]
    try:
        main()
        status = 0
    except SystemExit as ended:
        status = ended.code if isinstance(ended.code, int) else 0 if ended.code is None else 1
    finally:
        sys.argv = before
    out, err = capfd.readouterr()
    return Ran(status, out, err)

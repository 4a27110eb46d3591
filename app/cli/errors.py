"""How a command ends: 0 success, 1 faults found, 2 wrong usage."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable
from typing import NoReturn

import typer

from app.documents.faults import Fault

FAULTS = 1
WRONG_USE = 2
LISTED_ELSEWHERE = re.compile(r"; `errors` lists (?:them all|it|the first [\d,]+)")
"""What an answer over HTTP says of its list of faults, which a terminal shows below."""


class BrokenInput(Exception):
    """An input that cannot be read to its end, such as a file that was cut off on its way."""

    def __init__(self, name: object, error: Exception) -> None:
        reason = next(iter(str(error).splitlines()), "")[:200]
        super().__init__(f"{name} cannot be read to its end: {reason or 'it ends early'}")


def fail(message: str, *lines: str, status: int = WRONG_USE) -> NoReturn:
    """Print an error message on standard error and exit."""
    typer.echo(f"error: {message}", err=True)
    for line in lines:
        typer.echo(f"  {line}", err=True)
    raise typer.Exit(status)


def fault_lines(faults: Iterable[Fault]) -> list[str]:
    """Return a line for each fault."""
    return [str(fault) for fault in faults]


def run_cli(command: Callable[[], object]) -> None:
    """Run the command line and print expected errors in a few lines instead of a traceback."""
    try:
        command()
    except BrokenPipeError:
        # The reader of our output has gone, as `head` does; nothing can be written any more.
        sys.stderr.close()
        raise SystemExit(FAULTS) from None
    except Exception as error:
        description = describe_error(error)
        if description is None:
            raise
        message, lines, status = description
        sys.stderr.write("\n  ".join([f"error: {message}", *lines]) + "\n")
        raise SystemExit(status) from None


def describe_error(error: Exception) -> tuple[str, list[str], int] | None:
    """Return the message, the lines below it and the exit status of an expected error, or None for any other."""
    from app.calendars.faults import InvalidCalendar
    from app.profiles.faults import InvalidProfile
    from app.services.ports import SchemaMismatch, StoreError, StoreUnavailable
    from app.services.problems import Problem

    if isinstance(error, Problem):
        return LISTED_ELSEWHERE.sub("", error.detail), fault_lines(error.faults), WRONG_USE
    if isinstance(error, BrokenInput):
        return str(error), ["what was answered is not all: send it whole, and start anew with --force"], WRONG_USE
    if isinstance(error, InvalidProfile):
        return f"{error.file or 'the profile'} is not a valid profile", fault_lines(error.faults), FAULTS
    if isinstance(error, InvalidCalendar):
        return "the calendar cannot be read", fault_lines(error.faults), FAULTS
    if isinstance(error, StoreUnavailable):
        return str(error), ["`deadlines load` creates and migrates the database; DEADLINES_DATABASE_URL names it"], 1
    if isinstance(error, SchemaMismatch):
        return str(error), ["docs/runbook.md says how, under Back up and restore"], FAULTS
    if isinstance(error, StoreError):
        return str(error), [], FAULTS
    return None

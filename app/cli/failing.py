"""How a command ends: 0 fine, 1 faults found, 2 wrong use."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from typing import NoReturn

import typer

from app.documents.faults import Fault

FAULTS = 1
WRONG_USE = 2


def fail(message: str, *lines: str, status: int = WRONG_USE) -> NoReturn:
    """Say what is wrong on the error stream and end."""
    typer.echo(f"error: {message}", err=True)
    for line in lines:
        typer.echo(f"  {line}", err=True)
    raise typer.Exit(status)


def fault_lines(faults: Iterable[Fault]) -> list[str]:
    """Return a line for each fault."""
    return [str(fault) for fault in faults]


def guarded(command: Callable[[], object]) -> None:
    """Run the command line; what the rooms refuse is told in a few lines instead of a traceback."""
    try:
        command()
    except BrokenPipeError:
        # The reader of our output has gone, as `head` does; there is nobody left to tell.
        sys.stderr.close()
        raise SystemExit(FAULTS) from None
    except Exception as error:
        told = _told(error)
        if told is None:
            raise
        message, lines, status = told
        sys.stderr.write("\n  ".join([f"error: {message}", *lines]) + "\n")
        raise SystemExit(status) from None


def _told(error: Exception) -> tuple[str, list[str], int] | None:
    """What to say of an error that a room raises on purpose, and the exit status; None for any other."""
    from app.calendars.faults import CalendarFaults
    from app.profiles.faults import InvalidProfile
    from app.services.ports import StoreError, StoreUnavailable
    from app.services.problems import Problem

    if isinstance(error, Problem):
        return error.detail.replace("; `errors` lists them all", ""), fault_lines(error.faults), WRONG_USE
    if isinstance(error, InvalidProfile):
        return f"{error.file or 'the profile'} is not a valid profile", fault_lines(error.faults), FAULTS
    if isinstance(error, CalendarFaults):
        return "the calendar cannot be read", fault_lines(error.faults), FAULTS
    if isinstance(error, StoreUnavailable):
        return str(error), ["`deadlines load` creates and migrates the database; DEADLINES_DATABASE_URL names it"], 1
    if isinstance(error, StoreError):
        return str(error), [], FAULTS
    return None

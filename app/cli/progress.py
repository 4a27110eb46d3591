"""The progress file of a bulk run, written next to its output so that an interrupted run can be resumed."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from app.cli.errors import fail


@dataclass(frozen=True, slots=True)
class Progress:
    """What was read and written so far. `identity` is a digest of the input, the options and the versions."""

    identity: str
    read: int
    written: int
    next_line: int
    answered: int = 0
    faults: int = 0
    obligations: int = 0


def progress_path(output: Path) -> Path:
    """Return the path of an output's progress file."""
    return output.with_name(f"{output.name}.progress")


def save(output: Path, progress: Progress) -> None:
    """Replace the progress file atomically. The output must be on disk before."""
    target = progress_path(output)
    draft = target.with_name(f"{target.name}.new")
    with draft.open("w", encoding="utf-8") as file:
        json.dump(asdict(progress), file)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(target)


def load(output: Path) -> Progress | None:
    """Read the progress file, or return None if there is none."""
    target = progress_path(output)
    if not target.exists():
        return None
    try:
        saved = json.loads(target.read_text(encoding="utf-8"))
        return Progress(**{field.name: saved[field.name] for field in fields(Progress)})
    except (ValueError, KeyError, TypeError):
        fail(f"{target} cannot be read", "start anew with --force")


def forget(output: Path) -> None:
    """Delete the progress file of a complete run."""
    progress_path(output).unlink(missing_ok=True)

"""How far a bulk run has come, written beside its output so that an interrupted run can go on."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from app.cli.failing import fail


@dataclass(frozen=True, slots=True)
class Progress:
    """How much was read and written, of what input, under which versions and options (`identity`)."""

    identity: str
    read: int
    written: int
    next_line: int
    answered: int = 0
    faults: int = 0
    obligations: int = 0


def beside(output: Path) -> Path:
    """The file that keeps the progress of an output."""
    return output.with_name(f"{output.name}.progress")


def save(output: Path, progress: Progress) -> None:
    """Replace the kept progress in one step. The output itself must be on the disk by then."""
    target = beside(output)
    draft = target.with_name(f"{target.name}.new")
    with draft.open("w", encoding="utf-8") as file:
        json.dump(asdict(progress), file)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(target)


def load(output: Path) -> Progress | None:
    """The kept progress, None where there is none."""
    target = beside(output)
    if not target.exists():
        return None
    try:
        kept = json.loads(target.read_text(encoding="utf-8"))
        return Progress(**{field.name: kept[field.name] for field in fields(Progress)})
    except (ValueError, KeyError, TypeError):
        fail(f"{target} cannot be read", "start anew with --force")


def forget(output: Path) -> None:
    """The run is complete: nothing is left to go on with."""
    beside(output).unlink(missing_ok=True)

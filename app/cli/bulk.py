"""`bulk`: calculate a whole caseload from a file."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Literal

import typer

from app.cli.caseload import Job, run
from app.cli.errors import FAULTS, fail
from app.cli.sources import StoreOption, load_state

Form = Literal["ndjson", "csv"]
SUFFIXES: dict[str, Form] = {".csv": "csv", ".ndjson": "ndjson", ".jsonl": "ndjson"}


def register(cli: typer.Typer) -> None:
    """Add the command."""
    cli.command()(bulk)


def bulk(
    source: Annotated[Path, typer.Argument(help="CSV or NDJSON, by its suffix; - for the standard input.")],
    target: Annotated[Path, typer.Argument(help="CSV or NDJSON, by its suffix; - for the standard output.")],
    *,
    profile: Annotated[str | None, typer.Option(help="The profile of lines that name none.")] = None,
    until: Annotated[str | None, typer.Option(help="Unfold every series to this day.")] = None,
    explain: Annotated[bool, typer.Option("--explain", help="Add the counting (NDJSON only).")] = False,
    duty: Annotated[list[str] | None, typer.Option(help="Only this duty; repeat for each.")] = None,
    columns: Annotated[str | None, typer.Option(help="The columns of CSV output, separated by commas.")] = None,
    reads: Annotated[Form | None, typer.Option("--from", help="What the input is.")] = None,
    writes: Annotated[Form | None, typer.Option("--to", help="What the output is to be.")] = None,
    processes: Annotated[int, typer.Option("--processes", "-n", min=0, help="0: one for each core.")] = 0,
    resume: Annotated[bool, typer.Option("--resume", help="Continue an interrupted run.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Overwrite an existing output.")] = False,
    store: StoreOption = False,
) -> None:
    """Calculate each line of a file, in order. A line with faults does not affect the others.

    Memory use does not grow with the file. NDJSON lines are requests as for POST /v1/calculations. CSV needs the
    columns profile, event and at; until, reference and any facts are further columns. An empty cell counts as absent.
    """
    from app.services.bulk import Plan

    plan = Plan(
        reads=reads or _form(source, "--from"),
        writes=writes or _form(target, "--to"),
        profile=profile,
        until=until,
        explain=explain,
        duties=frozenset(duty or ()),
        columns=tuple(name.strip() for name in columns.split(",")) if columns else (),
    )
    cores = processes or len(os.sched_getaffinity(0))
    done = run(Job(source, target, plan, load_state(store=store), cores, resume=resume, force=force))
    typer.echo(
        f"{done.answered:,} lines answered, {done.obligations:,} obligations, {done.faults:,} lines with faults",
        err=True,
    )
    if done.faults:
        raise typer.Exit(FAULTS)


def _form(path: Path, option: str) -> Form:
    found = SUFFIXES.get(path.suffix.lower())
    if found is None:
        fail(f"the name of {path} does not say whether it is CSV or NDJSON", f"add {option} csv or {option} ndjson")
    return found

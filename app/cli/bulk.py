"""`bulk`: calculate a whole caseload from a file."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Literal

import typer

from app.cli.errors import FAULTS, fail
from app.cli.sources import StoreOption, load_state

Form = Literal["ndjson", "csv", "parquet", "arrow"]
FORMS: dict[str, Form] = {
    ".csv": "csv",
    ".ndjson": "ndjson",
    ".jsonl": "ndjson",
    ".parquet": "parquet",
    ".arrow": "arrow",
    ".arrows": "arrow",
    ".feather": "arrow",
}


def register(cli: typer.Typer) -> None:
    """Add the command."""
    cli.command()(bulk)


def bulk(
    source: Annotated[
        Path, typer.Argument(help="CSV, NDJSON, Parquet or Arrow, by its suffix; - for the standard input.")
    ],
    target: Annotated[
        Path, typer.Argument(help="CSV, NDJSON, Parquet or Arrow, by its suffix; - for the standard output.")
    ],
    *,
    profile: Annotated[str | None, typer.Option(help="The profile of lines that name none.")] = None,
    until: Annotated[str | None, typer.Option(help="Unfold every series to this day.")] = None,
    explain: Annotated[bool, typer.Option("--explain", help="Add the counting (NDJSON only).")] = False,
    duty: Annotated[list[str] | None, typer.Option(help="Only this duty; repeat for each.")] = None,
    columns: Annotated[str | None, typer.Option(help="The columns of CSV output, separated by commas.")] = None,
    carry: Annotated[
        list[str] | None, typer.Option(help="A column that passes through (Parquet and Arrow only); repeat for each.")
    ] = None,
    reads: Annotated[Form | None, typer.Option("--from", help="What the input is.")] = None,
    writes: Annotated[Form | None, typer.Option("--to", help="What the output is to be.")] = None,
    processes: Annotated[int, typer.Option("--processes", "-n", min=0, help="0: one for each core.")] = 0,
    resume: Annotated[bool, typer.Option("--resume", help="Continue an interrupted run.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Overwrite an existing output.")] = False,
    store: StoreOption = False,
) -> None:
    """Calculate each line of a file, in order. A line with faults does not affect the others.

    Memory use does not grow with the file. NDJSON lines are requests as for POST /v1/calculations. Tables need the
    columns profile, event and at; until, reference and any facts are further columns. An empty cell counts as absent.
    In Parquet and Arrow facts have types of their own, or are a map `facts`. Text may be compressed (gzip, bzip2, xz)
    and may come through a pipe.
    """
    from app.cli.caseload import Job, run
    from app.services.bulk import Plan

    plan = Plan(
        reads=reads or form_of(source, "--from"),
        writes=writes or form_of(target, "--to"),
        profile=profile,
        until=until,
        explain=explain,
        duties=frozenset(duty or ()),
        columns=tuple(name.strip() for name in columns.split(",")) if columns else (),
        carry=tuple(carry or ()),
    )
    cores = processes or len(os.sched_getaffinity(0))
    done = run(Job(source, target, plan, load_state(store=store), cores, resume=resume, force=force))
    typer.echo(
        f"{done.answered:,} lines answered, {done.obligations:,} obligations, {done.faults:,} lines with faults",
        err=True,
    )
    if done.faults:
        raise typer.Exit(FAULTS)


def form_of(path: Path, option: str) -> Form:
    """Return the form that a file's name says. Exits with a message where it says none."""
    from app.cli.input_stream import SUFFIXES

    # Text may be read compressed. It is not written so: such a name would say what the file is not.
    name = Path(path.stem) if path.suffix.lower() in SUFFIXES and option == "--from" else path
    form = FORMS.get(name.suffix.lower())
    if form is None:
        fail(
            f"the name of {path} does not say what it is", f"add {option} {' or '.join(dict.fromkeys(FORMS.values()))}"
        )
    return form

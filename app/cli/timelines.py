"""`timelines`: what became of every obligation of many whole cases, as a table."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from app.cli.bulk import Form, form_of
from app.cli.errors import FAULTS
from app.cli.sources import StoreOption, load_state


def register(cli: typer.Typer) -> None:
    """Add the command."""
    cli.command()(timelines)


def timelines(
    source: Annotated[
        Path,
        typer.Argument(
            help="Events as CSV, Parquet or Arrow, or cases as NDJSON, by its suffix; - for standard input."
        ),
    ],
    target: Annotated[
        Path, typer.Argument(help="CSV, NDJSON, Parquet or Arrow, by its suffix; - for the standard output.")
    ],
    *,
    as_of: Annotated[str, typer.Option(help="The day or instant at which the cases are looked at.")],
    profile: Annotated[str | None, typer.Option(help="The profile; of NDJSON, of cases that name none.")] = None,
    child: Annotated[str, typer.Option(help="The column that names the child.")] = "child",
    origin: Annotated[
        str | None, typer.Option("--source", help="The return that the events come from, such as ssda903.")
    ] = None,
    columns: Annotated[str | None, typer.Option(help="The columns of CSV output, separated by commas.")] = None,
    carry: Annotated[
        list[str] | None,
        typer.Option(help="A column that passes through, from the child's first row; repeat for each."),
    ] = None,
    reads: Annotated[Form | None, typer.Option("--from", help="What the input is.")] = None,
    writes: Annotated[Form | None, typer.Option("--to", help="What the output is to be.")] = None,
    processes: Annotated[int, typer.Option("--processes", "-n", min=0, help="0: one for each core.")] = 0,
    resume: Annotated[bool, typer.Option("--resume", help="Continue an interrupted run.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Overwrite an existing output.")] = False,
    store: StoreOption = False,
) -> None:
    """Judge many whole cases: a row for each obligation, with its status and the working days that it took.

    A table of events needs the columns event, at and the child's, whose rows stand together; id, recorded_at, episode
    and any facts are further columns. NDJSON has a case a line, as `deadlines import` writes them. What waits for
    facts, a case that is due nothing and one that cannot be read have a row each. A case with faults does not affect
    the others.
    """
    from app.cli.caseload import Job, run
    from app.services.bulk import Plan, WholeCases

    plan = Plan(
        reads=reads or form_of(source, "--from"),
        writes=writes or form_of(target, "--to"),
        profile=profile,
        columns=tuple(name.strip() for name in columns.split(",")) if columns else (),
        carry=tuple(carry or ()),
        whole_cases=WholeCases(as_of, child, origin),
    )
    cores = processes or len(os.sched_getaffinity(0))
    done = run(Job(source, target, plan, load_state(store=store), cores, resume=resume, force=force))
    typer.echo(
        f"{done.answered:,} cases judged, {done.obligations:,} obligations, {done.faults:,} cases with faults", err=True
    )
    if done.faults:
        raise typer.Exit(FAULTS)

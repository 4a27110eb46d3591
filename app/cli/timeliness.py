"""`timeliness`: the figures of a collection year, from the cases of an import."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from app.cli.errors import FAULTS
from app.cli.output import table
from app.cli.sources import StoreOption, load_state

ACTS = ("reference", "measure", "in_time", "left_out", "started_on", "done_on", "working_days")


def register(cli: typer.Typer) -> None:
    """Add the command."""
    cli.command()(timeliness)


def timeliness(
    cases: Annotated[Path, typer.Argument(help="The cases that `deadlines import` wrote; - for standard input.")],
    *,
    profile: Annotated[str, typer.Option(help="The profile whose standards stand next to the measures.")],
    year: Annotated[str, typer.Option(help="The collection year, such as 2025-26.")],
    out: Annotated[Path, typer.Option(help="The folder to write.")],
    source: Annotated[str | None, typer.Option(help="The return they come from, such as ssda903.")] = None,
    as_of: Annotated[str | None, typer.Option(help="The day asked about. Absent: the last of the year.")] = None,
    exact: Annotated[bool, typer.Option("--exact", help="Leave small numbers as they are. Not for sharing.")] = False,
    processes: Annotated[int, typer.Option("--processes", "-n", min=0, help="0: one for each core.")] = 0,
    force: Annotated[bool, typer.Option("--force", help="Overwrite the files of an earlier run.")] = False,
    store: StoreOption = False,
) -> None:  # fmt: skip
    """Count how timely a year's cases were: the published measures, and every duty of the profile.

    Writes report.html, measures.csv, months.csv, bands.csv and standards.csv, in which small numbers are suppressed
    unless you ask for them; and, for your own use, a folder `children` with a row for each obligation and each act, as
    CSV and Parquet. Cases that cannot be read are listed in refused.csv.
    """
    from app.cli.report_folder import ReportFolder
    from app.cli.timeliness_workers import count_cases
    from app.services.exports.timeliness_table import COLUMNS as OBLIGATIONS
    from app.services.measures import YearFigures
    from app.services.measures.report import year_report
    from app.services.measures.request import YearRequest
    from app.services.measures.suppression import shared
    from app.services.snapshot.snapshot import build_snapshot
    from app.services.validation import read_whole

    state = load_state(store=store)
    snapshot = build_snapshot(state)
    sent = {"profile": profile, "year": year, "as_of": as_of, "source": source, "rows": True}
    request = read_whole(YearRequest, {name: value for name, value in sent.items() if value is not None}, snapshot)
    folder = ReportFolder(out, force=force)
    figures = YearFigures(snapshot, request)
    with folder.rows("obligations", OBLIGATIONS) as obligations, folder.rows("acts", ACTS) as acts:
        for portion in count_cases(cases, state, request, processes or len(os.sched_getaffinity(0))):
            figures.add(portion.figures)
            obligations(portion.obligations)
            acts(portion.acts)
    answer = figures.as_json()
    folder.write_figures(answer, exact=exact)
    folder.write("report.html", year_report(shared(answer, exact=exact), profile, source, exact=exact))
    _show(answer, out)
    if answer["refused"]:
        raise typer.Exit(FAULTS)


def _show(answer: Mapping[str, Any], out: Path) -> None:
    from app.services.measures.report import share

    rows = [
        (
            each["title"],
            each["numerator"],
            each["denominator"],
            share(each["share"]),
            sum(item["count"] for item in each["left_out"]),
        )
        for each in answer["measures"]
    ]
    table(("measure", "in time", "counted", "share", "left out"), rows)
    typer.echo(f"{answer['timelines']:,} cases, {len(answer['refused']):,} refused. The files are in {out}.", err=True)

"""`standards`: every published profile and calendar as one file, from which offline commands answer."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from app.cli.errors import fail
from app.cli.sources import StoreOption, load_state

group = typer.Typer(help="Profiles and calendars as one file, for offline commands and clusters.", no_args_is_help=True)


@group.command("export")
def export(
    file: Annotated[Path, typer.Argument(help="The file to write.")],
    *,
    force: Annotated[bool, typer.Option("--force", help="Overwrite an existing file.")] = False,
    store: StoreOption = False,
) -> None:
    """Write every published version with its checksum to one file. It has no API key and no draft.

    Offline commands answer from it with --standards FILE, and so does the job for Spark.
    """
    from app.services.snapshot.bundle import standards_digest, write_bundle

    state = load_state(store=store)
    if file.exists() and not force:
        fail(f"{file} already exists", "overwrite it with --force")
    draft = file.with_name(f"{file.name}.new")
    try:
        draft.write_bytes(write_bundle(state))
        draft.replace(file)
    except OSError as error:
        fail(f"{file} cannot be written: {error.strerror or error}")
    typer.echo(
        f"{len(state.profiles)} versions of profiles, {len(state.calendars)} of calendars, {standards_digest(state)}",
        err=True,
    )

"""`profiles workbook`: a profile as an Excel workbook, to read or to change."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from app.cli.errors import fail
from app.cli.profile_files import HeadOption, document_of
from app.cli.sources import StoreOption, load_snapshot

OutputOption = Annotated[
    Path | None, typer.Option("--output", "-o", help="The file to write; one that exists is not overwritten.")
]


def workbook(
    profile: Annotated[str, typer.Argument(help="A profile's key, or a file.")],
    file: OutputOption = None,
    head: HeadOption = None,
    store: StoreOption = False,
) -> None:
    """Write a profile as an Excel workbook: one row a rule. Reading it again gives the same profile."""
    from app.services.workbook import write_workbook

    document = document_of(profile, load_snapshot(store=store), head, store=store)
    write_new(file or Path(f"{document['key']}.xlsx"), write_workbook(document))


def write_new(target: Path, data: bytes) -> None:
    """Write a file that does not exist yet, and say how to check it."""
    try:
        with target.open("xb") as out:
            out.write(data)
    except FileExistsError:
        fail(f"{target} already exists", "choose another name with --output")
    except OSError as error:
        fail(f"{target} cannot be written: {error.strerror or error}")
    typer.echo(f"wrote {target}; check it with: deadlines profiles validate {target}")

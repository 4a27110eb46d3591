"""Write the output of a command: tables for people, JSON for programs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from rich.console import Console

PIPED_WIDTH = 140


def console(*, err: bool = False) -> Console:
    """Return the terminal, or a console of fixed width if the output is not a terminal."""
    from rich.console import Console

    terminal = Console(stderr=err, highlight=False, soft_wrap=False)
    return terminal if terminal.is_terminal else Console(stderr=err, highlight=False, width=PIPED_WIDTH)


def table(
    columns: Sequence[str], rows: Sequence[Sequence[object]], title: str | None = None, *, err: bool = False
) -> None:
    """Print rows under headings. Text is printed as it is, never read as markup."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    grid = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        grid.add_column(column, overflow="fold")
    for row in rows:
        grid.add_row(*(Text("" if cell is None else str(cell)) for cell in row))
    console(err=err).print(grid)


def as_json(value: object) -> None:
    """Print one JSON value, indented."""
    typer.echo(json.dumps(value, indent=2, ensure_ascii=False))

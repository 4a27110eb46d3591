"""The option --standards, which every command has that answers from the package or a store."""

from __future__ import annotations

from contextvars import ContextVar
from pathlib import Path
from typing import TYPE_CHECKING, Any

from typer.core import TyperGroup, TyperOption

from app.cli.errors import WRONG_USE, fail

if TYPE_CHECKING:
    from app.services.ports import StoredState

CHOSEN: ContextVar[Path | None] = ContextVar("standards", default=None)


def add_standards_option(command: Any) -> None:
    """Add the option to each command below that has --store."""
    for each in command.commands.values() if isinstance(command, TyperGroup) else ():
        add_standards_option(each)
    if any(param.name == "store" for param in command.params):
        option = TyperOption(
            param_decls=["--standards"],
            expose_value=False,
            callback=_remember,
            help="Answer from a file of `deadlines standards export` instead of the packaged profiles.",
        )
        command.params.append(option)


def chosen_standards(*, store: bool) -> StoredState | None:
    """Return the state of the file that --standards names, None without the option."""
    path = CHOSEN.get()
    if path is None:
        return None
    if store:
        fail("--store and --standards name two sources", "leave one of them out")
    from app.services.snapshot.bundle import read_bundle

    try:
        return read_bundle(path.read_bytes())
    except OSError as error:
        fail(f"{path} cannot be read: {error.strerror or error}", status=WRONG_USE)


def _remember(context: object, option: object, value: str | None) -> None:
    del context, option
    CHOSEN.set(Path(value) if value is not None else None)

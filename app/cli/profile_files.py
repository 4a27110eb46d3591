"""Read a profile's file from the disk, whatever its form, and print what is wrong with it."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn, cast

import typer

from app.cli.diagnostics import format_diagnostics
from app.cli.errors import FAULTS, fail, fault_lines

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.services.ports import JsonObject
    from app.services.publishing.diagnostics import Diagnostics
    from app.services.publishing.profile_file import Form, ProfileFile
    from app.services.publishing.validation import Validation
    from app.services.snapshot.snapshot import Snapshot

WRITE_JSON = "deadlines profiles json {0} --store > {0}.json"
SUFFIXES = frozenset({".toml", ".json", ".xlsx", ".csv"})
"""The endings that tell a file from the key of a profile."""
HeadOption = Annotated[
    str | None,
    typer.Option(
        help="For a CSV of the rules alone: the profile or file that has the rest. Absent: the profile that the CSV is "
        "named after, as in swindon.csv."
    ),
]


@dataclass(frozen=True, slots=True)
class OpenedFile:
    """A profile's file as it was read, and its text where it is one."""

    name: str
    text: str
    file: ProfileFile

    def diagnose(self, validation: Validation) -> tuple[Diagnostics, str]:
        """Return what was found in the file, and it in words."""
        from app.services.publishing.diagnostics import diagnose_file

        diagnostics = diagnose_file(self.file, validation)
        return diagnostics, format_diagnostics(diagnostics, self.text, self.name)

    def exit_with_faults(self, validation: Validation) -> NoReturn:
        """Print every fault of the file on standard error and exit."""
        typer.echo(self.diagnose(validation)[1], err=True, nl=False)
        raise typer.Exit(FAULTS)

    def require_valid(self, validation: Validation) -> Validation:
        """Return the validation. Exits with every fault if the file is not valid."""
        if not validation.valid:
            self.exit_with_faults(validation)
        return validation


def is_profile_file(name: str) -> bool:
    """Return whether an argument names a file."""
    return Path(name).suffix.lower() in SUFFIXES


def open_file(path: Path, head_of: Callable[[str], JsonObject], head: str | None = None) -> OpenedFile:
    """Read a file; `-` is the standard input, in TOML. Exits if there is no such file.

    `head_of` returns the document of a profile's key, which a CSV of the rules alone is completed with.
    """
    from app.services.publishing.profile_file import SentFile, decode

    suffix = path.suffix.lower()
    form = cast("Form", suffix.removeprefix(".") if suffix in SUFFIXES else "toml")
    try:
        data = sys.stdin.buffer.read() if str(path) == "-" else path.read_bytes()
    except FileNotFoundError:
        fail(f"there is no file {path}", *_remedy_of_a_key(path))
    except OSError as error:
        fail(f"{path} cannot be read: {error.strerror or error}")
    rest: JsonObject = {}
    if form == "csv" and head is not None and is_profile_file(head):
        rest = open_file(Path(head), head_of).file.require_document()
    elif form == "csv":
        rest = head_of(head or path.stem)
    text = "" if form == "xlsx" else decode(data)
    shown = text if isinstance(text, str) else data.decode("utf-8", "replace")
    return OpenedFile(str(path), shown, SentFile(data, form).read(rest))


def _remedy_of_a_key(path: Path) -> list[str]:
    """Return how the profile of a key is read, where an argument is no file and looks like a key."""
    from app.documents.reader import is_key

    name = str(path)
    return [f"the profile of that key is checked from its file: {WRITE_JSON.format(name)}"] if is_key(name) else []


def require_profile(snapshot: Snapshot, key: str, *, store: bool) -> None:
    """Exit, where there is no such profile, with the nearest keys and with where else one may be."""
    if key in snapshot.profiles:
        return
    from app.services.catalogue import SentName, not_found_problem

    problem = not_found_problem(SentName("profile", key, snapshot.profiles))
    elsewhere = [] if store else ["for a profile that is only in your store, add --store"]
    remote = "one that only a service has is compared with your file by: deadlines profiles diff KEY FILE --server URL"
    fail(problem.detail, *fault_lines(problem.faults), *elsewhere, remote)


def open_local_file(path: Path, snapshot: Snapshot, head: str | None = None) -> OpenedFile:
    """Read a file, with what a CSV lacks from a snapshot."""
    from app.services.publishing.drafts import head_of

    return open_file(path, lambda key: head_of(snapshot, key), head)


def document_of(name: str, snapshot: Snapshot, head: str | None = None, *, store: bool = False) -> JsonObject:
    """Return the document of a file, or of the latest version of a key. Exits with what makes a file unreadable."""
    if is_profile_file(name):
        opened = open_local_file(Path(name), snapshot, head)
        if opened.file.document is None or opened.file.faults:
            opened.exit_with_faults(opened.file.validate(snapshot))
        return opened.file.document
    require_profile(snapshot, name, store=store)
    latest = snapshot.latest_profile(name)
    assert latest is not None
    return latest.record.document

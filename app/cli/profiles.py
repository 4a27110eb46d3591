"""`profiles`: list, show, validate and write profiles."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli.diagnostics import format_diagnostics
from app.cli.errors import FAULTS, fail
from app.cli.output import as_json, table
from app.cli.sources import JsonOption, StoreOption, load_snapshot, read_text
from app.cli.words import words

if TYPE_CHECKING:
    from app.services.publishing.diagnostics import Diagnostics
    from app.services.snapshot.snapshot import Snapshot

group = typer.Typer(help="Profiles: one body's time rules, as numbered versions.", no_args_is_help=True)
KeyArgument = Annotated[str, typer.Argument(help="The profile's key, such as swindon.")]


@group.command("list")
def list_profiles(json: JsonOption = False, store: StoreOption = False) -> None:
    """List every profile with its latest version."""
    from app.services import catalogue

    result: dict[str, Any] = catalogue.list_profiles(load_snapshot(store=store))
    if json:
        as_json(result)
        return
    table(
        ("Key", "Version", "Title", "In force from", "Rules", "Calendar"),
        [
            (
                item["key"],
                item["latest_version"],
                item["title"],
                item["in_force_from"] or "the beginning",
                item["rules"],
                item["calendar"],
            )
            for item in result["profiles"]
        ],
    )


@group.command()
def show(
    key: KeyArgument,
    version: Annotated[int | None, typer.Option(min=1, help="Absent: the latest.")] = None,
    event: Annotated[str | None, typer.Option(help="Only what this event starts.")] = None,
    rule: Annotated[str | None, typer.Option(help="One rule, with its data as written.")] = None,
    json: JsonOption = False,
    store: StoreOption = False,
) -> None:
    """Show the rules of a profile in words."""
    from app.services import catalogue

    snapshot = load_snapshot(store=store)
    latest = snapshot.latest_profile(key)
    number = version or (latest.version if latest is not None else 1)
    if rule is not None:
        as_json(catalogue.describe_rule(snapshot, key, number, rule))
        return
    result: dict[str, Any] = catalogue.describe_version(snapshot, key, number)
    if event is not None:
        result["rules"] = [item for item in result["rules"] if event in [*item["events"], *item["restarts_on"]]]
    if json:
        as_json(result)
        return
    table(
        ("Rule", "What", "When", "Section"),
        [
            (item["rule"], item["title"], item["timing"], ", ".join(source["section"] for source in item["source"]))
            for item in result["rules"]
        ],
        f"{result['title']}, version {result['version']}",
    )
    typer.echo(f"{len(result['rules'])} rules; {len(result['not_computable'])} standards that no date can be given for")


@group.command()
def validate(
    files: Annotated[list[Path], typer.Argument(help="Profiles as TOML files; - for the standard input.")],
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing of files without faults.")] = False,
    store: StoreOption = False,
) -> None:
    """Check a profile's file and report every fault with its line and remedy.

    The calendar and the profile that it extends are looked up in the package, or with --store in the store.
    """
    snapshot = load_snapshot(store=store)
    errors = 0
    for file in files:
        text = toml_text(file)
        diagnostics = diagnose_text(text, snapshot)
        errors += diagnostics.errors
        if diagnostics.findings or not quiet:
            typer.echo(format_diagnostics(diagnostics, text, str(file)), nl=False)
    if errors:
        raise typer.Exit(FAULTS)


def toml_text(file: Path) -> str:
    """Read a TOML file as text with Unix line endings and without a byte order mark."""
    return read_text(file).removeprefix("\ufeff").replace("\r\n", "\n")


def diagnose_text(text: str, snapshot: Snapshot) -> Diagnostics:
    """Check a profile's text."""
    from app.services.publishing.diagnostics import diagnose

    return diagnose(text, snapshot)


@group.command()
def handbook(
    profile: Annotated[str, typer.Argument(help="A profile's key, or a TOML file.")],
    store: StoreOption = False,
) -> None:
    """Write a profile as a Markdown page to read and sign off: by event, with sections and readings."""
    from app.services.exports import profile_report as page

    snapshot, key, version = resolve_profile_argument(profile, store=store)
    result = snapshot.latest_profile(key) if version is None else snapshot.profile_version(key, version)
    if result is None:
        fail(f"there is no profile {key}", "`deadlines profiles list` shows those there are")
    typer.echo(page.profile_report(result), nl=False)


def resolve_profile_argument(name: str, *, store: bool) -> tuple[Snapshot, str, int | None]:
    """Resolve a profile's key or a TOML file to a snapshot, a key and a version number (None: in force).

    A file becomes the next version of its key in the snapshot. Exits with every fault if the file is not valid.
    """
    snapshot = load_snapshot(store=store)
    if not name.endswith(".toml"):
        return snapshot, name, None
    from app.services.publishing.validation import proposed_version

    text = toml_text(Path(name))
    diagnostics = diagnose_text(text, snapshot)
    if diagnostics.validation is None or not diagnostics.validation.valid:
        typer.echo(format_diagnostics(diagnostics, text, name), err=True, nl=False)
        raise typer.Exit(FAULTS)
    version = proposed_version(snapshot, diagnostics.validation)
    return snapshot.with_profile(version), version.record.key, version.version


@group.command()
def new(
    key: Annotated[str, typer.Argument(help="The new profile's key: small letters, digits and hyphens.")],
    title: Annotated[str | None, typer.Option(help="The document's title.")] = None,
    file: Annotated[Path | None, typer.Option("--output", "-o", help="Absent: KEY.toml; - writes it out.")] = None,
) -> None:
    """Write a commented template for a new profile."""
    from app.profiles.template import template

    try:
        text = template(key, title)
    except ValueError as error:
        fail(str(error))
    if str(file) == "-":
        typer.echo(text, nl=False)
        return
    target = file or Path(f"{key}.toml")
    try:
        with target.open("x", encoding="utf-8") as out:
            out.write(text)
    except FileExistsError:
        fail(f"{target} already exists", "choose another name with --output")
    except OSError as error:
        fail(f"{target} cannot be written: {error.strerror or error}")
    typer.echo(f"wrote {target}; check it with: deadlines profiles validate {target}")


group.command()(words)

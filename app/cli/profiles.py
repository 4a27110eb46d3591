"""`profiles`: list, show, validate and write profiles."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli.authoring import KeyOption, ServerOption, open_authoring
from app.cli.errors import FAULTS, fail
from app.cli.output import as_json, table
from app.cli.profile_files import HeadOption, document_of, is_profile_file, open_file, open_local_file, require_profile
from app.cli.sources import JsonOption, StoreOption, load_snapshot
from app.cli.words import words
from app.cli.workbooks import OutputOption, workbook, write_new

if TYPE_CHECKING:
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
    files: Annotated[
        list[Path], typer.Argument(help="Profiles as TOML, workbook, CSV or JSON files; - for TOML input.")
    ],
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing of files without faults.")] = False,
    head: HeadOption = None,
    store: StoreOption = False,
    server: ServerOption = None,
    key: KeyOption = None,
) -> None:
    """Check a profile's file and report every fault with its line and remedy.

    The calendar and the profile that it extends are looked up in the package, with --store in the store, and with
    --server by the service.
    """
    errors = 0
    with open_authoring(server, key, store=store) as authoring:
        for path in files:
            opened = open_file(path, authoring.head, head)
            diagnostics, text = opened.diagnose(authoring.validate(opened.file))
            errors += diagnostics.errors
            if diagnostics.findings or not quiet:
                typer.echo(text, nl=False)
    if errors:
        raise typer.Exit(FAULTS)


@group.command("json")
def to_json(
    profile: Annotated[str, typer.Argument(help="A profile as TOML file, workbook or CSV, or the key of one.")],
    head: HeadOption = None,
    store: StoreOption = False,
) -> None:
    """Write a profile as the JSON document that the HTTP interface takes."""
    as_json(document_of(profile, load_snapshot(store=store), head, store=store))


@group.command()
def handbook(
    profile: Annotated[str, typer.Argument(help="A profile's key, or a file.")],
    store: StoreOption = False,
) -> None:
    """Write a profile as a Markdown page to read and sign off: by event, with sections and readings."""
    from app.services.exports import profile_report as page

    snapshot, key, version = resolve_profile_argument(profile, store=store)
    result = snapshot.latest_profile(key) if version is None else snapshot.profile_version(key, version)
    assert result is not None
    typer.echo(page.profile_report(result), nl=False)


def resolve_profile_argument(name: str, *, store: bool) -> tuple[Snapshot, str, int | None]:
    """Resolve a profile's key or file to a snapshot, a key and a version number (None: in force).

    A file becomes the next version of its key in the snapshot. Exits with every fault if the file is not valid.
    """
    snapshot = load_snapshot(store=store)
    if not is_profile_file(name):
        require_profile(snapshot, name, store=store)
        return snapshot, name, None
    from app.services.publishing.validation import proposed_version

    opened = open_local_file(Path(name), snapshot)
    version = proposed_version(snapshot, opened.require_valid(opened.file.validate(snapshot)))
    return snapshot.with_profile(version), version.record.key, version.version


@group.command()
def new(
    key: Annotated[str, typer.Argument(help="The new profile's key: small letters, digits and hyphens.")],
    title: Annotated[str | None, typer.Option(help="The document's title.")] = None,
    file: OutputOption = None,
    as_workbook: Annotated[
        bool, typer.Option("--workbook", help="An Excel workbook, with lists to choose from.")
    ] = False,
) -> None:
    """Write a template for a new profile: a commented TOML file, or a workbook. `--output -` prints the TOML."""
    from app.profiles.template import template

    try:
        text = template(key, title)
    except ValueError as error:
        fail(str(error))
    if as_workbook:
        from app.services.workbook import new_workbook

        write_new(file or Path(f"{key}.xlsx"), new_workbook(key, title))
    elif str(file) == "-":
        typer.echo(text, nl=False)
    else:
        write_new(file or Path(f"{key}.toml"), text.encode())


group.command()(workbook)


group.command()(words)

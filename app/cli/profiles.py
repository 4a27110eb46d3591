"""`profiles`: read, write, compare and publish them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from app.cli.diagnostics import told
from app.cli.failing import FAULTS, fail
from app.cli.output import as_json, table
from app.cli.sources import JsonOption, StoreOption, read_text, snapshot

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.services.publishing.diagnostics import Diagnostics
    from app.services.snapshot.snapshot import Snapshot

group = typer.Typer(help="Profiles: one body's time rules, as numbered versions.", no_args_is_help=True)
KeyArgument = Annotated[str, typer.Argument(help="The profile's key, such as swindon.")]
Kind = Literal["events", "facts", "duties"]


@group.command("list")
def list_profiles(json: JsonOption = False, store: StoreOption = False) -> None:
    """Every profile, with its latest version."""
    from app.services import catalogue

    found: dict[str, Any] = catalogue.list_profiles(snapshot(store=store))
    if json:
        as_json(found)
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
            for item in found["profiles"]
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
    """The rules of a profile in plain words."""
    from app.services import catalogue

    known = snapshot(store=store)
    latest = known.latest_profile(key)
    number = version or (latest.version if latest is not None else 1)
    if rule is not None:
        as_json(catalogue.describe_rule(known, key, number, rule))
        return
    found: dict[str, Any] = catalogue.describe_version(known, key, number)
    if event is not None:
        found["rules"] = [item for item in found["rules"] if event in [*item["events"], *item["restarts_on"]]]
    if json:
        as_json(found)
        return
    table(
        ("Rule", "What", "When", "Section"),
        [
            (item["rule"], item["title"], item["timing"], ", ".join(source["section"] for source in item["source"]))
            for item in found["rules"]
        ],
        f"{found['title']}, version {found['version']}",
    )
    typer.echo(f"{len(found['rules'])} rules; {len(found['not_computable'])} standards that no date can be given for")


@group.command()
def validate(
    files: Annotated[list[Path], typer.Argument(help="Profiles as TOML files; - for the standard input.")],
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing of files without faults.")] = False,
    store: StoreOption = False,
) -> None:
    """Check a profile's file: every fault at once, each with its line and its remedy.

    What it rests on (a calendar, a profile that it extends) is looked for in the package, or with --store in the store.
    """
    known = snapshot(store=store)
    errors = 0
    for file in files:
        text = toml_text(file)
        diagnosis = diagnosed(text, known)
        errors += diagnosis.errors
        if diagnosis.findings or not quiet:
            typer.echo(told(diagnosis, text, str(file)), nl=False)
    if errors:
        raise typer.Exit(FAULTS)


def toml_text(file: Path) -> str:
    """A file's text as lines are counted: without the mark that some editors put first."""
    return read_text(file).removeprefix("\ufeff").replace("\r\n", "\n")


def diagnosed(text: str, known: Snapshot) -> Diagnostics:
    """A profile's text with what was found in it."""
    from app.services.publishing.diagnostics import diagnose

    return diagnose(text, known)


@group.command()
def handbook(
    profile: Annotated[str, typer.Argument(help="A profile's key, or a TOML file.")],
    store: StoreOption = False,
) -> None:
    """A profile as a page to read and sign off, in Markdown: event by event, with sections and readings."""
    from app.services.exports import profile_report as page

    known, key, version = with_file(profile, store=store)
    found = known.latest_profile(key) if version is None else known.profile_version(key, version)
    if found is None:
        fail(f"there is no profile {key}", "`deadlines profiles list` shows those there are")
    typer.echo(page.profile_report(found), nl=False)


def with_file(name: str, *, store: bool) -> tuple[Snapshot, str, int | None]:
    """What a key stands for, or a TOML file: then a snapshot that holds the file as the next version of its key.

    A file with faults ends the command with all of them.
    """
    known = snapshot(store=store)
    if not name.endswith(".toml"):
        return known, name, None
    from app.services.publishing.validation import proposed_version

    text = toml_text(Path(name))
    diagnosis = diagnosed(text, known)
    if diagnosis.validation is None or not diagnosis.validation.valid:
        typer.echo(told(diagnosis, text, name), err=True, nl=False)
        raise typer.Exit(FAULTS)
    version = proposed_version(known, diagnosis.validation)
    return known.with_profile(version), version.record.key, version.version


@group.command()
def new(
    key: Annotated[str, typer.Argument(help="The new profile's key: small letters, digits and hyphens.")],
    title: Annotated[str | None, typer.Option(help="The document's title.")] = None,
    file: Annotated[Path | None, typer.Option("--output", "-o", help="Absent: KEY.toml; - writes it out.")] = None,
) -> None:
    """Write a commented template of a profile, ready to be filled in."""
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
        fail(f"{target} is there already", "name another with --output")
    except OSError as error:
        fail(f"{target} cannot be written: {error.strerror or error}")
    typer.echo(f"wrote {target}; check it with: deadlines profiles validate {target}")


@group.command()
def words(
    kind: Annotated[Kind, typer.Argument(help="Which words.")],
    search: Annotated[str | None, typer.Argument(help="Only those that have this in their key or definition.")] = None,
    json: JsonOption = False,
) -> None:
    """The shared words that rules are written in: events, facts and duties, each with its definition."""
    from app.services import catalogue

    listed: dict[Kind, Callable[[Snapshot], dict[str, Any]]] = {
        "events": catalogue.list_event_types,
        "facts": catalogue.list_facts,
        "duties": catalogue.list_duties,
    }
    name, column = {"events": ("event_types", "type"), "facts": ("facts", "fact"), "duties": ("duties", "duty")}[kind]
    found = listed[kind](snapshot(store=False))[name]
    if search:
        found = [item for item in found if search.lower() in f"{item[column]} {item['definition']}".lower()]
    if json:
        as_json({name: found})
        return
    if kind == "facts":
        table(("Fact", "Values", "Definition"), [(item["fact"], _values(item), item["definition"]) for item in found])
    else:
        table((column.title(), "Definition"), [(item[column], item["definition"]) for item in found])
    if not found:
        raise typer.Exit(FAULTS)


def _values(item: dict[str, Any]) -> str:
    return ", ".join(item["values"]) if item["type"] == "choice" else str(item["type"])

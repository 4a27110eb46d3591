"""`profiles diff`, `publish` and `withdraw`: what a version changes, and putting it in force."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from app.cli.diagnostics import told
from app.cli.failing import FAULTS, fail
from app.cli.output import as_json
from app.cli.profiles import diagnosed, toml_text
from app.cli.sources import JsonOption, StoreOption, opened, snapshot, writing

if TYPE_CHECKING:
    from app.engine.compiled_profile import Profile
    from app.services.snapshot.snapshot import Snapshot


def register(group: typer.Typer) -> None:
    """Add the commands."""
    group.command()(diff)
    group.command()(publish)
    group.command("publish-draft")(publish_draft)
    group.command()(withdraw)


SideArgument = Annotated[str, typer.Argument(help="A profile's key, key/version, or a TOML file.")]
BEGINNING = "beginning"


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a comparison: its name, its whole document and the compiled profile."""

    name: str
    document: Mapping[str, object]
    profile: Profile | None


def diff(old: SideArgument, new: SideArgument, json: JsonOption = False, store: StoreOption = False) -> None:
    """What one version changes against another, rule by rule. Exit status 1 where they differ."""
    from app.services.publishing.differences import differences

    known = snapshot(store=store)
    before, after = _side(known, old), _side(known, new)
    found: dict[str, Any] = differences(before.document, after.document, before.profile, after.profile)
    if json:
        as_json({"from": before.name, "to": after.name, **found})
    else:
        _tell(before, after, found)
    if any(found[part] for part in ("added", "removed", "changed", "document")):
        raise typer.Exit(FAULTS)


def _side(known: Snapshot, name: str) -> Side:
    from app.services.catalogue import find_version, not_found_problem

    path = Path(name)
    if path.suffix == ".toml":
        text = toml_text(path)
        diagnosis = diagnosed(text, known)
        if diagnosis.validation is None or diagnosis.errors:
            typer.echo(told(diagnosis, text, name), err=True, nl=False)
            raise typer.Exit(FAULTS)
        return Side(name, diagnosis.validation.resolved, diagnosis.validation.profile)
    key, slash, number = name.partition("/")
    if slash:
        if not number.isascii() or not number.isdigit():
            fail(
                f"{name!r} is neither a profile, a version of one, nor a TOML file",
                "write swindon, swindon/2 or a file",
            )
        version = find_version(known, key, int(number))
    else:
        latest = known.latest_profile(key)
        if latest is None:
            raise not_found_problem("profile", key, known.profiles)
        version = latest
    return Side(f"{key} version {version.version}", version.record.resolved, version.profile)


def _tell(before: Side, after: Side, found: Mapping[str, Any]) -> None:
    typer.echo(f"from {before.name} to {after.name}")
    for item in found["document"]:
        typer.echo(f"  document: {item['field']}: {_short(item['before'])} becomes {_short(item['after'])}")
    for item in found["removed"]:
        typer.echo(f"- {item['rule']}: {item['title']}: {item['timing']}")
    for item in found["added"]:
        typer.echo(f"+ {item['rule']}: {item['title']}: {item['timing']}")
    for item in found["changed"]:
        typer.echo(f"~ {item['rule']}: {item['title']}")
        if item["timing_before"] != item["timing"]:
            typer.echo(f"    {item['timing_before']}  becomes  {item['timing']}")
        for field in item["fields"]:
            if field["field"] != "timing" or item["timing_before"] == item["timing"]:
                typer.echo(f"    {field['field']}: {_short(field['before'])} becomes {_short(field['after'])}")
    counts = ", ".join(f"{len(found[part])} {part}" for part in ("added", "removed", "changed"))
    typer.echo(f"rules: {counts}, {found['unchanged']} as they were")


def _short(value: object) -> str:
    if value is None:
        return "nothing"
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 120 else f"{text[:117]}..."


def publish(
    file: Annotated[Path, typer.Argument(help="The profile as a TOML file.")],
    in_force_from: Annotated[
        str | None, typer.Option(help=f"The first day it applies, or '{BEGINNING}'. Absent: what the document says.")
    ] = None,
    reason: Annotated[str | None, typer.Option(help="Why; needed if it applies to days already past.")] = None,
    draft: Annotated[
        bool, typer.Option("--draft", help="Only keep it as a draft, for somebody else to publish.")
    ] = False,
) -> None:
    """Check a profile's file and publish it as the next version of its key. What is published never changes."""
    from app.services.access.permissions import Caller
    from app.services.publishing import drafts
    from app.services.publishing import profile_versions as publishing
    from app.services.snapshot.holder import SnapshotHolder
    from app.settings import Settings

    text = toml_text(file)
    with opened() as store:
        live = SnapshotHolder(store, 1)
        if not live.refresh():
            fail("the store cannot be used", "run `deadlines load` first", status=FAULTS)
        diagnosis = diagnosed(text, live.snapshot)
        validation = diagnosis.validation
        if validation is None or diagnosis.errors:
            typer.echo(told(diagnosis, text, str(file)), err=True, nl=False)
            raise typer.Exit(FAULTS)
        key = str(validation.document["key"])
        latest = live.snapshot.latest_profile(key)
        if latest is not None and latest.record.checksum == validation.checksum:
            typer.echo(f"{key} version {latest.version} is just this already")
            return
        context = writing()
        pairs = Settings().two_pairs_of_eyes
        if pairs and not draft:
            fail("whoever wrote a version may not publish it here", "keep it as a draft with --draft", status=FAULTS)
        written = drafts.create_draft(live, key, {"document": validation.document}, context)
        if draft:
            typer.echo(f"draft {written.draft.id} of {key} is kept")
            return
        body: dict[str, object] = {"reason": reason}
        if in_force_from is not None:
            body["in_force_from"] = None if in_force_from == BEGINNING else in_force_from
        try:
            found = publishing.publish_draft(
                live,
                key,
                written.draft.id,
                body,
                expected_revision=written.draft.revision,
                caller=Caller(context.by),
                require_second_approver=pairs,
                context=context,
            )
        except Exception:
            drafts.delete_draft(live, key, written.draft.id, written.draft.revision, context)
            raise
    _published(cast(dict[str, Any], found))


def publish_draft(
    key: Annotated[str, typer.Argument(help="The profile's key.")],
    draft: Annotated[str, typer.Argument(help="The draft's id.")],
    in_force_from: Annotated[
        str | None, typer.Option(help=f"The first day it applies, or '{BEGINNING}'. Absent: what the document says.")
    ] = None,
    reason: Annotated[str | None, typer.Option(help="Why; needed if it applies to days already past.")] = None,
) -> None:
    """Publish a draft that somebody else has written."""
    from app.services.access.permissions import Caller
    from app.services.publishing import profile_versions as publishing
    from app.services.snapshot.holder import SnapshotHolder
    from app.settings import Settings

    body: dict[str, object] = {"reason": reason}
    if in_force_from is not None:
        body["in_force_from"] = None if in_force_from == BEGINNING else in_force_from
    context = writing()
    with opened() as store:
        found = publishing.publish_draft(
            SnapshotHolder(store, 1),
            key,
            draft,
            body,
            expected_revision=None,
            caller=Caller(context.by),
            require_second_approver=Settings().two_pairs_of_eyes,
            context=context,
        )
    _published(cast(dict[str, Any], found))


def withdraw(
    key: Annotated[str, typer.Argument(help="The profile's key.")],
    version: Annotated[int, typer.Argument(min=1, help="The version.")],
    reason: Annotated[str, typer.Option(help="Why; it is kept and shown.")],
) -> None:
    """End a version's force, once and for all. It stays readable and can still be pinned."""
    from app.services.publishing import profile_versions as publishing
    from app.services.snapshot.holder import SnapshotHolder

    with opened() as store:
        live = SnapshotHolder(store, 1)
        live.refresh()
        found = publishing.withdraw_version(live, key, version, {"reason": reason}, writing())
    typer.echo(f"{key} version {version} is withdrawn; today's answers come from version {found['answering_today']}")


def _published(found: Mapping[str, Any]) -> None:
    typer.echo(
        f"published {found['key']} version {found['version']}, in force from {found['in_force_from'] or BEGINNING}"
    )
    for warning in found["warnings"]:
        typer.echo(f"warning: {warning}")

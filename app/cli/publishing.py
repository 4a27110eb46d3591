"""`profiles diff`, `publish`, `publish-draft` and `withdraw`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from app.cli.diagnostics import format_diagnostics
from app.cli.errors import FAULTS, fail
from app.cli.output import as_json
from app.cli.profiles import diagnose_text, toml_text
from app.cli.proposals import tell_proposed
from app.cli.sources import (
    JsonOption,
    StoreOption,
    load_snapshot,
    open_configured_store,
    write_context,
)

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
    """One side of a comparison: its name, whole document and compiled profile."""

    name: str
    document: Mapping[str, object]
    profile: Profile | None


def diff(old: SideArgument, new: SideArgument, json: JsonOption = False, store: StoreOption = False) -> None:
    """Compare two versions rule by rule. Exit status 1 if they differ."""
    from app.services.publishing.differences import differences

    snapshot = load_snapshot(store=store)
    before, after = _side(snapshot, old), _side(snapshot, new)
    result: dict[str, Any] = differences(before.document, after.document, before.profile, after.profile)
    if json:
        as_json({"from": before.name, "to": after.name, **result})
    else:
        _show(before, after, result)
    if any(result[part] for part in ("added", "removed", "changed", "document")):
        raise typer.Exit(FAULTS)


def _side(snapshot: Snapshot, name: str) -> Side:
    from app.services.calculation.fact_parsing import integer_from_text
    from app.services.catalogue import find_version, not_found_problem

    path = Path(name)
    if path.suffix == ".toml":
        text = toml_text(path)
        diagnostics = diagnose_text(text, snapshot)
        if diagnostics.validation is None or diagnostics.errors:
            typer.echo(format_diagnostics(diagnostics, text, name), err=True, nl=False)
            raise typer.Exit(FAULTS)
        return Side(name, diagnostics.validation.resolved, diagnostics.validation.profile)
    key, slash, number = name.partition("/")
    if slash:
        version_number = integer_from_text(number)
        if not isinstance(version_number, int):
            fail(
                f"{name!r} is neither a profile, a version of one, nor a TOML file",
                "write swindon, swindon/2 or a file",
            )
        version = find_version(snapshot, key, version_number)
    else:
        latest = snapshot.latest_profile(key)
        if latest is None:
            raise not_found_problem("profile", key, snapshot.profiles)
        version = latest
    return Side(f"{key} version {version.version}", version.record.resolved, version.profile)


def _show(before: Side, after: Side, result: Mapping[str, Any]) -> None:
    typer.echo(f"from {before.name} to {after.name}")
    for item in result["document"]:
        typer.echo(f"  document: {item['field']}: {_short(item['before'])} becomes {_short(item['after'])}")
    for item in result["removed"]:
        typer.echo(f"- {item['rule']}: {item['title']}: {item['timing']}")
    for item in result["added"]:
        typer.echo(f"+ {item['rule']}: {item['title']}: {item['timing']}")
    for item in result["changed"]:
        typer.echo(f"~ {item['rule']}: {item['title']}")
        if item["timing_before"] != item["timing"]:
            typer.echo(f"    {item['timing_before']}  becomes  {item['timing']}")
        for field in item["fields"]:
            if field["field"] != "timing" or item["timing_before"] == item["timing"]:
                typer.echo(f"    {field['field']}: {_short(field['before'])} becomes {_short(field['after'])}")
    counts = ", ".join(f"{len(result[part])} {part}" for part in ("added", "removed", "changed"))
    typer.echo(f"rules: {counts}, {result['unchanged']} unchanged")


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
    """Check a profile's file and publish it as the next version of its key. A published version never changes."""
    from app.services.access.permissions import Caller
    from app.services.publishing import drafts
    from app.services.publishing import profile_versions as publishing
    from app.services.publishing.request import DraftCreate, PublishRequest
    from app.services.snapshot.holder import SnapshotHolder
    from app.services.validation import read
    from app.settings import Settings

    text = toml_text(file)
    with open_configured_store() as store:
        live = SnapshotHolder(store, 1)
        if not live.refresh():
            fail("the store cannot be used", "run `deadlines load` first", status=FAULTS)
        diagnostics = diagnose_text(text, live.snapshot)
        validation = diagnostics.validation
        if validation is None or diagnostics.errors:
            typer.echo(format_diagnostics(diagnostics, text, str(file)), err=True, nl=False)
            raise typer.Exit(FAULTS)
        key = str(validation.document["key"])
        latest = live.snapshot.latest_profile(key)
        if latest is not None and latest.record.checksum == validation.checksum:
            typer.echo(f"{key} version {latest.version} is just this already")
            return
        context = write_context()
        pairs = Settings().two_pairs_of_eyes
        if pairs and not draft:
            fail("whoever wrote a version may not publish it here", "keep it as a draft with --draft", status=FAULTS)
        written = drafts.create_draft(live, key, read(DraftCreate, {"document": validation.document}), context)
        if draft:
            typer.echo(f"draft {written.draft.id} of {key} was created")
            return
        body: dict[str, object] = {"reason": reason}
        if in_force_from is not None:
            body["in_force_from"] = None if in_force_from == BEGINNING else in_force_from
        try:
            result = publishing.publish_draft(
                live,
                key,
                written.draft.id,
                read(PublishRequest, body),
                expected_revision=written.draft.revision,
                caller=Caller(context.by),
                require_second_approver=pairs,
                context=context,
            )
        except Exception:
            drafts.delete_draft(live, key, written.draft.id, written.draft.revision, context)
            raise
    _published(cast(dict[str, Any], result))


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
    from app.services.publishing.request import PublishRequest
    from app.services.snapshot.holder import SnapshotHolder
    from app.services.validation import read
    from app.settings import Settings

    body: dict[str, object] = {"reason": reason}
    if in_force_from is not None:
        body["in_force_from"] = None if in_force_from == BEGINNING else in_force_from
    context = write_context()
    with open_configured_store() as store:
        result = publishing.publish_draft(
            SnapshotHolder(store, 1),
            key,
            draft,
            read(PublishRequest, body),
            expected_revision=None,
            caller=Caller(context.by),
            require_second_approver=Settings().two_pairs_of_eyes,
            context=context,
        )
    _published(cast(dict[str, Any], result))


def withdraw(
    key: Annotated[str, typer.Argument(help="The profile's key.")],
    version: Annotated[int, typer.Argument(min=1, help="The version.")],
    reason: Annotated[str, typer.Option(help="Why; it is stored and shown.")],
) -> None:
    """Withdraw a version permanently. It can still be read and pinned."""
    from app.services.publishing import profile_versions as publishing
    from app.services.publishing.proposals import propose_withdrawal
    from app.services.publishing.request import WithdrawRequest
    from app.services.snapshot.holder import SnapshotHolder
    from app.services.validation import read
    from app.settings import Settings

    request = read(WithdrawRequest, {"reason": reason})
    with open_configured_store() as store:
        live = SnapshotHolder(store, 1)
        live.refresh()
        if Settings().two_pairs_of_eyes:
            tell_proposed(propose_withdrawal(live, key, version, request, write_context()), json=False)
            return
        result = publishing.withdraw_version(live, key, version, request, write_context())
    show_withdrawal(key, version, result)


def show_withdrawal(key: str, version: object, result: Mapping[str, Any]) -> None:
    """Print that a version is withdrawn, and which one answers instead."""
    typer.echo(f"{key} version {version} is withdrawn; today's answers come from version {result['answering_today']}")


def _published(result: Mapping[str, Any]) -> None:
    typer.echo(
        f"published {result['key']} version {result['version']}, in force from {result['in_force_from'] or BEGINNING}"
    )
    for warning in result["warnings"]:
        typer.echo(f"warning: {warning}")

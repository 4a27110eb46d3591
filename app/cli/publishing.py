"""`profiles diff`, `impact`, `publish`, `publish-draft`, `send-back` and `withdraw`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from app.cli.authoring import Authoring, KeyOption, ServerOption, open_authoring
from app.cli.calculate import FactOption, read_facts
from app.cli.change_output import show_withdrawal, tell_proposed
from app.cli.errors import FAULTS, fail
from app.cli.output import as_json
from app.cli.profile_files import HeadOption, is_profile_file, open_file
from app.cli.sources import JsonOption, StoreOption, open_holder, write_context

if TYPE_CHECKING:
    from app.engine.compiled_profile import Profile

DRAFTS = "drafts/"


def register(group: typer.Typer) -> None:
    """Add the commands."""
    group.command()(diff)
    group.command()(publish)
    group.command()(impact)
    group.command("publish-draft")(publish_draft)
    group.command("send-back")(send_back)
    group.command()(withdraw)


SideArgument = Annotated[
    str, typer.Argument(help="A profile's key, key/version, key/drafts/ID, or a file that is not published yet.")
]
BEGINNING = "beginning"
FirstDayOption = Annotated[
    str | None, typer.Option(help=f"The first day it applies, or '{BEGINNING}'. Absent: what the document says.")
]
ReasonOption = Annotated[str | None, typer.Option(help="Why; needed if it applies to days already past.")]
REMEDIES = {
    "in_force_from": (
        f"add --in-force-from 2027-04-01 (the first day), or --in-force-from {BEGINNING}; for a day before today, and "
        "for the beginning, add --reason too"
    ),
    "reason": "add --reason with the reason for backdating, or --in-force-from with a later day",
}
"""What a terminal writes where the interface says which field to send."""


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a comparison: its name, whole document and compiled profile."""

    name: str
    document: Mapping[str, object]
    profile: Profile | None


def diff(
    old: SideArgument,
    new: SideArgument,
    json: JsonOption = False,
    store: StoreOption = False,
    server: ServerOption = None,
    key: KeyOption = None,
) -> None:
    """Compare two versions rule by rule. Exit status 1 if they differ."""
    from app.services.publishing.differences import differences

    with open_authoring(server, key, store=store) as authoring:
        before, after = _side(authoring, old), _side(authoring, new)
    result: dict[str, Any] = differences(before.document, after.document, before.profile, after.profile)
    if json:
        as_json({"from": before.name, "to": after.name, **result})
    else:
        _show(before, after, result)
    if any(result[part] for part in ("added", "removed", "changed", "document")):
        raise typer.Exit(FAULTS)


def _side(authoring: Authoring, name: str) -> Side:
    from app.profiles.document import load_profile
    from app.services.publishing.profile_file import ProfileFile
    from app.services.validation import integer_from_text

    if is_profile_file(name):
        opened = open_file(Path(name), authoring.head)
        validation = opened.require_valid(authoring.validate(opened.file))
        return Side(name, validation.resolved, validation.profile)
    key, slash, number = name.partition("/")
    if number.startswith(DRAFTS):
        validation = authoring.validate(ProfileFile(authoring.draft(key, number.removeprefix(DRAFTS))["document"]))
        return Side(name, validation.resolved, validation.profile)
    version = integer_from_text(number) if slash else None
    if slash and not isinstance(version, int):
        fail(
            f"{name!r} is neither a profile, a version or draft of one, nor a file",
            "write swindon, swindon/2 or a file",
        )
    resolved, document = authoring.document(key, cast(int | None, version))
    return Side(f"{key} version {resolved}", document, load_profile(document).profile)


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


def impact(
    key: Annotated[str, typer.Argument(help="The profile's key.")],
    draft: Annotated[str, typer.Argument(help="The draft's id.")],
    event: Annotated[str, typer.Argument(help="What happened, such as strategy_discussion_held.")],
    at: Annotated[str, typer.Argument(help="When: a date, an instant or a London date-time.")],
    *,
    fact: FactOption = None,
    json: JsonOption = False,
    server: ServerOption = None,
    api_key: KeyOption = None,
) -> None:
    """Show what a draft would change for one event, against the version in force on its day."""
    with open_authoring(server, api_key) as authoring:
        profile = _side(authoring, f"{key}/{DRAFTS}{draft}").profile
        facts = read_facts(fact or [], profile.vocabulary.facts if profile is not None else {})
        body = {"events": [{"type": event, "occurred_at": at, "facts": facts}]}
        result = authoring.impact(key, draft, body)
    if json:
        as_json(result)
        return
    (changes,) = result["events"]
    for item in changes["removed"]:
        typer.echo(f"- {item['title']}: {item['due_date']}")
    for item in changes["added"]:
        typer.echo(f"+ {item['title']}: {item['due_date']}")
    for item in changes["moved"]:
        typer.echo(f"~ {item['title']}: {item['old_due_date']} becomes {item['new_due_date']}")
    counts = ", ".join(f"{len(changes[part])} {part}" for part in ("added", "removed", "moved"))
    typer.echo(f"dates: {counts}, {len(changes['unchanged'])} unchanged")


def publish(
    file: Annotated[Path, typer.Argument(help="The profile as a TOML, workbook, CSV or JSON file.")],
    in_force_from: FirstDayOption = None,
    reason: ReasonOption = None,
    draft: Annotated[
        bool, typer.Option("--draft", help="Only keep it as a draft, for somebody else to publish.")
    ] = False,
    head: HeadOption = None,
    server: ServerOption = None,
    key: KeyOption = None,
) -> None:
    """Check a profile's file and publish it as the next version of its key. A published version never changes."""
    from app.settings import Settings

    with open_authoring(server, key) as authoring:
        opened = open_file(file, authoring.head, head)
        validation = opened.require_valid(authoring.validate(opened.file))
        profile = str(validation.document["key"])
        latest = next((each for each in reversed(authoring.versions(profile)) if each["withdrawn_at"] is None), None)
        if latest is not None and latest["checksum"] == validation.checksum:
            _already_published(profile, latest, in_force_from)
            return
        if server is None and Settings().two_pairs_of_eyes and not draft:
            fail("whoever wrote a version may not publish it here", "keep it as a draft with --draft", status=FAULTS)
        written = authoring.create_draft(profile, validation.document)
        if draft:
            typer.echo(f"draft {written['id']} of {profile} was created")
            return
        try:
            result = _publish(authoring, profile, written["id"], written["revision"], in_force_from, reason)
        except Exception:
            authoring.delete_draft(profile, written["id"], written["revision"])
            raise
    _published(result)


def _already_published(key: str, latest: Mapping[str, Any], first_day: str | None) -> None:
    """Say that the latest version is this document already; refuse to publish it from another first day."""
    since = latest["in_force_from"] or BEGINNING
    if first_day is not None and first_day != since:
        day = "0001-01-01" if first_day == BEGINNING else first_day
        fail(
            f"{key} version {latest['version']} is just this already, in force from {since}",
            f"to correct its first day, write in_force_from = {day} in the file and publish that: it becomes a version",
            status=FAULTS,
        )
    typer.echo(f"{key} version {latest['version']} is just this already, in force from {since}")


def _publish(
    authoring: Authoring, key: str, draft: str, revision: int | None, first_day: str | None, reason: str | None
) -> dict[str, Any]:
    """Publish a draft, with remedies that a terminal can follow."""
    from app.services.problems import Problem

    body: dict[str, object] = {"reason": reason}
    if first_day is not None:
        body["in_force_from"] = None if first_day == BEGINNING else first_day
    try:
        return authoring.publish(key, draft, revision, body)
    except Problem as problem:
        problem.faults = [
            replace(fault, remedy=REMEDIES[fault.path])
            if fault.path == "reason" or (fault.path == "in_force_from" and first_day is None)
            else fault
            for fault in problem.faults
        ]
        raise


def publish_draft(
    key: Annotated[str, typer.Argument(help="The profile's key.")],
    draft: Annotated[str, typer.Argument(help="The draft's id.")],
    in_force_from: FirstDayOption = None,
    reason: ReasonOption = None,
    server: ServerOption = None,
    api_key: KeyOption = None,
) -> None:
    """Publish a draft that somebody else has written."""
    with open_authoring(server, api_key) as authoring:
        result = _publish(authoring, key, draft, None, in_force_from, reason)
    _published(result)


def send_back(
    key: Annotated[str, typer.Argument(help="The profile's key.")],
    draft: Annotated[str, typer.Argument(help="The draft's id.")],
    comment: Annotated[str, typer.Option(help="What is to be changed; its authors read it.")],
    server: ServerOption = None,
    api_key: KeyOption = None,
) -> None:
    """Send a draft back to its authors instead of publishing it."""
    with open_authoring(server, api_key) as authoring:
        authoring.send_back(key, draft, comment)
    typer.echo(f"draft {draft} of {key} was sent back; it waits for one of its authors")


def withdraw(
    key: Annotated[str, typer.Argument(help="The profile's key.")],
    version: Annotated[int, typer.Argument(min=1, help="The version.")],
    reason: Annotated[str, typer.Option(help="Why; it is stored and shown.")],
) -> None:
    """Withdraw a version permanently. It can still be read and pinned."""
    from app.services.publishing import profile_versions as publishing
    from app.services.publishing.proposals import propose_withdrawal
    from app.services.publishing.request import WithdrawRequest
    from app.services.validation import read
    from app.settings import Settings

    request = read(WithdrawRequest, {"reason": reason})
    with open_holder() as live:
        live.refresh()
        if Settings().two_pairs_of_eyes:
            tell_proposed(propose_withdrawal(live, key, version, request, write_context()), json=False)
            return
        result = publishing.withdraw_version(live, key, version, request, write_context())
    show_withdrawal(key, version, result)


def _published(result: Mapping[str, Any]) -> None:
    typer.echo(
        f"published {result['key']} version {result['version']}, in force from {result['in_force_from'] or BEGINNING}"
    )
    for warning in result["warnings"]:
        typer.echo(f"warning: {warning}")

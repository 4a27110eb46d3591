"""`keys`: who may call the service."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Annotated

import typer

from app.cli.failing import fail
from app.cli.output import as_json, table
from app.cli.sources import JsonOption, opened, writing

group = typer.Typer(help="API keys of the configured store.", no_args_is_help=True)
Named = Annotated[str, typer.Argument(metavar="KEY", help="The key's id or prefix, as the list shows it.")]


def read_end(text: str) -> datetime:
    """A moment with an offset, or the end of a London day."""
    from app.services.zone import LONDON

    try:
        if len(text) == 10:
            return datetime.combine(date.fromisoformat(text), time(23, 59, 59), LONDON)
        found = datetime.fromisoformat(text)
    except ValueError:
        fail(f"{text!r} is no date", "write 2027-03-31, or an instant with its offset")
    if found.utcoffset() is None:
        fail(f"{text!r} has no offset", "write 2027-03-31, or an instant with its offset")
    return found


@group.command()
def create(
    name: Annotated[str, typer.Argument(help="Whose key it is, or what for.")],
    scope: Annotated[list[str], typer.Option("--scope", "-s", help="read, calculate, author, publish or admin.")],
    profile: Annotated[
        list[str] | None, typer.Option("--profile", "-p", help="Limit authoring and publishing to these profiles.")
    ] = None,
    expires: Annotated[str | None, typer.Option(help="The last day, or an instant. Absent: never.")] = None,
) -> None:
    """Make a key. The secret is shown this once and kept nowhere."""
    from app.services.access.api_keys import InvalidKey, create_key

    end = read_end(expires) if expires else None
    with opened() as store:
        try:
            issued = create_key(
                store, name=name, scopes=scope, profile_keys=profile or None, expires_at=end, context=writing()
            )
        except InvalidKey as error:
            fail(str(error))
    typer.echo(f"key {issued.record.id} for {issued.record.name}: {', '.join(issued.record.scopes)}", err=True)
    typer.echo("keep it safe, it cannot be shown again:", err=True)
    typer.echo(issued.secret)


@group.command("list")
def list_keys(json: JsonOption = False) -> None:
    """Every key ever made, without its secret."""
    from app.services.access.api_keys import key_state

    now = datetime.now(UTC)
    with opened() as store:
        found = store.list_keys()
    if json:
        rows = [
            {
                "id": item.id,
                "name": item.name,
                "scopes": list(item.scopes),
                "profiles": None if item.profile_keys is None else list(item.profile_keys),
                "created_at": item.created_at.isoformat(),
                "expires_at": item.expires_at.isoformat() if item.expires_at else None,
                "standing": key_state(item, now),
            }
            for item in found
        ]
        as_json({"keys": rows})
        return
    table(
        ("Key", "Name", "Scopes", "Profiles", "Made", "Ends", "Standing"),
        [
            (
                item.id,
                item.name,
                ", ".join(item.scopes),
                "all" if item.profile_keys is None else ", ".join(item.profile_keys),
                f"{item.created_at:%Y-%m-%d}",
                f"{item.expires_at:%Y-%m-%d %H:%M}" if item.expires_at else "never",
                key_state(item, now),
            )
            for item in found
        ],
    )


@group.command()
def expire(
    key: Named,
    at: Annotated[str | None, typer.Option(help="The last day, or an instant. Absent: at once.")] = None,
    never: Annotated[bool, typer.Option("--never", help="Take the end away.")] = False,
) -> None:
    """Set when a key ends."""
    from app.services.access.api_keys import find_key

    if at and never:
        fail("--at and --never say different things", "give one of them")
    context = writing()
    end = None if never else (read_end(at) if at else context.at)
    with opened() as store:
        record = store.expire_key(find_key(store, key).id, expires_at=end, context=context)
    typer.echo(
        f"key {record.id} of {record.name} ends {record.expires_at.isoformat() if record.expires_at else 'never'}"
    )


@group.command()
def revoke(key: Named) -> None:
    """End a key for good."""
    from app.services.access.api_keys import find_key

    with opened() as store:
        record = store.revoke_key(find_key(store, key).id, context=writing())
    typer.echo(f"key {record.id} of {record.name} is revoked")

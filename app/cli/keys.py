"""`keys`: manage API keys."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Annotated

import typer

from app.cli.errors import fail
from app.cli.output import as_json, table
from app.cli.sources import JsonOption, open_configured_store, write_context

group = typer.Typer(help="API keys of the configured store.", no_args_is_help=True)
Named = Annotated[str, typer.Argument(metavar="KEY", help="The key's id or prefix, as the list shows it.")]


def parse_expiry(text: str) -> datetime:
    """Parse an instant with its offset, or a date, which means the end of that day in London."""
    from app.services.zone import LONDON

    try:
        if len(text) == 10:
            return datetime.combine(date.fromisoformat(text), time(23, 59, 59), LONDON)
        result = datetime.fromisoformat(text)
    except ValueError:
        fail(f"{text!r} is not a date", "write 2027-03-31, or an instant with its offset")
    if result.utcoffset() is None:
        fail(f"{text!r} has no offset", "write 2027-03-31, or an instant with its offset")
    return result


@group.command()
def create(
    name: Annotated[str, typer.Argument(help="The caller, or the purpose.")],
    scope: Annotated[
        list[str], typer.Option("--scope", "-s", help="read, calculate, review, author, publish or admin.")
    ],
    profile: Annotated[
        list[str] | None, typer.Option("--profile", "-p", help="Limit review, author and publish to these profiles.")
    ] = None,
    expires: Annotated[str | None, typer.Option(help="The last day, or an instant. Absent: never.")] = None,
) -> None:
    """Create a key. The secret is shown once and is not stored."""
    from app.services.access.api_keys import InvalidKey, create_key

    end = parse_expiry(expires) if expires else None
    with open_configured_store() as store:
        try:
            issued = create_key(
                store, name=name, scopes=scope, profile_keys=profile or None, expires_at=end, context=write_context()
            )
        except InvalidKey as error:
            fail(str(error))
    typer.echo(f"key {issued.record.id} for {issued.record.name}: {', '.join(issued.record.scopes)}", err=True)
    typer.echo("store it safely: it cannot be shown again", err=True)
    typer.echo(issued.secret)


@group.command("list")
def list_keys(json: JsonOption = False) -> None:
    """List every key, without its secret."""
    from app.services.access.api_keys import key_state

    now = datetime.now(UTC)
    with open_configured_store() as store:
        result = store.list_keys()
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
            for item in result
        ]
        as_json({"keys": rows})
        return
    table(
        ("Key", "Name", "Scopes", "Profiles", "Created", "Expires", "State"),
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
            for item in result
        ],
    )


@group.command()
def expire(
    key: Named,
    at: Annotated[str | None, typer.Option(help="The last day, or an instant. Absent: at once.")] = None,
    never: Annotated[bool, typer.Option("--never", help="Remove the expiry date.")] = False,
) -> None:
    """Set when a key expires."""
    from app.services.access.api_keys import find_key

    if at and never:
        fail("--at and --never contradict each other", "use one of them")
    context = write_context()
    end = None if never else (parse_expiry(at) if at else context.at)
    with open_configured_store() as store:
        record = store.expire_key(find_key(store, key).id, expires_at=end, context=context)
    typer.echo(
        f"key {record.id} of {record.name} expires {record.expires_at.isoformat() if record.expires_at else 'never'}"
    )


@group.command()
def revoke(key: Named) -> None:
    """Revoke a key permanently."""
    from app.services.access.api_keys import find_key

    with open_configured_store() as store:
        record = store.revoke_key(find_key(store, key).id, context=write_context())
    typer.echo(f"key {record.id} of {record.name} is revoked")

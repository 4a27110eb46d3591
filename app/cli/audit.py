"""`audit`: the record of changes."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.output import as_json, table
from app.cli.sources import JsonOption, open_configured_store

if TYPE_CHECKING:
    from app.services.ports import AuditRecord


def register(cli: typer.Typer) -> None:
    """Add the command."""
    cli.command()(audit)


def audit(
    subject: Annotated[str | None, typer.Option(help="Only of this subject, such as swindon/2.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many, the newest first.")] = 50,
    json: JsonOption = False,
) -> None:
    """List the changes to the configured store: who, what and when."""
    result: list[AuditRecord] = []
    with open_configured_store() as store:
        cursor = None
        while len(result) < limit:
            page = store.list_audit(before=cursor, limit=min(50, limit - len(result)), subject=subject)
            result += page.items
            cursor = page.next
            if cursor is None:
                break
    if json:
        as_json({"records": [{**asdict(item), "at": item.at.isoformat()} for item in result]})
        return
    table(
        ("No.", "When", "Who", "What", "Subject"),
        [
            (item.id, f"{item.at:%Y-%m-%d %H:%M:%S%z}", item.actor, item.action, f"{item.subject_kind} {item.subject}")
            for item in result
        ],
    )

"""`proposals`: changes that wait for a second person, where two pairs of eyes are required."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli.change_output import show_change, show_withdrawal
from app.cli.output import as_json, table
from app.cli.sources import JsonOption, open_holder, write_context

if TYPE_CHECKING:
    pass

group = typer.Typer(help="Changes that wait for a second person.", no_args_is_help=True)
KeyArgument = Annotated[str, typer.Argument(help="The key of the profile or calendar.")]
IdArgument = Annotated[str, typer.Argument(help="The proposal's id.")]


@group.command("list")
def list_proposals(key: KeyArgument, json: JsonOption = False) -> None:
    """List the changes of a key that wait, oldest first."""
    from app.services.publishing import proposals

    with open_holder() as live:
        result: dict[str, Any] = proposals.list_proposals(live, key)
    if json:
        as_json(result)
        return
    rows = [
        (each["id"], each["action"], each["proposed_by"], each["proposed_at"], each["reason"])
        for each in result["proposals"]
    ]
    table(("Id", "Change", "Proposed by", "At", "Why"), rows)


@group.command()
def show(key: KeyArgument, proposal: IdArgument, json: JsonOption = False) -> None:
    """Show what was proposed, and for a calendar what it would change now."""
    from app.services.publishing import proposals

    with open_holder() as live:
        live.refresh()
        result: dict[str, Any] = proposals.read_proposal(live, key, proposal, write_context())
    if json:
        as_json(result)
        return
    typer.echo(f"{result['action']} of {key}, proposed by {result['proposed_by']} at {result['proposed_at']}")
    if result["version"] is not None:
        typer.echo(f"version: {result['version']}")
    if result["reason"]:
        typer.echo(f"reason: {result['reason']}")
    if result["preview"] is not None:
        show_change(result["preview"])


@group.command()
def approve(key: KeyArgument, proposal: IdArgument, json: JsonOption = False) -> None:
    """Carry out a change that somebody else proposed. It then bears your name."""
    from app.services.publishing import proposals

    with open_holder() as live:
        live.refresh()
        result: dict[str, Any] = proposals.approve(live, key, proposal, write_context())
    if json:
        as_json(result)
        return
    if result["action"] == "withdraw_version":
        show_withdrawal(key, result["version"], result["outcome"])
    else:
        show_change(result["outcome"])
    typer.echo(f"proposed by {result['proposed_by']}, approved by {result['approved_by']}")


@group.command()
def discard(key: KeyArgument, proposal: IdArgument) -> None:
    """Reject a change that is not to be made; whoever proposed it may do so too."""
    from app.services.publishing import proposals

    with open_holder() as live:
        proposals.discard(live, key, proposal, write_context())
    typer.echo(f"{proposal} is discarded")

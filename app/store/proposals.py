"""Changes that wait for a second person."""

from typing import Any, cast
from uuid import uuid4

from sqlalchemy import Connection, Row, func, select

from app.services.ports import Conflict, JsonObject, NotFound, Proposal, ProposalAction, WriteContext
from app.store import audit
from app.store.tables import delete_row, find_row, insert_row, proposal

MAX_WAITING = 100


def create(
    connection: Connection, key: str, action: ProposalAction, request: JsonObject, *, context: WriteContext
) -> Proposal:
    """Store a change under a random id."""
    waiting = connection.scalar(select(func.count()).select_from(proposal).where(proposal.c.key == key)) or 0
    if waiting >= MAX_WAITING:
        raise Conflict(f"{waiting} changes of {key} wait already; approve or discard some of them first")
    made = Proposal(
        id=str(uuid4()),
        key=key,
        action=action,
        request=request,
        proposed_at=context.at,
        proposed_by=context.by,
    )
    insert_row(connection, proposal, made)
    detail: JsonObject = {"key": key, "action": action, "request": request}
    audit.append(connection, context, "proposal.created", made.id, detail=detail)
    return made


def get(connection: Connection, proposal_id: str) -> Proposal:
    """Return a change that waits."""
    return _record(_waiting(connection, proposal_id))


def load_all(connection: Connection, key: str) -> tuple[Proposal, ...]:
    """Return the changes of a key that wait, oldest first."""
    query = proposal.select().where(proposal.c.key == key).order_by(proposal.c.proposed_at, proposal.c.id)
    return tuple(_record(row) for row in connection.execute(query))


def close(connection: Connection, proposal_id: str, *, approved: bool, context: WriteContext) -> None:
    """Remove a change that was carried out, or that is not to be."""
    row = _waiting(connection, proposal_id)
    delete_row(connection, proposal, proposal_id)
    detail: JsonObject = {"key": row.key, "action": row.action, "proposed_by": row.proposed_by}
    audit.append(
        connection, context, "proposal.approved" if approved else "proposal.discarded", proposal_id, detail=detail
    )


def _waiting(connection: Connection, proposal_id: str) -> Row[Any]:
    row = find_row(connection, proposal, proposal_id)
    if row is None:
        raise NotFound("proposal", proposal_id)
    return row


def _record(row: Row[Any]) -> Proposal:
    return Proposal(
        id=row.id,
        key=row.key,
        action=cast("ProposalAction", row.action),
        request=row.request,
        proposed_at=row.proposed_at,
        proposed_by=row.proposed_by,
    )

"""Changes that wait for a second person."""

from typing import cast
from uuid import uuid4

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.services.ports import Conflict, JsonObject, NotFound, Proposal, ProposalAction, WriteContext
from app.store import audit
from app.store.tables import ProposalRow

MAX_WAITING = 100


def create(
    session: Session, key: str, action: ProposalAction, request: JsonObject, *, context: WriteContext
) -> Proposal:
    """Store a change under a random id."""
    waiting = session.scalar(select(func.count()).select_from(ProposalRow).where(ProposalRow.key == key)) or 0
    if waiting >= MAX_WAITING:
        raise Conflict(f"{waiting} changes of {key} wait already; approve or discard some of them first")
    row = ProposalRow(
        id=str(uuid4()),
        key=key,
        action=action,
        request=request,
        proposed_at=context.at,
        proposed_by=context.by,
    )
    session.add(row)
    session.flush()
    detail: JsonObject = {"key": key, "action": action, "request": request}
    audit.append(session, context, "proposal.created", row.id, detail=detail)
    return _record(row)


def get(session: Session, proposal_id: str) -> Proposal:
    """Return a change that waits."""
    return _record(_waiting(session, proposal_id))


def load_all(session: Session, key: str) -> tuple[Proposal, ...]:
    """Return the changes of a key that wait, oldest first."""
    query = select(ProposalRow).where(ProposalRow.key == key).order_by(ProposalRow.proposed_at, ProposalRow.id)
    return tuple(_record(row) for row in session.scalars(query))


def close(session: Session, proposal_id: str, *, approved: bool, context: WriteContext) -> None:
    """Remove a change that was carried out, or that is not to be."""
    row = _waiting(session, proposal_id)
    session.delete(row)
    session.flush()
    detail: JsonObject = {"key": row.key, "action": row.action, "proposed_by": row.proposed_by}
    audit.append(
        session, context, "proposal.approved" if approved else "proposal.discarded", proposal_id, detail=detail
    )


def _waiting(session: Session, proposal_id: str) -> ProposalRow:
    row = session.get(ProposalRow, proposal_id)
    if row is None:
        raise NotFound("proposal", proposal_id)
    return row


def _record(row: ProposalRow) -> Proposal:
    return Proposal(
        id=row.id,
        key=row.key,
        action=cast("ProposalAction", row.action),
        request=row.request,
        proposed_at=row.proposed_at,
        proposed_by=row.proposed_by,
    )

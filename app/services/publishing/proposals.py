"""Changes that need two people: one proposes a withdrawal or a change of a calendar, another one approves it.

Where DEADLINES_TWO_PAIRS_OF_EYES is set, whoever requests such a change only proposes it. What is stored is the request
as it was sent; it is carried out by whoever approves it, under their name, on what is published then.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import cast

from pydantic import BaseModel

from app.services.calculation.response import Json
from app.services.ports import JsonObject, NotFound, Proposal, ProposalAction, WriteContext
from app.services.problems import Fault, Problem, summarise
from app.services.publishing import calendar_versions as calendars
from app.services.publishing.calendar_upkeep import create_calendar, update_calendar
from app.services.publishing.calendar_versions import Change
from app.services.publishing.profile_versions import withdraw_version
from app.services.publishing.request import (
    BankHoliday,
    CalendarFromPackage,
    ClosureDays,
    DayRemoval,
    FollowRequest,
    WithdrawRequest,
)
from app.services.publishing.storable_document import has_large_number
from app.services.snapshot.holder import SnapshotHolder
from app.services.validation import read

Work = Callable[[SnapshotHolder, str, object, Change], Json]
WORK: Mapping[ProposalAction, tuple[Work, type[BaseModel] | None]] = {
    "publish_calendar": (cast(Work, calendars.publish_calendar), None),
    "update_calendar": (cast(Work, update_calendar), None),
    "create_calendar": (cast(Work, create_calendar), CalendarFromPackage),
    "add_closure_days": (cast(Work, calendars.add_closure_days), ClosureDays),
    "add_bank_holiday": (cast(Work, calendars.add_bank_holiday), BankHoliday),
    "remove_day": (cast(Work, calendars.remove_day), DayRemoval),
    "follow_calendar": (cast(Work, calendars.follow_base), FollowRequest),
}
"""How each change of a calendar is made, and the model of its body; a whole calendar is validated as it is made."""


def change_calendar(holder: SnapshotHolder, key: str, action: ProposalAction, body: object, change: Change) -> Json:
    """Make a change of a calendar, or preview it. Raises Problem, StoreError."""
    work, _ = WORK[action]
    return work(holder, key, body, change)


def propose_change(
    holder: SnapshotHolder, key: str, action: ProposalAction, body: object, change: Change
) -> Json | Proposal:
    """Propose a change of a calendar. One that cannot be made is refused; one that would change nothing is answered."""
    would_be = change_calendar(holder, key, action, body, change.only_tried())
    if not would_be["changed"]:
        return {**would_be, "preview": False}
    sent = body.model_dump(mode="json", exclude_none=True) if isinstance(body, BaseModel) else body
    if has_large_number(sent):
        fault = Fault("(body)", "a whole number has more than 64 bits", "send a smaller one")
        raise Problem("invalid-request", summarise([fault]), [fault])
    request: JsonObject = {"body": sent, "expected": change.expected, "reason": change.reason}
    return holder.store.create_proposal(key, action, request, context=change.context)


def propose_withdrawal(
    holder: SnapshotHolder, key: str, version: int, request: WithdrawRequest, context: WriteContext
) -> Proposal:
    """Propose the withdrawal of a version. Raises NotFound; Problem, conflict, if it was withdrawn already."""
    holder.refresh()
    published = holder.snapshot.published_version(key, version)
    if published is None:
        raise NotFound("profile version", f"{key}/{version}")
    if published.withdrawn_at is not None:
        raise Problem("conflict", f"Version {version} of {key} was already withdrawn.")
    sent: JsonObject = {"body": request.model_dump(mode="json"), "version": version}
    return holder.store.create_proposal(key, "withdraw_version", sent, context=context)


def list_proposals(holder: SnapshotHolder, key: str) -> Json:
    """Return the changes of a key that wait, oldest first."""
    return {"proposals": [describe(item) for item in holder.store.list_proposals(key)]}


def read_proposal(holder: SnapshotHolder, key: str, proposal_id: str, context: WriteContext) -> Json:
    """Return a change that waits, and for a calendar what it would change now. Raises NotFound, Problem."""
    proposal = _load(holder, key, proposal_id)
    preview = None
    if proposal.action != "withdraw_version":
        preview = _carry_out(holder, proposal, context, preview=True)
    return {**describe(proposal), "preview": preview}


def approve(holder: SnapshotHolder, key: str, proposal_id: str, context: WriteContext) -> Json:
    """Carry out a change that somebody else proposed. Raises Problem, forbidden, for whoever proposed it."""
    proposal = _load(holder, key, proposal_id)
    if proposal.proposed_by == context.by:
        raise Problem("forbidden", "Whoever proposed a change may not approve it; somebody else has to.")
    outcome = _carry_out(holder, proposal, context, preview=False)
    # Afterwards: a change that fails still waits. Carried out twice, by two who approve at once, it is refused or
    # changes nothing the second time.
    holder.store.close_proposal(proposal_id, approved=True, context=context)
    return {**describe(proposal), "approved_by": context.by, "outcome": outcome}


def discard(holder: SnapshotHolder, key: str, proposal_id: str, context: WriteContext) -> None:
    """Remove a change that is not to be made; whoever proposed it may do so too."""
    _load(holder, key, proposal_id)
    holder.store.close_proposal(proposal_id, approved=False, context=context)


def describe(proposal: Proposal) -> Json:
    """Return a change that waits as the contract shows it."""
    return {
        "id": proposal.id,
        "key": proposal.key,
        "action": proposal.action,
        "request": proposal.request["body"],
        "version": proposal.request.get("version", proposal.request.get("expected")),
        "reason": proposal.request.get("reason") or _reason(proposal.request["body"]),
        "proposed_by": proposal.proposed_by,
        "proposed_at": proposal.proposed_at.isoformat(),
    }


def _reason(body: object) -> object:
    return body.get("reason") if isinstance(body, Mapping) else None


def _load(holder: SnapshotHolder, key: str, proposal_id: str) -> Proposal:
    proposal = holder.store.get_proposal(proposal_id)
    if proposal.key != key:
        raise NotFound("proposal", proposal_id)
    return proposal


def _carry_out(holder: SnapshotHolder, proposal: Proposal, context: WriteContext, *, preview: bool) -> Json:
    request, key = proposal.request, proposal.key
    if proposal.action == "withdraw_version":
        return withdraw_version(holder, key, request["version"], read(WithdrawRequest, request["body"]), context)
    work, model = WORK[proposal.action]
    body = request["body"] if model is None else read(model, request["body"])  # type: ignore[type-var]  # a request model
    return work(holder, key, body, Change(request["expected"], preview, request["reason"], context))

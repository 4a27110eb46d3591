"""Changes that wait for a second person, where the service asks for two pairs of eyes."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Response, Security

from app.api.dependencies import PRINTABLE, Holder, WriteContextDep
from app.api.errors import problem_responses
from app.api.routing import ContractRoute, not_stored
from app.api.schemas.authoring import Approval, ProposalList, ProposalPreview
from app.api.security import authorize
from app.api.threads import DatabaseThreads
from app.services.calculation.response import Json
from app.services.publishing import proposals

router = APIRouter(
    prefix="/v1/proposals/{key}",
    tags=["authoring"],
    route_class=ContractRoute,
    dependencies=[Security(authorize, scopes=["publish"]), Depends(not_stored)],
)
STORED = ("not-found", "store-unavailable")
Key = Annotated[
    str, Path(description="The profile's or calendar's key.", max_length=100, pattern=PRINTABLE, examples=["swindon"])
]
ProposalId = Annotated[str, Path(description="The proposal's id.", max_length=100, pattern=PRINTABLE, examples=["1"])]


@router.get(
    "",
    operation_id="list_proposals",
    summary="The changes of a key that wait",
    response_model=ProposalList,
    responses=problem_responses(*STORED),
)
async def list_proposals(key: Key, holder: Holder, database: DatabaseThreads) -> Json:
    """Of the profile and of the calendar of that key, oldest first."""
    return await database(proposals.list_proposals, holder, key)


@router.get(
    "/{proposal}",
    operation_id="get_proposal",
    summary="A change that waits, and what it would do",
    response_model=ProposalPreview,
    responses=problem_responses(*STORED, "conflict", "precondition-failed"),
)
async def get_proposal(
    key: Key, proposal: ProposalId, holder: Holder, database: DatabaseThreads, context: WriteContextDep
) -> Json:
    """Preview the change anew: something else may have been published since it was proposed."""
    return await database(proposals.read_proposal, holder, key, proposal, context)


@router.post(
    "/{proposal}/approve",
    operation_id="approve_proposal",
    summary="Carry out a change that somebody else proposed",
    response_model=Approval,
    responses=problem_responses(*STORED, "conflict", "precondition-failed"),
)
async def approve(
    key: Key, proposal: ProposalId, holder: Holder, database: DatabaseThreads, context: WriteContextDep
) -> Json:
    """Not by whoever proposed it. The version then made, or withdrawn, bears the name of the one who approves."""
    return await database(proposals.approve, holder, key, proposal, context)


@router.delete(
    "/{proposal}",
    operation_id="discard_proposal",
    summary="Discard a change that waits",
    status_code=204,
    response_description="Proposal discarded.",
    response_class=Response,
    responses=problem_responses(*STORED),
)
async def discard(
    key: Key, proposal: ProposalId, holder: Holder, database: DatabaseThreads, context: WriteContextDep
) -> None:
    """By anybody who may publish the key, also by whoever proposed it."""
    await database(proposals.discard, holder, key, proposal, context)

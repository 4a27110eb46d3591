"""The record of changes."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Security
from pydantic import Field

from app.api.dependencies import PRINTABLE, Holder, Pagination
from app.api.errors import problem_responses
from app.api.routing import ContractRoute, not_stored
from app.api.schemas.authoring import AuditPage
from app.api.security import authorize
from app.api.threads import DatabaseThreads
from app.services.calculation.response import Json
from app.services.publishing.audit import list_changes
from app.services.validation import Maybe

router = APIRouter(tags=["operations"], route_class=ContractRoute, dependencies=[Security(authorize, scopes=["admin"])])


class AuditQuery(Pagination):
    """One page of the changes, of everything or of one subject."""

    before: Maybe[str] = Field(description="`next` of the page before.", max_length=50)
    subject: Maybe[str] = Field(
        description="Only this one: a version (`swindon/2`), a draft's or a key's id.",
        max_length=100,
        pattern=PRINTABLE,
    )


@router.get(
    "/v1/audit",
    operation_id="list_changes",
    summary="Who changed what, and when",
    response_model=AuditPage,
    dependencies=[Depends(not_stored)],
    responses=problem_responses("store-unavailable"),
)
async def audit(query: Annotated[AuditQuery, Query()], holder: Holder, database: DatabaseThreads) -> Json:
    """Newest first, one record for each change, written in the same transaction and never altered."""
    return await database(list_changes, holder.store, query.before, query.limit, query.subject)

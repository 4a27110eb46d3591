"""The record of changes."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from starlette.requests import Request
from starlette.responses import Response

from app.api.access import needs
from app.api.context import live
from app.api.problem_responses import declared
from app.api.rendering import answer
from app.api.schemas.authoring import AuditPage
from app.api.writing import in_thread, page_limit
from app.services.publishing import audit as changes

router = APIRouter(tags=["operations"], dependencies=[Depends(needs("admin"))])


@router.get(
    "/v1/audit",
    operation_id="list_changes",
    summary="Who changed what, and when",
    responses={200: {"model": AuditPage}, **declared("invalid-request", "store-unavailable")},
)
async def audit(
    request: Request,
    before: Annotated[str | None, Query(description="`next` of the page before.", max_length=50)] = None,
    limit: Annotated[str | None, Query(description=f"1 to {changes.MAX_IN_PAGE}; 50 if absent.")] = None,
    subject: Annotated[
        str | None,
        Query(description="Only this one: a version (`swindon/2`), a draft's or a key's id.", max_length=100),
    ] = None,
) -> Response:
    """Newest first, one record for each change, written in the same transaction and never altered."""
    size = page_limit(limit, changes.MAX_IN_PAGE)
    found = await in_thread(changes.list_changes, live(request).store, before or None, size, subject or None)
    return answer(found, headers={"Cache-Control": "no-store"})

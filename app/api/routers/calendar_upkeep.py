"""Calendars compared with their sources: the government's list, the holidays package, a neighbour's calendar."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body, Depends, Path, Query, Response, Security
from pydantic import Field

from app.api.dependencies import PRINTABLE, Holder, SettingsDep, SharedCalendarKey, WriteContextDep
from app.api.errors import READING, problem_responses
from app.api.routers.calendars_authoring import ANSWERS, ChangeMaker, PreviewQuery, SharedChanges
from app.api.routing import ContractRoute, not_stored
from app.api.schemas.authoring_examples import NEIGHBOURS
from app.api.schemas.calendar_changes import CalendarChange, CalendarVerification
from app.api.security import authorize
from app.api.threads import DatabaseThreads, HeavyThreads
from app.services.calculation.response import Json
from app.services.publishing.calendar_upkeep import division_of, verify_calendars
from app.services.publishing.government_list import fetch_list
from app.services.publishing.request import REASON, CalendarFromPackage
from app.services.validation import Maybe, QueryModel, Reason, Truth

router = APIRouter(
    prefix="/v1/calendars/{key}",
    tags=["authoring"],
    route_class=ContractRoute,
    dependencies=[Security(authorize, scopes=["publish"]), Depends(not_stored)],
)


NeighbourKey = Annotated[
    str, Path(description="The new calendar's key.", max_length=100, pattern=PRINTABLE, examples=["jersey"])
]


class NeighbourMaker(ChangeMaker):
    """Make a calendar under a key that has none yet, and so no version for If-Match."""

    def __init__(
        self,
        key: NeighbourKey,
        holder: Holder,
        settings: SettingsDep,
        context: WriteContextDep,
        database: DatabaseThreads,
        response: Response,
    ) -> None:
        super().__init__(key, None, holder, settings, context, database, response)


class UpdateQuery(QueryModel):
    """Whether the list is to be published; else what it would change is reported."""

    publish: Maybe[Truth] = Field(description="true: publish what the list changes. Absent: change nothing.")
    reason: Maybe[Reason] = Field(description=REASON)


class VerifyQuery(QueryModel):
    """What to compare a calendar with, besides the holidays package."""

    government_list: Maybe[Truth] = Field(description="true: fetch the government's list and compare with it too.")


@router.post(
    "/update",
    operation_id="update_calendar",
    summary="Take in the government's list from where it is published",
    response_model=CalendarChange,
    responses={
        **ANSWERS,
        **problem_responses(
            "list-unavailable", "list-not-taken", "conflict", "not-found", "precondition-failed", "store-unavailable"
        ),
    },
)
async def update(
    query: Annotated[UpdateQuery, Query()], settings: SettingsDep, database: DatabaseThreads, changes: SharedChanges
) -> Json | Response:
    """Fetch the list from the address of the service's settings, and report day by day what it changes.

    Nothing is published without `publish=true`. A list that was shortened, cut off, that is not JSON, too slow, too
    long, redirected or of another nation changes nothing, and the answer says why.
    """
    document = division_of(await database(fetch_list, settings), changes.key)
    return await changes.make("update_calendar", document, PreviewQuery(preview=not query.publish), query.reason)


@router.get(
    "/verification",
    operation_id="verify_calendar",
    summary="Where a calendar differs from its sources",
    response_model=CalendarVerification,
    responses=problem_responses("list-unavailable", "not-found", *READING),
)
async def verify(
    key: SharedCalendarKey,
    query: Annotated[VerifyQuery, Query()],
    holder: Holder,
    settings: SettingsDep,
    database: DatabaseThreads,
    heavy: HeavyThreads,
) -> Json:
    """Compare its bank holidays with the holidays package, from which it was made, and with the government's list.

    Nothing is changed. A calendar that extends another is compared by way of that one.
    """
    document = await database(fetch_list, settings) if query.government_list else None
    return await heavy(verify_calendars, holder.snapshot, (key,), document)


@router.post(
    "/from-holidays",
    operation_id="create_calendar",
    summary="Make a calendar for a neighbour",
    response_model=CalendarChange,
    responses=ANSWERS,
)
async def from_holidays(
    body: Annotated[CalendarFromPackage, Body(openapi_examples=NEIGHBOURS)],
    query: Annotated[PreviewQuery, Query()],
    changes: Annotated[NeighbourMaker, Depends()],
) -> Json | Response:
    """Of Jersey, Guernsey, the Isle of Man, Ireland or a nation, from the holidays package, which each day names."""
    return await changes.make("create_calendar", body, query)

"""Calendars as they change."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Body, Depends, Query, Response, Security
from pydantic import Field

from app.api.bodies import OCTETS, receive_table
from app.api.dependencies import CalendarKey, Holder, OptionalIfMatch, SettingsDep, SharedCalendarKey, WriteContextDep
from app.api.errors import BODY, problem_responses
from app.api.responses import proposed
from app.api.routing import ContractRoute, not_stored
from app.api.schemas.authoring import ProposalAnswer
from app.api.schemas.authoring_examples import (
    CALENDARS,
    CLOSURE_TABLE,
    CLOSURES,
    FOLLOWS,
    HOLIDAYS,
    REMOVALS,
)
from app.api.schemas.calendar_changes import CalendarChange
from app.api.security import authorize
from app.api.threads import DatabaseThreads
from app.services.calculation.response import Json
from app.services.ports import Proposal, ProposalAction
from app.services.publishing.calendar_versions import Change
from app.services.publishing.closure_list import read_table
from app.services.publishing.proposals import change_calendar, propose_change
from app.services.publishing.request import (
    REASON,
    BankHoliday,
    ClosureDays,
    DayRemoval,
    FollowRequest,
)
from app.services.validation import Maybe, QueryModel, Reason, Truth, read

ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {"description": "Nothing to change, or a preview."},
    201: {"model": CalendarChange, "description": "A new version."},
    202: {"model": ProposalAnswer, "description": "Proposed; a second person has to approve it."},
    **problem_responses(
        *BODY, "not-found", "precondition-failed", "precondition-required", "conflict", "store-unavailable"
    ),
}
router = APIRouter(
    prefix="/v1/calendars",
    tags=["authoring"],
    route_class=ContractRoute,
    dependencies=[Security(authorize, scopes=["publish"]), Depends(not_stored)],
    responses=ANSWERS,
)
CalendarDocument = Annotated[
    dict[str, Any],
    Body(
        description="The file bank-holidays.json as GOV.UK publishes it, one division of it, or a calendar in this "
        "service's own shape (key, title, first, last, published_until, days).",
        openapi_examples=CALENDARS,
    ),
]


class PreviewQuery(QueryModel):
    """Whether a change is only to be tried."""

    preview: Maybe[Truth] = Field(description="true: report what would change; nothing is stored.")


class CalendarChangeQuery(PreviewQuery):
    """Whether a change of many days is only to be tried, and why it is sent."""

    reason: Maybe[Reason] = Field(description=REASON)


class ClosureTableQuery(CalendarChangeQuery):
    """What a table of closure days does not say itself."""

    source: str = Field(
        description="Who decided it, and where it was said.", min_length=1, examples=["Council meeting of 3 June 2026"]
    )
    extends: Maybe[str] = Field(description="For a new calendar: the key of the one that it extends.")
    title: Maybe[str] = Field(description="For a new calendar.")
    name: Maybe[str] = Field(
        description="What a day is called whose row gives no name.", examples=["Christmas closure"]
    )


class ChangeMaker:
    """Make a change of a calendar and answer with its version: 201 for a new one, else 200.

    With two pairs of eyes the change is proposed instead: 202.
    """

    def __init__(
        self,
        key: CalendarKey,
        expected: OptionalIfMatch,
        holder: Holder,
        settings: SettingsDep,
        context: WriteContextDep,
        database: DatabaseThreads,
        response: Response,
    ) -> None:
        self._database = database
        self.key, self._expected = key, expected
        self._holder, self._context, self._response = holder, context, response
        self._proposes = settings.two_pairs_of_eyes

    async def make(
        self, action: ProposalAction, body: object, query: PreviewQuery, reason: str | None = None
    ) -> Json | Response:
        """Make or propose the change in a thread. Raises Problem, StoreError."""
        change = Change(self._expected, bool(query.preview), reason, self._context)
        work = propose_change if self._proposes and not query.preview else change_calendar
        made = await self._database(work, self._holder, self.key, action, body, change)
        if isinstance(made, Proposal):
            return proposed(made)
        self._response.headers["ETag"] = f'"{made["version"]}"'
        if made["changed"] and not made["preview"]:
            self._response.status_code = 201
            self._response.headers["Location"] = f"/v1/calendars/{quote(self.key)}/versions/{made['version']}"
        return made


class SharedChangeMaker(ChangeMaker):
    """Make a change of a calendar that others extend."""

    def __init__(
        self,
        key: SharedCalendarKey,
        expected: OptionalIfMatch,
        holder: Holder,
        settings: SettingsDep,
        context: WriteContextDep,
        database: DatabaseThreads,
        response: Response,
    ) -> None:
        super().__init__(key, expected, holder, settings, context, database, response)


Changes = Annotated[ChangeMaker, Depends()]
SharedChanges = Annotated[SharedChangeMaker, Depends()]


@router.post(
    "/{key}/versions",
    operation_id="publish_calendar",
    summary="Take in the government's list, or a whole calendar",
    response_model=CalendarChange,
)
async def publish(
    body: CalendarDocument, query: Annotated[CalendarChangeQuery, Query()], changes: SharedChanges
) -> Json | Response:
    """Publish a new version from the list, which is the authority for the years that it covers.

    The answer reports the days added, removed, renamed and confirmed. The same list twice makes one version.
    """
    return await changes.make("publish_calendar", body, query, query.reason)


@router.post(
    "/{key}/closure-days",
    operation_id="add_closure_days",
    summary="Add an authority's closure days",
    response_model=CalendarChange,
)
async def closure_days(
    body: Annotated[ClosureDays, Body(openapi_examples=CLOSURES)],
    query: Annotated[PreviewQuery, Query()],
    changes: Changes,
) -> Json | Response:
    """On a calendar that extends another, which is created if there is none; a key for the profile may keep its own.

    With `preview=true`, `moves` shows which limits the days put off. Limits that protect a child stay where they are.
    """
    return await changes.make("add_closure_days", body, query)


@router.post(
    "/{key}/closure-days.csv",
    operation_id="add_closure_table",
    summary="Add an authority's closure days from a table",
    response_model=CalendarChange,
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {OCTETS: {"schema": {"type": "string", "format": "binary"}, "examples": CLOSURE_TABLE}},
        }
    },
)
async def closure_table(
    table: Annotated[str, Depends(receive_table)], query: Annotated[ClosureTableQuery, Query()], changes: Changes
) -> Json | Response:
    """Read the list as Excel saves it: dates in one column (29/12/2026 or 2026-12-29), names in another or nowhere.

    Otherwise as the closure days that are sent as JSON. Try it with `preview=true`: `moves` shows which limits move.
    """
    days = read_table(table, query.name)
    sent = {"days": days, **query.model_dump(include={"source", "extends", "title", "reason"}, exclude_none=True)}
    return await changes.make("add_closure_days", read(ClosureDays, sent), query)


@router.post(
    "/{key}/bank-holidays",
    operation_id="add_bank_holiday",
    summary="Add a one-off bank holiday",
    response_model=CalendarChange,
)
async def bank_holidays(
    body: Annotated[BankHoliday, Body(openapi_examples=HOLIDAYS)],
    query: Annotated[PreviewQuery, Query()],
    changes: Changes,
) -> Json | Response:
    """Before the government's list has it. Calendars that extend this one follow at once, and are named."""
    return await changes.make("add_bank_holiday", body, query)


@router.post(
    "/{key}/removals",
    operation_id="remove_day",
    summary="Make a day count again",
    response_model=CalendarChange,
)
async def removals(
    body: Annotated[DayRemoval, Body(openapi_examples=REMOVALS)],
    query: Annotated[PreviewQuery, Query()],
    changes: Changes,
) -> Json | Response:
    """Remove a bank holiday that was moved or cancelled, or a closure. Versions published before keep the day."""
    return await changes.make("remove_day", body, query)


@router.post(
    "/{key}/follow",
    operation_id="follow_calendar",
    summary="Follow the calendar that this one extends",
    response_model=CalendarChange,
)
async def follow(
    body: Annotated[FollowRequest, Body(openapi_examples=FOLLOWS)],
    query: Annotated[PreviewQuery, Query()],
    changes: Changes,
) -> Json | Response:
    """To its latest version: what this calendar added or removed, it adds and removes there."""
    return await changes.make("follow_calendar", body, query)

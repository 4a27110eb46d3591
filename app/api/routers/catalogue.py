"""What there is to ask for."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Response, Security
from pydantic import Field

from app.api.dependencies import CurrentSnapshot, Version
from app.api.errors import READING, problem_responses
from app.api.routing import CachedRoute, immutable
from app.api.schemas.catalogue import (
    CalendarDetail,
    CalendarList,
    CalendarVersionAnswer,
    DutyList,
    EventTypes,
    FactList,
    ProfileDetail,
    ProfileList,
    ProfileVersionAnswer,
    RuleAnswer,
)
from app.api.security import authorize
from app.api.withdrawn import withdrawn_headers
from app.services import catalogue
from app.services.calculation.response import Json
from app.services.validation import Maybe, QueryModel

NOT_MODIFIED: dict[int | str, dict[str, Any]] = {304: {"description": "Not modified."}}
NOT_FOUND = problem_responses(*READING, "not-found")

router = APIRouter(
    tags=["catalogue"],
    route_class=CachedRoute,
    dependencies=[Security(authorize, scopes=["read"])],
    responses={**NOT_MODIFIED, **problem_responses(*READING)},
)
Key = Annotated[str, Path(description="The key.", max_length=100)]
RuleId = Annotated[str, Path(description="The rule's id.", max_length=200)]


class EventTypesQuery(QueryModel):
    """Which events to list."""

    profile: Maybe[str] = Field(description="Only what this profile knows.", max_length=100)
    counterpart: Maybe[str] = Field(
        description="Only events whose counterpart in the sector's data standards has this text.",
        examples=["CPPstartDate"],
        max_length=100,
    )


@router.get(
    "/v1/event-types",
    operation_id="list_event_types",
    summary="Every event, with the facts that matter to it",
    response_model=EventTypes,
    responses=NOT_FOUND,
)
async def event_types(query: Annotated[EventTypesQuery, Query()], snapshot: CurrentSnapshot) -> Json:
    """List the events that may be sent, across all profiles or for one."""
    return catalogue.list_event_types(snapshot, query.profile, query.counterpart)


@router.get(
    "/v1/facts",
    operation_id="list_facts",
    summary="Every fact that may be sent",
    response_model=FactList,
)
async def facts(snapshot: CurrentSnapshot) -> Json:
    """List the facts, their types, and what the absence of each means."""
    return catalogue.list_facts(snapshot)


@router.get(
    "/v1/duties",
    operation_id="list_duties",
    summary="Every duty, the same key in every profile",
    response_model=DutyList,
)
async def duties(snapshot: CurrentSnapshot) -> Json:
    """List the duties by which profiles can be compared."""
    return catalogue.list_duties(snapshot)


@router.get(
    "/v1/profiles",
    operation_id="list_profiles",
    summary="Every profile",
    response_model=ProfileList,
)
async def profiles(snapshot: CurrentSnapshot) -> Json:
    """List the profiles, each with its latest version."""
    return catalogue.list_profiles(snapshot)


@router.get(
    "/v1/profiles/{key}",
    operation_id="get_profile",
    summary="One profile and its versions",
    response_model=ProfileDetail,
    responses=NOT_FOUND,
)
async def profile(key: Key, snapshot: CurrentSnapshot) -> Json:
    """One profile with every version of it, its force and who published it."""
    return catalogue.describe_profile(snapshot, key)


@router.get(
    "/v1/profiles/{key}/versions/{version}",
    operation_id="get_profile_version",
    dependencies=[Depends(immutable)],
    summary="One version: its document and its rules",
    response_model=ProfileVersionAnswer,
    responses=NOT_FOUND,
)
async def profile_version(key: Key, version: Version, snapshot: CurrentSnapshot, response: Response) -> Json:
    """One published version, which never changes."""
    response.headers.update(withdrawn_headers(snapshot, catalogue.find_version(snapshot, key, version)))
    return catalogue.describe_version(snapshot, key, version)


@router.get(
    "/v1/profiles/{key}/versions/{version}/rules/{rule}",
    operation_id="get_rule",
    dependencies=[Depends(immutable)],
    summary="One rule",
    response_model=RuleAnswer,
    responses=NOT_FOUND,
)
async def rule(key: Key, version: Version, rule: RuleId, snapshot: CurrentSnapshot, response: Response) -> Json:
    """Return one rule of one version, in words and as data."""
    response.headers.update(withdrawn_headers(snapshot, catalogue.find_version(snapshot, key, version)))
    return catalogue.describe_rule(snapshot, key, version, rule)


@router.get(
    "/v1/calendars",
    operation_id="list_calendars",
    summary="Every calendar",
    response_model=CalendarList,
)
async def calendars(snapshot: CurrentSnapshot) -> Json:
    """List the calendars, each in its latest version."""
    return catalogue.list_calendars(snapshot)


@router.get(
    "/v1/calendars/{key}",
    operation_id="get_calendar",
    summary="One calendar and its versions",
    response_model=CalendarDetail,
    responses=NOT_FOUND,
)
async def calendar(key: Key, snapshot: CurrentSnapshot) -> Json:
    """One calendar with every version of it."""
    return catalogue.describe_calendar(snapshot, key)


@router.get(
    "/v1/calendars/{key}/versions/{version}",
    operation_id="get_calendar_version",
    dependencies=[Depends(immutable)],
    summary="One version of a calendar with its days",
    response_model=CalendarVersionAnswer,
    responses=NOT_FOUND,
)
async def calendar_version(key: Key, version: Version, snapshot: CurrentSnapshot) -> Json:
    """Every day that does not count, and where it came from."""
    return catalogue.describe_calendar_version(snapshot, key, version)

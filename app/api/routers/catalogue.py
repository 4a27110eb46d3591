"""What there is to ask for."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query
from starlette.requests import Request
from starlette.responses import Response

from app.api.access import needs
from app.api.context import snapshot
from app.api.problem_responses import READING, declared
from app.api.rendering import IMMUTABLE, tagged
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
from app.api.withdrawn import withdrawn_headers
from app.services import catalogue

router = APIRouter(tags=["catalogue"], dependencies=[Depends(needs("read"))])

KeyPath = Annotated[str, Path(description="The key.")]
VersionPath = Annotated[str, Path(description="The version's number.", examples=["1"])]
RulePath = Annotated[str, Path(description="The rule's id.")]
NOT_MODIFIED: dict[int | str, dict[str, Any]] = {304: {"description": "You have it already."}}


def _number(text: str) -> int:
    """A version's number in a path; one that is no number is simply not there."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 7 else 0


@router.get(
    "/v1/event-types",
    operation_id="list_event_types",
    summary="Every event, with the facts that matter to it",
    responses={200: {"model": EventTypes}, **NOT_MODIFIED, **declared(*READING, "not-found")},
)
async def event_types(
    request: Request,
    profile: Annotated[str | None, Query(description="Only what this profile knows.", max_length=100)] = None,
) -> Response:
    """The events that may be sent, across all profiles or for one."""
    return tagged(request, catalogue.list_event_types(snapshot(request), profile or None))


@router.get(
    "/v1/facts",
    operation_id="list_facts",
    summary="Every fact that may be sent",
    responses={200: {"model": FactList}, **NOT_MODIFIED, **declared(*READING)},
)
async def facts(request: Request) -> Response:
    """The facts, their types, and what the absence of each means."""
    return tagged(request, catalogue.list_facts(snapshot(request)))


@router.get(
    "/v1/duties",
    operation_id="list_duties",
    summary="Every duty, the same key in every profile",
    responses={200: {"model": DutyList}, **NOT_MODIFIED, **declared(*READING)},
)
async def duties(request: Request) -> Response:
    """The duties by which profiles can be compared."""
    return tagged(request, catalogue.list_duties(snapshot(request)))


@router.get(
    "/v1/profiles",
    operation_id="list_profiles",
    summary="Every profile",
    responses={200: {"model": ProfileList}, **NOT_MODIFIED, **declared(*READING)},
)
async def profiles(request: Request) -> Response:
    """The profiles, each with its latest version."""
    return tagged(request, catalogue.list_profiles(snapshot(request)))


@router.get(
    "/v1/profiles/{key}",
    operation_id="get_profile",
    summary="One profile and its versions",
    responses={200: {"model": ProfileDetail}, **NOT_MODIFIED, **declared(*READING, "not-found")},
)
async def profile(request: Request, key: KeyPath) -> Response:
    """One profile with every version of it, its force and who published it."""
    return tagged(request, catalogue.describe_profile(snapshot(request), key))


@router.get(
    "/v1/profiles/{key}/versions/{version}",
    operation_id="get_profile_version",
    summary="One version: its document and its rules",
    responses={200: {"model": ProfileVersionAnswer}, **NOT_MODIFIED, **declared(*READING, "not-found")},
)
async def profile_version(request: Request, key: KeyPath, version: VersionPath) -> Response:
    """One published version, which never changes."""
    held = snapshot(request)
    found = catalogue.find_version(held, key, _number(version))
    body = catalogue.describe_version(held, key, found.version)
    return tagged(request, body, IMMUTABLE, withdrawn_headers(held, found))


@router.get(
    "/v1/profiles/{key}/versions/{version}/rules/{rule}",
    operation_id="get_rule",
    summary="One rule",
    responses={200: {"model": RuleAnswer}, **NOT_MODIFIED, **declared(*READING, "not-found")},
)
async def rule(request: Request, key: KeyPath, version: VersionPath, rule: RulePath) -> Response:
    """One rule of one version, in plain words and as data."""
    held = snapshot(request)
    found = catalogue.find_version(held, key, _number(version))
    body = catalogue.describe_rule(held, key, found.version, rule)
    return tagged(request, body, IMMUTABLE, withdrawn_headers(held, found))


@router.get(
    "/v1/calendars",
    operation_id="list_calendars",
    summary="Every calendar",
    responses={200: {"model": CalendarList}, **NOT_MODIFIED, **declared(*READING)},
)
async def calendars(request: Request) -> Response:
    """The calendars, each in its latest version."""
    return tagged(request, catalogue.list_calendars(snapshot(request)))


@router.get(
    "/v1/calendars/{key}",
    operation_id="get_calendar",
    summary="One calendar and its versions",
    responses={200: {"model": CalendarDetail}, **NOT_MODIFIED, **declared(*READING, "not-found")},
)
async def calendar(request: Request, key: KeyPath) -> Response:
    """One calendar with every version of it."""
    return tagged(request, catalogue.describe_calendar(snapshot(request), key))


@router.get(
    "/v1/calendars/{key}/versions/{version}",
    operation_id="get_calendar_version",
    summary="One version of a calendar with its days",
    responses={200: {"model": CalendarVersionAnswer}, **NOT_MODIFIED, **declared(*READING, "not-found")},
)
async def calendar_version(request: Request, key: KeyPath, version: VersionPath) -> Response:
    """Every day that does not count, and where it came from."""
    return tagged(request, catalogue.describe_calendar_version(snapshot(request), key, _number(version)), IMMUTABLE)

"""What there is to ask for."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Response, Security

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
    Form,
    ProfileDetail,
    ProfileList,
    ProfileVersionAnswer,
    RuleAnswer,
    WordList,
)
from app.api.security import authorize
from app.api.threads import HeavyThreads
from app.api.withdrawn import withdrawn_headers
from app.services import catalogue, catalogue_lists
from app.services.calculation.response import Json
from app.services.catalogue_lists import CatalogueQuery, EventTypesQuery
from app.services.fact_form import FormQuery, fact_form
from app.services.words import search
from app.services.words_request import WordsQuery

NOT_MODIFIED: dict[int | str, dict[str, Any]] = {304: {"description": "Not modified."}}
NOT_FOUND = problem_responses(*READING, "not-found")

router = APIRouter(
    tags=["catalogue"],
    route_class=CachedRoute,
    dependencies=[Security(authorize, scopes=["read"])],
    responses={**NOT_MODIFIED, **problem_responses(*READING)},
)
Key = Annotated[str, Path(description="The key of a profile.", max_length=100, examples=["swindon"])]
CalendarKey = Annotated[str, Path(description="The key of a calendar.", max_length=100, examples=["england-and-wales"])]
RuleId = Annotated[str, Path(description="The rule's id.", max_length=200, examples=["icpc-held"])]


@router.get(
    "/v1/event-types",
    operation_id="list_event_types",
    summary="The events, with the facts that matter to each and the duties that it starts",
    response_model=EventTypes,
    responses=NOT_FOUND,
)
async def event_types(
    query: Annotated[EventTypesQuery, Query()], snapshot: CurrentSnapshot, heavy: HeavyThreads
) -> Json:
    """List the events that may be sent, by their titles: all, or those of a profile, of a duty, or that words find.

    Under a profile each event names the duties that it starts, and the facts that those read.
    """
    return await heavy.if_long(catalogue_lists.list_event_types, snapshot, query)


@router.get(
    "/v1/facts",
    operation_id="list_facts",
    summary="The facts that may be sent",
    response_model=FactList,
    responses=NOT_FOUND,
)
async def facts(query: Annotated[CatalogueQuery, Query()], snapshot: CurrentSnapshot, heavy: HeavyThreads) -> Json:
    """List the facts, their types, and what its absence means: all, or those that an event or a duty asks for."""
    return await heavy.if_long(catalogue_lists.list_facts, snapshot, query)


@router.get(
    "/v1/duties",
    operation_id="list_duties",
    summary="The duties, the same key in every profile",
    response_model=DutyList,
    responses=NOT_FOUND,
)
async def duties(query: Annotated[CatalogueQuery, Query()], snapshot: CurrentSnapshot, heavy: HeavyThreads) -> Json:
    """List the duties by which profiles can be compared: all, or those that an event starts in a profile."""
    return await heavy.if_long(catalogue_lists.list_duties, snapshot, query)


@router.get(
    "/v1/form",
    operation_id="get_form",
    summary="The facts that matter to an event, as a form",
    response_model=Form,
    responses=problem_responses(*READING, "not-found", "event-does-not-start-duty"),
)
async def form(query: Annotated[FormQuery, Query()], snapshot: CurrentSnapshot, heavy: HeavyThreads) -> Json:
    """Return a JSON Schema of just the facts that the event's rules read, or those of one duty, with their titles.

    Those that decide come first. None is required: an answer that misses a deciding fact names it.
    """
    return await heavy.if_long(fact_form, snapshot, query)


@router.get(
    "/v1/words",
    operation_id="find_words",
    summary="Events, facts and duties by the words that people use",
    response_model=WordList,
    responses=NOT_FOUND,
)
async def words(query: Annotated[WordsQuery, Query()], snapshot: CurrentSnapshot, heavy: HeavyThreads) -> Json:
    """Find what contains every word, the best first; `LAC review` finds the looked-after review."""
    return await heavy.if_long(search, snapshot, query.q, query.kind, query.profile, query.limit, query.starts)


@router.get(
    "/v1/profiles",
    operation_id="list_profiles",
    summary="Every profile",
    response_model=ProfileList,
)
async def profiles(snapshot: CurrentSnapshot, heavy: HeavyThreads) -> Json:
    """List the profiles, each with its latest version."""
    return await heavy.if_long(catalogue.list_profiles, snapshot)


@router.get(
    "/v1/profiles/{key}",
    operation_id="get_profile",
    summary="One profile and its versions",
    response_model=ProfileDetail,
    responses=NOT_FOUND,
)
async def profile(key: Key, snapshot: CurrentSnapshot, heavy: HeavyThreads) -> Json:
    """One profile with every version of it, its force and who published it."""
    return await heavy.if_long(catalogue.describe_profile, snapshot, key)


@router.get(
    "/v1/profiles/{key}/versions/{version}",
    operation_id="get_profile_version",
    dependencies=[Depends(immutable)],
    summary="One version: its document and its rules",
    response_model=ProfileVersionAnswer,
    responses=NOT_FOUND,
)
async def profile_version(
    key: Key, version: Version, snapshot: CurrentSnapshot, response: Response, heavy: HeavyThreads
) -> Json:
    """One published version, which never changes."""
    response.headers.update(withdrawn_headers(snapshot, catalogue.find_published(snapshot, key, version)))
    return await heavy.if_long(catalogue.describe_version, snapshot, key, version)


@router.get(
    "/v1/profiles/{key}/versions/{version}/rules/{rule}",
    operation_id="get_rule",
    dependencies=[Depends(immutable)],
    summary="One rule",
    response_model=RuleAnswer,
    responses=NOT_FOUND,
)
async def rule(
    key: Key, version: Version, rule: RuleId, snapshot: CurrentSnapshot, response: Response, heavy: HeavyThreads
) -> Json:
    """Return one rule of one version, in words and as data."""
    response.headers.update(withdrawn_headers(snapshot, catalogue.find_published(snapshot, key, version)))
    return await heavy.if_long(catalogue.describe_rule, snapshot, key, version, rule)


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
async def calendar(key: CalendarKey, snapshot: CurrentSnapshot) -> Json:
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
async def calendar_version(key: CalendarKey, version: Version, snapshot: CurrentSnapshot, heavy: HeavyThreads) -> Json:
    """Every day that does not count, and where it came from."""
    return await heavy.if_long(catalogue.describe_calendar_version, snapshot, key, version)

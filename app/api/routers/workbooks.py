"""Profiles as Excel workbooks: one to fill in, and those of published versions to read or to change."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response, Security

from app.api.dependencies import CurrentSnapshot, ProfileKey, Version
from app.api.errors import READING, problem_responses
from app.api.routing import CachedRoute
from app.api.security import authorize
from app.api.threads import HeavyThreads
from app.api.withdrawn import withdrawn_headers
from app.services.catalogue import find_published
from app.services.problems import Fault, Problem
from app.services.workbook import new_workbook, write_workbook
from app.services.workbook.request import NewWorkbookQuery

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
router = APIRouter(tags=["authoring"], route_class=CachedRoute, dependencies=[Security(authorize, scopes=["read"])])


class Workbook(Response):
    """An Excel workbook."""

    media_type = XLSX


def _answers(description: str, *problems: str) -> dict[int | str, dict[str, Any]]:
    content = {XLSX: {"schema": {"type": "string", "format": "binary"}}}
    return {
        200: {"description": description, "content": content},
        304: {"description": "Not modified."},
        **problem_responses(*READING, "not-acceptable", *problems),
    }


def _file(data: bytes, name: str, headers: dict[str, str] | None = None) -> Workbook:
    return Workbook(data, headers={"Content-Disposition": f'attachment; filename="{name}.xlsx"', **(headers or {})})


@router.get(
    "/v1/workbook",
    operation_id="new_workbook",
    summary="An Excel workbook to write a new profile in",
    response_class=Workbook,
    responses=_answers("An empty workbook with lists of events, duties, facts and units to choose from."),
)
async def new(query: Annotated[NewWorkbookQuery, Query()], heavy: HeavyThreads) -> Response:
    """One row a rule, with the words to choose from. Send it as a draft when it is filled in."""
    return await heavy(_new, query)


def _new(query: NewWorkbookQuery) -> Workbook:
    try:
        return _file(new_workbook(query.key, query.title), query.key)
    except ValueError as error:
        fault = Fault("title", str(error), "send a title of one line, or none")
        raise Problem("invalid-request", "1 fault found; `errors` lists it.", [fault]) from None


@router.get(
    "/v1/profiles/{key}/versions/{version}/workbook",
    operation_id="get_profile_workbook",
    summary="One version as an Excel workbook",
    response_class=Workbook,
    responses=_answers("The version: one row a rule, and what needs more than a row as TOML.", "not-found"),
)
async def workbook(key: ProfileKey, version: Version, snapshot: CurrentSnapshot, heavy: HeavyThreads) -> Response:
    """Return the document that was published: sent back as a draft unchanged, it is that document again."""
    published = find_published(snapshot, key, version)
    name = f"{key}-{version}"
    headers = withdrawn_headers(snapshot, published)
    return await heavy(lambda: _file(write_workbook(published.record.document), name, headers))

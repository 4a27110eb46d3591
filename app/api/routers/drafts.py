"""Profiles being written: their drafts, what is wrong with them, and what they would change."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Body, Depends, Path, Query, Response, Security
from pydantic import Field

from app.api.dependencies import (
    PRINTABLE,
    Holder,
    IfMatch,
    NewProfileKey,
    Pagination,
    ProfileKey,
    WriteContextDep,
)
from app.api.errors import BODY, CALCULATING, problem_responses
from app.api.responses import RenderedJson
from app.api.routing import ContractRoute, not_stored
from app.api.schemas.authoring import DraftAnswer, DraftDifference, DraftList, DraftSummary, ValidationAnswer
from app.api.schemas.authoring_examples import BASED, DRAFTS, FILE_BODIES, IMPACTS, SENT_BACK
from app.api.schemas.comparisons import Impact
from app.api.security import authorize
from app.api.threads import DatabaseThreads, HeavyThreads
from app.services.calculation.response import Json
from app.services.comparison.request import DraftImpactRequest
from app.services.publishing import drafts
from app.services.publishing.impact import draft_impact
from app.services.publishing.profile_file import ProfileFile
from app.services.publishing.request import DraftCreate, DraftReplace, SendBackRequest
from app.services.publishing.storable_document import read_document
from app.services.validation import Maybe, QueryModel, VersionText

router = APIRouter(
    prefix="/v1/profiles/{key}/drafts",
    tags=["authoring"],
    route_class=ContractRoute,
    dependencies=[Depends(not_stored)],
)
AUTHOR = [Security(authorize, scopes=["author"])]
REVIEW = [Security(authorize, scopes=["review"])]
STORED = ("not-found", "store-unavailable")
CHANGING = (*STORED, "precondition-required", "precondition-failed", "conflict")
DraftId = Annotated[str, Path(description="The draft's id.", max_length=100, pattern=PRINTABLE, examples=["1"])]


class DraftsQuery(Pagination):
    """One page of the drafts."""

    after: Maybe[str] = Field(description="`next` of the page before.", max_length=200)


class DiffQuery(QueryModel):
    """What to compare a draft with."""

    against: Maybe[VersionText] = Field(description="A version's number; absent: the one in force today.")


def draft_answer(draft: drafts.ValidatedDraft, response: Response) -> Json:
    """Return the body of a draft's answer, and set its ETag."""
    response.headers["ETag"] = f'"{draft.draft.revision}"'
    return draft.as_json()


@router.post(
    "",
    operation_id="create_draft",
    summary="Begin a draft",
    status_code=201,
    response_model=DraftAnswer,
    dependencies=AUTHOR,
    responses=problem_responses(*BODY, *STORED, "conflict"),
)
async def create(
    key: NewProfileKey,
    body: Annotated[DraftCreate, Body(openapi_examples=DRAFTS)],
    holder: Holder,
    database: DatabaseThreads,
    context: WriteContextDep,
    response: Response,
) -> Json:
    """Of a new or an existing key. It is stored whatever is wrong with it; all of that is under `validation`.

    A draft is seen only by those who may author, review or publish its key.
    """
    created = await database(drafts.create_draft, holder, key, body, context)
    response.headers["Location"] = f"/v1/profiles/{quote(key)}/drafts/{created.draft.id}"
    return draft_answer(created, response)


@router.get(
    "",
    operation_id="list_drafts",
    summary="The drafts of a key",
    response_model=DraftList,
    dependencies=REVIEW,
    responses=problem_responses(*STORED),
)
async def list_drafts(
    key: ProfileKey, query: Annotated[DraftsQuery, Query()], holder: Holder, database: DatabaseThreads
) -> Json:
    """Unpublished ones, oldest first. Drafts added or deleted meanwhile neither repeat nor hide any other."""
    return await database(drafts.list_drafts, holder, {key}, query.after, query.limit)


@router.get(
    "/{draft}",
    operation_id="get_draft",
    summary="One draft",
    response_model=DraftAnswer,
    dependencies=REVIEW,
    responses=problem_responses(*STORED),
)
async def get_draft(
    key: ProfileKey, draft: DraftId, holder: Holder, database: DatabaseThreads, response: Response
) -> Json:
    """With its document and what is wrong with it. The ETag is its revision: send it as If-Match to change it."""
    return draft_answer(await database(drafts.read_draft, holder, key, draft), response)


@router.put(
    "/{draft}",
    operation_id="replace_draft",
    summary="Replace a draft's document",
    response_model=DraftAnswer,
    dependencies=AUTHOR,
    responses=problem_responses(*BODY, *CHANGING),
    openapi_extra=FILE_BODIES,
)
async def replace(  # noqa: PLR0917 - dependencies, which FastAPI passes by name
    key: ProfileKey,
    draft: DraftId,
    expected: IfMatch,
    body: Annotated[DraftReplace, Body(openapi_examples=BASED)],
    holder: Holder,
    database: DatabaseThreads,
    context: WriteContextDep,
    response: Response,
) -> Json:
    """Replace only the revision that you read (If-Match): the second of two writers gets 412, and nothing is lost."""

    def replace() -> drafts.ValidatedDraft:
        file = ProfileFile(read_document(body.document))
        return drafts.replace_draft(holder, key, draft, file, expected, context)

    return draft_answer(await database(replace), response)


@router.delete(
    "/{draft}",
    operation_id="delete_draft",
    summary="Discard a draft",
    status_code=204,
    response_description="Draft deleted.",
    response_class=Response,
    dependencies=AUTHOR,
    responses=problem_responses(*CHANGING),
)
async def delete(
    key: ProfileKey,
    draft: DraftId,
    expected: IfMatch,
    holder: Holder,
    database: DatabaseThreads,
    context: WriteContextDep,
) -> None:
    """Only an unpublished one, from the revision that you read (If-Match)."""
    await database(drafts.delete_draft, holder, key, draft, expected, context)


@router.post(
    "/{draft}/send-back",
    operation_id="send_back_draft",
    summary="Send a draft back to its authors",
    response_model=DraftSummary,
    dependencies=[Security(authorize, scopes=["publish"])],
    responses=problem_responses(*BODY, *CHANGING),
)
async def send_back(
    key: ProfileKey,
    draft: DraftId,
    expected: IfMatch,
    body: Annotated[SendBackRequest, Body(openapi_examples=SENT_BACK)],
    holder: Holder,
    database: DatabaseThreads,
    context: WriteContextDep,
) -> Json:
    """Instead of publishing it: its authors read the comment, and it waits until one of them replaces the document."""
    return await database(drafts.send_back_draft, holder, key, draft, body, expected, context)


@router.post(
    "/{draft}/validate",
    operation_id="validate_draft",
    summary="What is wrong with a draft",
    response_model=ValidationAnswer,
    dependencies=REVIEW,
    responses=problem_responses(*STORED),
)
async def validate_draft(
    key: ProfileKey, draft: DraftId, holder: Holder, database: DatabaseThreads, response: Response
) -> Json:
    """Judged anew, under the versions and calendars that are published now."""
    validated = await database(drafts.read_draft, holder, key, draft)
    response.headers["ETag"] = f'"{validated.draft.revision}"'
    return validated.validation.as_json()


@router.get(
    "/{draft}/diff",
    operation_id="diff_draft",
    summary="What a draft changes",
    response_model=DraftDifference,
    dependencies=REVIEW,
    responses=problem_responses(*STORED),
)
async def diff_draft(
    key: ProfileKey,
    draft: DraftId,
    query: Annotated[DiffQuery, Query()],
    holder: Holder,
    database: DatabaseThreads,
    context: WriteContextDep,
) -> Json:
    """Against the version in force today, else the latest, or the one named; before anything is published."""
    return await database(drafts.draft_diff, holder, key, draft, query.against, context)


@router.post(
    "/{draft}/impact",
    operation_id="draft_impact",
    summary="What a draft would change for events",
    response_model=Impact,
    response_description="As POST /v1/comparisons answers a list of events, with the draft as `after`.",
    dependencies=REVIEW,
    responses=problem_responses(*BODY, *STORED, "not-publishable", *CALCULATING),
)
async def impact(
    key: ProfileKey,
    draft: DraftId,
    body: Annotated[DraftImpactRequest, Body(openapi_examples=IMPACTS)],
    holder: Holder,
    database: DatabaseThreads,
    heavy: HeavyThreads,
) -> RenderedJson:
    """Report what is added, removed, moved and unchanged, event by event. Nothing is saved.

    The draft answers from its first day in force, and before it the version that would go on answering; to count an
    earlier event under the draft, pin it with `after.profile_version`. An event or a fact that one side alone has is no
    fault: `notes` say why the other starts nothing.
    """
    validated = await database(drafts.read_draft, holder, key, draft)
    return await heavy(lambda: RenderedJson(draft_impact(holder.snapshot, validated, body)))

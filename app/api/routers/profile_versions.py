"""Profile versions: validated, compared, published and withdrawn."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Body, Depends, Query, Response, Security
from pydantic import Field

from app.api.dependencies import (
    CurrentCaller,
    CurrentSnapshot,
    Holder,
    IfMatch,
    ProfileKey,
    SettingsDep,
    Version,
    WriteContextDep,
)
from app.api.errors import BODY, READING, problem_responses
from app.api.responses import proposed
from app.api.routers.drafts import CHANGING, DraftId
from app.api.routing import CachedRoute, ContractRoute, immutable, not_stored
from app.api.schemas.authoring import ProposalAnswer, Publication, ValidationAnswer, VersionDifference, Withdrawal
from app.api.schemas.authoring_examples import BASED, FILE_BODIES, PUBLICATIONS, WITHDRAWALS
from app.api.security import authorize
from app.api.threads import DatabaseThreads, HeavyThreads
from app.services.calculation.response import Json
from app.services.publishing import drafts, profile_versions
from app.services.publishing.proposals import propose_withdrawal
from app.services.publishing.request import DraftReplace, PublishRequest, WithdrawRequest
from app.services.validation import QueryModel, VersionText

router = APIRouter(prefix="/v1/profiles", tags=["authoring"], route_class=ContractRoute)
NOT_MODIFIED: dict[int | str, dict[str, Any]] = {304: {"description": "Not modified."}}


class VersionsQuery(QueryModel):
    """Two versions to compare."""

    from_: VersionText = Field(alias="from", description="The older version's number.", examples=[1])
    to: VersionText = Field(description="The newer version's number.", examples=[1])


@router.post(
    "/validations",
    operation_id="validate_profile",
    summary="What is wrong with a document, without storing it",
    response_model=ValidationAnswer,
    dependencies=[Security(authorize, scopes=["calculate"]), Depends(not_stored)],
    responses=problem_responses(*BODY),
    openapi_extra=FILE_BODIES,
)
async def validate(
    body: Annotated[DraftReplace, Body(openapi_examples=BASED)], snapshot: CurrentSnapshot, heavy: HeavyThreads
) -> Json:
    """Every fault at once, each with its path in the document and what would mend it; warnings apart."""
    return await heavy(drafts.validate_unsaved, body, snapshot)


async def diff_versions(
    key: ProfileKey, query: Annotated[VersionsQuery, Query()], snapshot: CurrentSnapshot, heavy: HeavyThreads
) -> Json:
    """Rules added, removed and changed with their fields, and what else of the document changed."""
    return await heavy(drafts.version_diff, snapshot, key, query.from_, query.to)


router.add_api_route(
    "/{key}/diff",
    diff_versions,
    operation_id="diff_versions",
    summary="What one version changed against another",
    response_model=VersionDifference,
    dependencies=[Security(authorize, scopes=["read"]), Depends(immutable)],
    responses={**NOT_MODIFIED, **problem_responses(*READING, "not-found")},
    route_class_override=CachedRoute,
)


@router.post(
    "/{key}/drafts/{draft}/publish",
    operation_id="publish_draft",
    summary="Publish a draft",
    status_code=201,
    response_model=Publication,
    dependencies=[Security(authorize, scopes=["publish"])],
    responses=problem_responses(*BODY, *CHANGING, "not-publishable"),
)
async def publish(  # noqa: PLR0917 - dependencies, which FastAPI passes by name
    key: ProfileKey,
    draft: DraftId,
    expected: IfMatch,
    body: Annotated[PublishRequest, Body(openapi_examples=PUBLICATIONS)],
    holder: Holder,
    database: DatabaseThreads,
    settings: SettingsDep,
    caller: CurrentCaller,
    context: WriteContextDep,
    response: Response,
) -> Json:
    """Make it the next version of its key: numbered, immutable, in force from the day sent, used at once.

    A day before today needs a reason. Two publishing the same draft make one version: the other gets 409.
    """
    published = await database(
        profile_versions.publish_draft,
        holder,
        key,
        draft,
        body,
        expected_revision=expected,
        caller=caller,
        require_second_approver=settings.two_pairs_of_eyes,
        context=context,
    )
    response.headers["Location"] = f"/v1/profiles/{quote(key)}/versions/{published['version']}"
    return published


@router.post(
    "/{key}/versions/{version}/withdraw",
    operation_id="withdraw_version",
    summary="Withdraw a version",
    response_model=Withdrawal,
    response_model_exclude_unset=True,
    dependencies=[Security(authorize, scopes=["publish"])],
    responses={
        202: {"model": ProposalAnswer, "description": "Proposed; a second person has to approve it."},
        **problem_responses(*BODY, "not-found", "conflict", "store-unavailable"),
    },
)
async def withdraw(
    key: ProfileKey,
    version: Version,
    body: Annotated[WithdrawRequest, Body(openapi_examples=WITHDRAWALS)],
    holder: Holder,
    database: DatabaseThreads,
    settings: SettingsDep,
    context: WriteContextDep,
) -> Json | Response:
    """End its force, once and for all. It stays readable and may be pinned; the version before it answers again."""
    if settings.two_pairs_of_eyes:
        return proposed(await database(propose_withdrawal, holder, key, version, body, context))
    return await database(profile_versions.withdraw_version, holder, key, version, body, context)

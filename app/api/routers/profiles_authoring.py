"""Profiles being written, published and withdrawn."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query
from starlette.requests import Request
from starlette.responses import Response

from app.api.access import caller, needs
from app.api.bodies import read_json
from app.api.context import live, settings, snapshot
from app.api.problem_responses import BODY, READING, declared
from app.api.rendering import IMMUTABLE, answer, tagged
from app.api.schemas.authoring import (
    DraftAnswer,
    DraftCreate,
    DraftDifference,
    DraftList,
    DraftReplace,
    Publication,
    PublishRequest,
    ValidationAnswer,
    VersionDifference,
    Withdrawal,
    WithdrawRequest,
)
from app.api.writing import IF_MATCH, context, if_match, in_thread, json_body, page_limit
from app.services.problems import Problem
from app.services.publishing import drafts
from app.services.publishing import profile_versions as publishing
from app.services.publishing.impact import draft_impact

router = APIRouter(tags=["authoring"])

KeyPath = Annotated[str, Path(description="The profile's key.", max_length=100)]
DraftPath = Annotated[str, Path(description="The draft's id.", max_length=100)]
VersionPath = Annotated[str, Path(description="The version's number.", pattern="^[0-9]{1,7}$", max_length=7)]
PRIVATE = {"Cache-Control": "no-store"}
STORE = ("not-found", "store-unavailable")
CHANGING = (*STORE, "precondition-required", "precondition-failed", "conflict")

EXAMPLE: dict[str, Any] = {
    "format": 1,
    "key": "my-council",
    "title": "My Council: practice standards",
    "authority": "My Council",
    "extends": {"key": "statutory-england", "version": 1},
    "documents": {"local": {"title": "My Council practice standards"}},
    "rules": [
        {
            "id": "icpc-held-sooner",
            "duty": "hold_icpc",
            "title": "Hold the initial child protection conference",
            "event": "strategy_discussion_held",
            "when": {"section_47_initiated": True},
            "timing": {"within": {"working_days": 12}},
            "responsible": ["Conference chair"],
            "strength": "must",
            "source": [{"section": "4.2", "document": "local"}],
        }
    ],
}
WHOLE = json_body(DraftReplace.model_json_schema(), based=("A profile based on another", {"document": EXAMPLE}))


def _draft(written: drafts.ValidatedDraft, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return answer(written.as_json(), status, {"ETag": f'"{written.draft.revision}"', **PRIVATE, **(headers or {})})


@router.post(
    "/v1/profiles/validations",
    operation_id="validate_profile",
    summary="What is wrong with a document, without storing it",
    dependencies=[Depends(needs("calculate"))],
    responses={200: {"model": ValidationAnswer}, **declared(*BODY)},
    openapi_extra=WHOLE,
)
async def validate(request: Request) -> Response:
    """Every fault at once, each with its path in the document and what would mend it; warnings apart."""
    body = await read_json(request)
    return answer(await in_thread(drafts.validate_unsaved, body, snapshot(request)), headers=PRIVATE)


@router.get(
    "/v1/profiles/{key}/diff",
    operation_id="diff_versions",
    summary="What one version changed against another",
    dependencies=[Depends(needs("read"))],
    responses={
        200: {"model": VersionDifference},
        304: {"description": "You have it already."},
        **declared(*READING, "invalid-request", "not-found"),
    },
)
async def diff_versions(
    request: Request,
    key: KeyPath,
    first: Annotated[str | None, Query(alias="from", description="The older version's number.")] = None,
    to: Annotated[str | None, Query(description="The newer version's number.")] = None,
) -> Response:
    """Rules added, removed and changed with their fields, and what else of the document changed."""
    return tagged(request, drafts.version_diff(snapshot(request), key, first, to), IMMUTABLE)


@router.post(
    "/v1/profiles/{key}/drafts",
    operation_id="create_draft",
    summary="Begin a draft",
    status_code=201,
    dependencies=[Depends(needs("author"))],
    responses={201: {"model": DraftAnswer}, **declared(*BODY, "store-unavailable", "not-found")},
    openapi_extra=json_body(
        DraftCreate.model_json_schema(),
        based=("A profile based on another", {"document": EXAMPLE}),
        copy=("A copy of the latest version", {}),
    ),
)
async def create(request: Request, key: KeyPath) -> Response:
    """Of a new or an existing key. It is kept whatever is wrong with it, and told all of it under `validation`.

    A draft is seen only by those who may author its key.
    """
    body = await read_json(request)
    written = await in_thread(drafts.create_draft, live(request), key, body, context(request))
    return _draft(written, 201, {"Location": f"/v1/profiles/{key}/drafts/{written.draft.id}"})


@router.get(
    "/v1/profiles/{key}/drafts",
    operation_id="list_drafts",
    summary="The drafts of a key",
    dependencies=[Depends(needs("author"))],
    responses={200: {"model": DraftList}, **declared("invalid-request", "store-unavailable")},
)
async def list_drafts(
    request: Request,
    key: KeyPath,
    after: Annotated[str | None, Query(description="`next` of the page before.", max_length=200)] = None,
    limit: Annotated[str | None, Query(description=f"1 to {drafts.MAX_IN_PAGE}; 50 if absent.")] = None,
) -> Response:
    """Unpublished ones, oldest first. Drafts added or deleted meanwhile neither repeat nor hide any other."""
    size = page_limit(limit, drafts.MAX_IN_PAGE)
    return answer(await in_thread(drafts.list_drafts, live(request), key, after or None, size), headers=PRIVATE)


@router.get(
    "/v1/profiles/{key}/drafts/{draft}",
    operation_id="get_draft",
    summary="One draft",
    dependencies=[Depends(needs("author"))],
    responses={200: {"model": DraftAnswer}, **declared(*STORE)},
)
async def get_draft(request: Request, key: KeyPath, draft: DraftPath) -> Response:
    """With its document and what is wrong with it. The ETag is its revision: send it as If-Match to change it."""
    return _draft(await in_thread(drafts.read_draft, live(request), key, draft))


@router.put(
    "/v1/profiles/{key}/drafts/{draft}",
    operation_id="replace_draft",
    summary="Replace a draft's document",
    dependencies=[Depends(needs("author"))],
    responses={200: {"model": DraftAnswer}, **declared(*BODY, *CHANGING)},
    openapi_extra={**WHOLE, "parameters": [IF_MATCH]},
)
async def replace(request: Request, key: KeyPath, draft: DraftPath) -> Response:
    """Only from the revision that you read (If-Match): who comes second is told so, and nothing is lost."""
    expected = if_match(request)
    body = await read_json(request)
    return _draft(await in_thread(drafts.replace_draft, live(request), key, draft, body, expected, context(request)))


@router.delete(
    "/v1/profiles/{key}/drafts/{draft}",
    operation_id="delete_draft",
    summary="Discard a draft",
    status_code=204,
    response_class=Response,
    dependencies=[Depends(needs("author"))],
    responses={204: {"description": "It is gone."}, **declared(*CHANGING)},
    openapi_extra={"parameters": [IF_MATCH]},
)
async def delete(request: Request, key: KeyPath, draft: DraftPath) -> Response:
    """Only an unpublished one, from the revision that you read (If-Match)."""
    await in_thread(drafts.delete_draft, live(request), key, draft, if_match(request), context(request))
    return Response(status_code=204)


@router.post(
    "/v1/profiles/{key}/drafts/{draft}/validate",
    operation_id="validate_draft",
    summary="What is wrong with a draft",
    dependencies=[Depends(needs("author"))],
    responses={200: {"model": ValidationAnswer}, **declared(*STORE)},
)
async def validate_draft(request: Request, key: KeyPath, draft: DraftPath) -> Response:
    """Judged anew, under the versions and calendars that are published now."""
    written = await in_thread(drafts.read_draft, live(request), key, draft)
    return answer(written.validation.as_json(), headers={"ETag": f'"{written.draft.revision}"', **PRIVATE})


@router.get(
    "/v1/profiles/{key}/drafts/{draft}/diff",
    operation_id="diff_draft",
    summary="What a draft changes",
    dependencies=[Depends(needs("author"))],
    responses={200: {"model": DraftDifference}, **declared(*STORE, "invalid-request")},
)
async def diff_draft(
    request: Request,
    key: KeyPath,
    draft: DraftPath,
    against: Annotated[str | None, Query(description="A version's number; absent: the one in force today.")] = None,
) -> Response:
    """Against the version in force today, else the latest, or the one named; before anything is published."""
    number = _number(against) if against else None
    found = await in_thread(drafts.draft_diff, live(request), key, draft, number, context(request))
    return answer(found, headers=PRIVATE)


@router.post(
    "/v1/profiles/{key}/drafts/{draft}/impact",
    operation_id="draft_impact",
    summary="What a draft would change for events",
    dependencies=[Depends(needs("author"))],
    responses={
        200: {"description": "As POST /v1/comparisons answers a list of events, the draft standing for `after`."},
        **declared(*BODY, *STORE, "not-publishable", "no-version-in-force", "too-many-obligations"),
    },
    openapi_extra=json_body(
        {
            "type": "object",
            "description": "As POST /v1/comparisons with `events`; `before` may be left out: the version in force.",
            "properties": {"before": {"type": "object"}, "events": {"type": "array", "items": {"type": "object"}}},
            "required": ["events"],
        },
        one=("One event", {"events": [{"type": "strategy_discussion_held", "occurred_at": "2026-03-02"}]}),
    ),
)
async def impact(request: Request, key: KeyPath, draft: DraftPath) -> Response:
    """What is added, removed, moved and unchanged, event by event. Nothing is saved."""
    body = await read_json(request)
    found = await in_thread(draft_impact, live(request), key, draft, body)
    return answer(found, headers=PRIVATE)


@router.post(
    "/v1/profiles/{key}/drafts/{draft}/publish",
    operation_id="publish_draft",
    summary="Publish a draft",
    status_code=201,
    dependencies=[Depends(needs("publish"))],
    responses={201: {"model": Publication}, **declared(*BODY, *CHANGING, "not-publishable")},
    openapi_extra={
        **json_body(
            PublishRequest.model_json_schema(),
            ahead=("From a day to come", {"in_force_from": "2027-04-01"}),
            backdated=(
                "Backdated, with the reason",
                {"in_force_from": "2026-01-01", "reason": "The standards were agreed late and apply from January."},
            ),
        ),
        "parameters": [IF_MATCH],
    },
)
async def publish(request: Request, key: KeyPath, draft: DraftPath) -> Response:
    """Make it the next version of its key: numbered, immutable, in force from the day given, answering at once.

    A day before today needs a reason. Two publishing the same draft make one version: the other is told which (409).
    """
    expected = if_match(request)
    body = await read_json(request)
    published = await in_thread(
        publishing.publish_draft,
        live(request),
        key,
        draft,
        body,
        expected_revision=expected,
        caller=caller(request),
        require_second_approver=settings(request).two_pairs_of_eyes,
        context=context(request),
    )
    return answer(published, 201, {"Location": f"/v1/profiles/{key}/versions/{published['version']}"})


@router.post(
    "/v1/profiles/{key}/versions/{version}/withdraw",
    operation_id="withdraw_version",
    summary="Withdraw a version",
    dependencies=[Depends(needs("publish"))],
    responses={200: {"model": Withdrawal}, **declared(*BODY, "not-found", "conflict", "store-unavailable")},
    openapi_extra=json_body(
        WithdrawRequest.model_json_schema(),
        mistake=("A mistake was found", {"reason": "Rule 4.2 was entered in calendar days."}),
    ),
)
async def withdraw(request: Request, key: KeyPath, version: VersionPath) -> Response:
    """End its force, once and for all. It stays readable and may be pinned; the version before it answers again."""
    body = await read_json(request)
    return answer(
        await in_thread(publishing.withdraw_version, live(request), key, _number(version), body, context(request))
    )


def _number(text: str) -> int:
    if text.isascii() and text.isdigit() and 0 < len(text) <= 7:
        return int(text)
    raise Problem("not-found", "There is no such version.")

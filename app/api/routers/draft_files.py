"""Drafts and validations of a profile sent as the file it is written in: TOML, a workbook, or its sheet as CSV.

The addresses that take JSON take these too, by Content-Type. For generated clients, which know one content type an
operation and few of them, each form is an operation of its own as well, at an address that ends as the file does: it
takes the bytes of the file.
"""

from collections.abc import Callable
from functools import partial
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Depends, Query, Request, Response, Security
from pydantic import Field
from starlette.routing import Match
from starlette.types import Scope

from app.api.bodies import MAX_BYTES, OCTETS, media_type, receive_body, reject_compressed, unread_type
from app.api.dependencies import CurrentSnapshot, Holder, IfMatch, NewProfileKey, ProfileKey, WriteContextDep
from app.api.errors import BODY, problem_responses
from app.api.routers.drafts import AUTHOR, CHANGING, STORED, DraftId, draft_answer
from app.api.routing import ContractRoute, not_stored
from app.api.schemas.authoring import DraftAnswer, ValidationAnswer
from app.api.schemas.authoring_examples import file_content
from app.api.security import authorize
from app.api.threads import DatabaseThreads, HeavyThreads
from app.services.calculation.json_body import check_values
from app.services.calculation.response import Json
from app.services.publishing import drafts
from app.services.publishing.profile_file import MEDIA_TYPES, Form, SentFile
from app.services.snapshot.snapshot import Snapshot
from app.services.validation import Maybe, QueryModel

router = APIRouter(tags=["authoring"], dependencies=[Depends(not_stored)])
NAMES: dict[Form, str] = {"toml": "TOML", "xlsx": "a workbook", "csv": "the CSV of a sheet of rules"}
UNREAD = "A profile is sent as JSON or as one of its files."
UNTYPED = frozenset({"", OCTETS})


class HeadQuery(QueryModel):
    """Which profile a sheet of rules belongs to."""

    profile: Maybe[str] = Field(
        description="For the sheet of rules alone: the profile whose other parts are taken.",
        max_length=100,
        examples=["swindon"],
    )


class FileRoute(ContractRoute):
    """The address of a document, for whatever is not sent as JSON."""

    reads_body = True

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Match requests that send a file."""
        kind = media_type(Request(scope)) if scope["type"] == "http" else ""
        if kind in {"", "application/json"} or kind.endswith("+json"):
            return Match.NONE, {}
        return super().matches(scope)


async def sent_file(request: Request) -> SentFile:
    """Receive the file in the body, of the form that its media type says. Raises Problem for any other media type."""
    form = MEDIA_TYPES.get(media_type(request))
    if form is None:
        raise unread_type(request, ", ".join(["application/json", *MEDIA_TYPES]), UNREAD)
    return await _receive(request, form)


async def _receive(request: Request, form: Form) -> SentFile:
    reject_compressed(request)
    data = await receive_body(request.scope, request.receive, MAX_BYTES)
    if form != "xlsx":
        check_values(data, MAX_BYTES)
    return SentFile(data, form)


def file_in(form: Form) -> Callable[..., Any]:
    """Return the dependency that reads the file at an address of one form."""
    (kind,) = [kind for kind, read in MEDIA_TYPES.items() if read == form]

    async def read(request: Request) -> SentFile:
        if media_type(request) not in {kind, *UNTYPED}:
            raise unread_type(request, kind, UNREAD)
        return await _receive(request, form)

    return read


def add_routes(form: Form | None) -> None:
    """Add the routes of one form; None: those at the addresses of the documents themselves, by media type."""
    reader = sent_file if form is None else file_in(form)

    async def validate(
        file: Annotated[SentFile, Depends(reader)],
        query: Annotated[HeadQuery, Query()],
        snapshot: CurrentSnapshot,
        heavy: HeavyThreads,
    ) -> Json:
        """Return every fault at once, with its place in the file and what would mend it; warnings apart."""
        return await heavy(_validation, file, query.profile, snapshot)

    async def create(
        key: NewProfileKey,
        file: Annotated[SentFile, Depends(reader)],
        holder: Holder,
        database: DatabaseThreads,
        context: WriteContextDep,
        response: Response,
    ) -> Json:
        """Store the document that the file holds as a draft, whatever is wrong with it, unless a part is unreadable."""
        created = await database(drafts.create_draft_from_file, holder, key, file, context)
        response.headers["Location"] = f"/v1/profiles/{quote(key)}/drafts/{created.draft.id}"
        return draft_answer(created, response)

    async def replace(  # noqa: PLR0917 - dependencies, which FastAPI passes by name
        key: ProfileKey,
        draft: DraftId,
        expected: IfMatch,
        file: Annotated[SentFile, Depends(reader)],
        holder: Holder,
        database: DatabaseThreads,
        context: WriteContextDep,
        response: Response,
    ) -> Json:
        """Replace only the revision that you read (If-Match) by the document that the file holds."""
        replaced = await database(drafts.replace_draft_from_file, holder, key, draft, file, expected, context)
        return draft_answer(replaced, response)

    add = partial(_add, form)
    may_validate = [Security(authorize, scopes=["calculate"])]
    add("POST", "/v1/profiles/validations", validate, "validate_profile", "What is wrong with {}", may_validate, BODY)
    conflicts = (*BODY, *STORED, "conflict")
    add("POST", "/v1/profiles/{key}/drafts", create, "create_draft", "Begin a draft from {}", AUTHOR, conflicts)
    add(
        *("PUT", "/v1/profiles/{key}/drafts/{draft}", replace, "replace_draft", "Replace a draft by {}", AUTHOR),
        (*BODY, *CHANGING),
    )


def _add(  # noqa: PLR0917 - one call for each route, a few lines above
    form: Form | None,
    method: str,
    path: str,
    endpoint: Callable[..., Any],
    name: str,
    summary: str,
    guards: list[Any],
    problems: tuple[str, ...],
) -> None:
    documented: dict[str, Any] = {"include_in_schema": False}
    if form is not None:
        documented = {
            "operation_id": f"{name}_{form}",
            "summary": summary.format(NAMES[form]),
            "openapi_extra": {"requestBody": {"required": True, "content": {OCTETS: file_content(form)}}},
        }
    router.add_api_route(
        path if form is None else f"{path}.{form}",
        endpoint,
        methods=[method],
        status_code=201 if name == "create_draft" else 200,
        response_model=ValidationAnswer if name == "validate_profile" else DraftAnswer,
        dependencies=guards,
        responses=problem_responses(*problems),
        route_class_override=FileRoute if form is None else ContractRoute,
        **documented,
    )


def _validation(file: SentFile, profile: str | None, snapshot: Snapshot) -> Json:
    return file.read(drafts.head_of(snapshot, profile)).validate(snapshot).as_json()


# Those whose address ends as the file does first: an id of a draft could be read into such an address too.
for each in (*NAMES, None):
    add_routes(each)

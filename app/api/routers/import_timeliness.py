"""How timely the cases of a return were, as figures or as a report to print."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack

import orjson
from fastapi import APIRouter, Depends, Request, Response, Security
from fastapi.responses import HTMLResponse

from app.api.budgets import MAX_IMPORT_ANSWER_BYTES
from app.api.dependencies import CurrentSnapshot, SettingsDep
from app.api.errors import BODY, CALCULATING, problem_responses
from app.api.responses import JSON
from app.api.routers.imports import Source
from app.api.routing import ContractRoute
from app.api.schemas.return_timeliness import ReturnTimelinessAnswer
from app.api.security import authorize
from app.api.threads import HeavyThreads
from app.api.uploads import form_body, read_form, receive_upload, require_form, upload_turn
from app.services.calculation.response import Json
from app.services.measures.report import year_report
from app.services.measures.return_timeliness import ReturnCountingRequest, ReturnTimelinessForm, return_timeliness
from app.services.measures.suppression import shared
from app.services.problems import answer_too_long
from app.services.returns.files import ReturnFile
from app.services.snapshot.snapshot import Snapshot
from app.services.work import MIB
from app.settings import Settings

router = APIRouter(
    tags=["returns"],
    route_class=ContractRoute,
    dependencies=[Security(authorize, scopes=["calculate"]), Depends(require_form)],
)
PATH = "/v1/imports/{source}/timeliness"
REQUEST_BODY = form_body(ReturnTimelinessForm, '{"profile": "statutory-england", "year": "2025-26"}')


@router.post(
    PATH,
    operation_id="return_timeliness",
    summary="How timely the cases of a return were",
    response_model=ReturnTimelinessAnswer,
    responses=problem_responses(*BODY, *CALCULATING, "not-found"),
    openapi_extra=REQUEST_BODY,
)
async def figures(
    source: Source, request: Request, snapshot: CurrentSnapshot, settings: SettingsDep, heavy: HeavyThreads
) -> Response:
    """Import a return and count it: the published measures of the year, and every duty of the profile next to them.

    The parts are those of an import; the part `request` is a request for timeliness without its timelines, with a
    collection `year` such as 2025-26 in place of `period`. What the files that were sent could not have shown is not
    overdue, and is counted in `unobservable`. Small numbers stand as they are: suppress them before you share anything.
    Nothing is stored.
    """
    return Response(await _counted(source, request, snapshot, settings, heavy, _as_json), media_type=JSON)


@router.post(
    PATH + "/report",
    operation_id="return_timeliness_report",
    summary="How timely the cases of a return were, as a report to print",
    response_class=HTMLResponse,
    responses={
        200: {
            "description": "One HTML file without scripts or addresses, which prints on two pages.",
            "content": {"text/html": {"schema": {"type": "string"}}},
        },
        **problem_responses(*BODY, *CALCULATING, "not-found"),
    },
    openapi_extra=REQUEST_BODY,
)
async def report(
    source: Source, request: Request, snapshot: CurrentSnapshot, settings: SettingsDep, heavy: HeavyThreads
) -> HTMLResponse:
    """Import a return, count it, and show the measures with their charts. Numbers from 1 to 5 are suppressed."""
    return HTMLResponse(await _counted(source, request, snapshot, settings, heavy, _as_report))


async def _counted(
    source: str,
    request: Request,
    snapshot: Snapshot,
    settings: Settings,
    heavy: HeavyThreads,
    written: Callable[[Json, ReturnCountingRequest], bytes],
) -> bytes:
    with ExitStack() as stack:
        stack.enter_context(upload_turn(request))
        received = await receive_upload(request, settings.import_mib * MIB)
        parts = stack.enter_context(read_form(received, ReturnTimelinessForm, snapshot))
        return await heavy(_answer, snapshot, source, parts.file, parts.request, written)


def _answer(
    snapshot: Snapshot,
    source: str,
    files: Sequence[ReturnFile],
    wanted: ReturnCountingRequest,
    written: Callable[[Json, ReturnCountingRequest], bytes],
) -> bytes:
    body = written(return_timeliness(snapshot, source, files, wanted), wanted)
    if len(body) > MAX_IMPORT_ANSWER_BYTES:
        raise answer_too_long(
            f"One answer here has at most {MAX_IMPORT_ANSWER_BYTES / MIB:g} MiB.",
            "request.rows",
            "the answer has too many bytes",
            "leave rows out, or use `deadlines import` and `deadlines timeliness`",
            budget="answer_bytes",
            limit=MAX_IMPORT_ANSWER_BYTES,
        )
    return body


def _as_json(answer: Json, wanted: ReturnCountingRequest) -> bytes:
    del wanted
    return orjson.dumps(answer)


def _as_report(answer: Json, wanted: ReturnCountingRequest) -> bytes:
    return year_report(shared(answer), wanted.profile or "", str(answer["source"]), exact=False).encode()

"""Returns in: what councils send to the Department for Education and Ofsted, as cases."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path, Request, Response, Security
from pydantic import AfterValidator
from starlette.types import Receive, Scope, Send

from app.api.budgets import MAX_IMPORT_ANSWER_BYTES
from app.api.dependencies import CurrentSnapshot, SettingsDep
from app.api.errors import BODY, CALCULATING, problem_responses
from app.api.responses import ACCEPT, JSON, VARIES, accepted_form
from app.api.routing import ContractRoute
from app.api.schemas.imports import ImportReturnAnswer
from app.api.security import authorize
from app.api.streaming import NDJSON
from app.api.threads import HeavyThreads, limits_of, until_gone
from app.api.uploads import form_body, read_form, receive_upload, require_form, upload_turn
from app.services.problems import answer_too_long
from app.services.returns.answer import ImportAnswer
from app.services.returns.form import ImportForm
from app.services.returns.request import ImportRequest
from app.services.work import CURRENT, MIB, Work

router = APIRouter(
    tags=["returns"],
    route_class=ContractRoute,
    dependencies=[Security(authorize, scopes=["calculate"]), Depends(require_form)],
)
PATH = "/v1/imports/{source}"
ReturnName = Literal["cin-census", "ssda903", "standard-safeguarding-dataset", "annex-a"]
Source = Annotated[ReturnName, Path(description="The return.", examples=["ssda903"])]
LinesForm = Annotated[str, AfterValidator(partial(accepted_form, offered=(JSON, NDJSON))), ACCEPT]
ONE_CASE_A_LINE = "A case each line; the last line has everything else."


@router.post(
    PATH,
    operation_id="import_return",
    summary="A return as cases, and what could not be used of it",
    response_model=ImportReturnAnswer,
    responses={
        200: {
            "description": "The cases.",
            "content": {NDJSON: {"schema": {"type": "string", "description": ONE_CASE_A_LINE}}},
        },
        **problem_responses(*BODY, *CALCULATING, "not-found", "not-acceptable"),
    },
    openapi_extra=form_body(ImportForm, '{"as_of": "2026-03-31"}'),
)
async def imports(
    source: Source,
    request: Request,
    snapshot: CurrentSnapshot,
    settings: SettingsDep,
    heavy: HeavyThreads,
    form: LinesForm = JSON,
) -> Response:
    """Read the files of a return: each child's events and facts, in the words that `POST /v1/timelines` takes.

    A case is a referral, or a period of care; send it in `timelines` of `POST /v1/timelines/timeliness` as it is, with
    the `source`. Every line that could not be understood is in `faults`, with what was there and how to mend it; so
    are what adds nothing, by its reason, and what is odd about a child, with what was done about it. Target and due
    dates in the files are checked as `/v1/checks` does. What becomes of each column is on the page of each return,
    `/returns/ssda903` and so on. `Accept: application/x-ndjson` gives any number of cases, a line each. Nothing is
    stored.
    """
    with ExitStack() as stack:
        stack.enter_context(upload_turn(request))
        received = await receive_upload(request, settings.import_mib * MIB)
        parts = stack.enter_context(read_form(received, ImportForm, snapshot))
        answer = ImportAnswer(snapshot, source, parts.file, parts.request or ImportRequest.model_validate({}))
        if form == JSON:
            return Response(await heavy(_whole, answer), headers=VARIES, media_type=JSON)
        portions = answer.line_portions()
        first = await heavy(next, portions)
        work = CURRENT.get()
        assert work is not None
        return ImportedLines(request, first, portions, work, stack.pop_all())


class ImportedLines(Response):
    """Answer an import a portion at a time, in a thread, each time that the caller has read the one before."""

    def __init__(self, request: Request, first: bytes, portions: Iterator[bytes], work: Work, ended: ExitStack) -> None:
        super().__init__(media_type=NDJSON, headers=VARIES)
        del self.headers["content-length"]
        self._request = request
        self._first = first
        self._portions = portions
        self._work = work
        self._ended = ended

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the answer while the rest of the files is being read."""
        gone = asyncio.ensure_future(until_gone(receive))
        gone.add_done_callback(lambda ended: None if ended.cancelled() else self._work.stop())
        heavy = limits_of(self._request).heavy
        with self._ended:
            try:
                await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
                portion: bytes | None = self._first
                while portion is not None:
                    await send({"type": "http.response.body", "body": portion, "more_body": True})
                    self._work.check()
                    portion = await heavy.run_patiently(scope, next, self._portions, None)
                await send({"type": "http.response.body", "body": b""})
            finally:
                gone.cancel()


def _whole(answer: ImportAnswer) -> bytes:
    whole = bytearray()
    for portion in answer.json_portions():
        whole += portion
        if len(whole) > MAX_IMPORT_ANSWER_BYTES:
            raise answer_too_long(
                f"One answer here has at most {MAX_IMPORT_ANSWER_BYTES / MIB:g} MiB.",
                "Accept",
                "the answer has too many bytes",
                f"accept {NDJSON}, and take it line by line",
                budget="answer_bytes",
                limit=MAX_IMPORT_ANSWER_BYTES,
            )
    return bytes(whole)

"""Receive files as multipart/form-data, with limits on their size, number and time, without storing them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import anyio
from fastapi import Request
from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from app.api.bodies import media_type, reject_compressed, too_large, too_slow, unread_type
from app.api.openapi import REFERENCE
from app.api.threads import limits_of
from app.services.problems import Fault, Problem, overloaded
from app.services.returns.files import ReturnFile
from app.services.returns.form import MAX_FILES, ReturnForm, read_json_part
from app.services.returns.reading import missing_packages
from app.services.snapshot.snapshot import Snapshot
from app.services.validation import Repeated, read_whole

MULTIPART = "multipart/form-data"
FILE_PART = "file"
EPISODES = "CHILD,DECOM,RNE,LS,CIN,PLACE,PLACE_PROVIDER,DEC,REC\r\n510000,05/01/2026,S,V2,N1,U6,PR1,,\r\n"
MAX_FIELDS = 10
MAX_REQUEST_BYTES = 64 * 1024
MAX_UPLOAD_SECONDS = 900.0
MIN_UPLOAD_BYTES_PER_SECOND = 32 * 1024
"""What a form has to bring after its first `body_seconds`: a caller who drips would keep one of the few turns."""
Form = TypeVar("Form", bound=ReturnForm)


def form_body(model: type[ReturnForm], request: str) -> dict[str, Any]:
    """Return how the document describes a form: by its model, with an example whose part `request` is the text."""
    schema = model.model_json_schema(ref_template=REFERENCE)
    example = {"summary": "The episodes of one child", "value": {FILE_PART: [EPISODES], "request": request}}
    content = {MULTIPART: {"schema": schema, "examples": {"episodes": example}}}
    return {"requestBody": {"required": True, "content": content}}


async def require_form(request: Request) -> None:
    """Refuse what is no form before any of it is received. Raises Problem: another media type, compressed."""
    if missing_packages():
        detail = "Returns are not read here: the operator has to install practice-deadlines[returns]."
        raise Problem("not-ready", detail)
    reject_compressed(request)
    if media_type(request) != MULTIPART:
        raise unread_type(request, MULTIPART, "Files are sent as parts of a form.")


async def receive_upload(request: Request, limit: int) -> FormData:
    """Receive every part. Raises Problem: too large, too slow, or no multipart.

    Up to 1 MiB of a file is in memory; a longer one is spooled into the temporary folder, in a file that has no name
    there from the beginning: nobody else can open it, and it is gone with the request, or with the process.
    """
    declared = request.headers.get("content-length", "")
    if declared.isascii() and declared.isdigit() and int(declared[:19]) > limit:
        raise too_large(limit)
    stream = _limited(request, limit)
    parser = MultiPartParser(
        request.headers, stream, max_files=MAX_FILES, max_fields=MAX_FIELDS, max_part_size=MAX_REQUEST_BYTES
    )
    try:
        async with asyncio.timeout(MAX_UPLOAD_SECONDS):
            return await parser.parse()
    except TimeoutError:
        raise too_slow() from None
    except (MultiPartException, KeyError, ValueError):
        remedy = f"send a form with up to {MAX_FILES} parts named file, and at most one named request"
        raise Problem(
            "invalid-request", "The form cannot be read.", [Fault("(body)", "this is no form", remedy)]
        ) from None


@contextmanager
def upload_turn(request: Request) -> Iterator[None]:
    """Take one of the few turns for files that a worker has. Raises Problem overloaded where all are taken."""
    uploads = limits_of(request).uploads
    try:
        uploads.acquire_on_behalf_of_nowait(request)
    except anyio.WouldBlock:
        raise overloaded() from None
    try:
        yield
    finally:
        uploads.release_on_behalf_of(request)


@contextmanager
def read_form(form: FormData, model: type[Form], snapshot: Snapshot) -> Iterator[Form]:
    """Return the parts of a form as its model; its files are closed, and so are gone, at the end.

    What some clients send without need is taken: the JSON of a part as a file of its own. Raises Problem with every
    fault at once: a part of another name, one that is no file, one that is no JSON or says what cannot be.
    """
    try:
        sent: dict[str, Any] = {}
        for name in form:
            values = [_part(name, part, number) for number, part in enumerate(form.getlist(name), start=1)]
            sent[name] = values if name == FILE_PART else values[0] if len(values) == 1 else Repeated()
        yield read_whole(model, sent, snapshot)
    finally:
        for _, part in form.multi_items():
            if isinstance(part, UploadFile):
                part.file.close()


def _part(name: str, part: UploadFile | str, number: int) -> object:
    """Return what a part holds: a file, or the value of its JSON. A part named file that is a text stays one."""
    if name == FILE_PART:
        return ReturnFile(_name(part.filename, number), part.file) if isinstance(part, UploadFile) else part
    text = _text(part)
    # What tools send of a field in which nothing was filled in.
    return read_json_part(text) if text.strip() else None


async def _limited(request: Request, limit: int) -> AsyncGenerator[bytes, None]:
    """Yield the body as it arrives. Raises Problem where it is too long, or pauses for too long or is too slow."""
    received, clock = 0, asyncio.get_running_loop().time
    patience = request.app.state.settings.body_seconds
    began = clock()
    stream = aiter(request.stream())
    while True:
        try:
            latest = began + patience + received / MIN_UPLOAD_BYTES_PER_SECOND
            async with asyncio.timeout_at(min(clock() + patience, latest)):
                chunk = await anext(stream)
        except StopAsyncIteration:
            return
        except TimeoutError:
            raise too_slow() from None
        received += len(chunk)
        if received > limit:
            raise too_large(limit)
        yield chunk


def _text(part: UploadFile | str) -> bytes:
    """Return the JSON of a part, which some clients send as a file of its own."""
    if isinstance(part, str):
        return part.encode()
    if (part.size or 0) > MAX_REQUEST_BYTES:
        raise too_large(MAX_REQUEST_BYTES)
    return part.file.read(MAX_REQUEST_BYTES)


def _name(sent: str | None, number: int) -> str:
    """Return what faults call a file: its own name without folders, as far as it can be printed."""
    name = (sent or "").replace("\\", "/").rpartition("/")[2]
    printable = "".join(each for each in name if each.isprintable())[:100]
    return printable or f"file {number}"

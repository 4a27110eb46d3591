"""Receive files as multipart/form-data, with limits on their size, number and time, without storing them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterator
from contextlib import contextmanager
from typing import NamedTuple

import anyio
from fastapi import Request
from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from app.api.bodies import media_type, reject_compressed, too_large, too_slow
from app.api.threads import limits_of
from app.services.calculation.json_body import parse_json
from app.services.problems import Fault, Problem, overloaded
from app.services.returns.files import ReturnFile
from app.services.returns.reading import missing_packages

MULTIPART = "multipart/form-data"
FILE_PART, REQUEST_PART = "file", "request"
MAX_FILES = 100
MAX_FIELDS = 10
MAX_REQUEST_BYTES = 64 * 1024
MAX_UPLOAD_SECONDS = 900.0


class Upload(NamedTuple):
    """The parts of one request: its files, and the JSON value of its request part."""

    files: list[ReturnFile]
    request: object


async def receive_upload(request: Request, limit: int) -> FormData:
    """Receive every part. Raises Problem: another media type, compressed, too large, too slow, or no multipart.

    Up to 1 MiB of a file is in memory; a longer one is spooled into the temporary folder, in a file that has no name
    there from the beginning: nobody else can open it, and it is gone with the request, or with the process.
    """
    if missing_packages():
        detail = "Returns are not read here: the operator has to install practice-deadlines[returns]."
        raise Problem("not-ready", detail)
    reject_compressed(request)
    if media_type(request) != MULTIPART:
        kind = media_type(request)
        fault = Fault("Content-Type", "this media type is not read here", f"send {MULTIPART}", kind[:100] or None)
        raise Problem("unsupported-media-type", "Files are sent as parts of a form.", [fault])
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
def parts_of(form: FormData) -> Iterator[Upload]:
    """Return the parts of a form; its files are closed, and so are gone, at the end.

    Raises Problem for a part of another name, for one that is no file, and where there is no file.
    """
    try:
        files: list[ReturnFile] = []
        value: object = {}
        faults: list[Fault] = []
        seen = False
        for name, part in form.multi_items():
            if name == FILE_PART and isinstance(part, UploadFile):
                files.append(ReturnFile(_name(part.filename, len(files) + 1), part.file))
            elif name == REQUEST_PART and not seen:
                seen = True
                try:
                    value = parse_json(_text(part), REQUEST_PART)
                except Problem as problem:
                    # The body is a form; what is no JSON is one of its parts.
                    faults += [Fault(REQUEST_PART, fault.message, fault.remedy) for fault in problem.faults]
            else:
                remedy = "send files as parts named file (with a file name), and at most one part named request (JSON)"
                faults.append(Fault(name[:100], "this part is not read here", remedy))
        if not files:
            faults.append(
                Fault(FILE_PART, "there is no file", "send the return as a part named file, with a file name")
            )
        if faults:
            raise Problem("invalid-request", "The form cannot be read.", faults[:20])
        yield Upload(files, value)
    finally:
        for _, part in form.multi_items():
            if isinstance(part, UploadFile):
                part.file.close()


async def _limited(request: Request, limit: int) -> AsyncGenerator[bytes, None]:
    """Yield the body as it arrives. Raises Problem where it is too long, or pauses for too long."""
    received = 0
    stream = aiter(request.stream())
    while True:
        try:
            async with asyncio.timeout(request.app.state.settings.body_seconds):
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

"""Fetch the government's list of bank holidays from the address of the settings, and from nowhere else."""

from __future__ import annotations

import asyncio
from typing import Any
from urllib.parse import urlsplit

import orjson

from app.documents.nesting import is_deeper_than
from app.services.problems import Fault, Problem
from app.settings import Settings

MAX_BYTES = 1024 * 1024
MAX_DEPTH = 10


def fetch_list(settings: Settings) -> Any:
    """Return the list as JSON. Raises Problem list-unavailable, which says why there is none.

    Nothing is followed or decompressed: what redirects elsewhere, is longer than MAX_BYTES, takes longer than
    DEADLINES_BANK_HOLIDAYS_SECONDS in all, or is no JSON is not read.
    """
    address = settings.bank_holidays_url
    if not address:
        raise _unavailable("no address is set", "set DEADLINES_BANK_HOLIDAYS_URL, or import a file")
    data = _receive(address, settings.bank_holidays_seconds)
    try:
        document = orjson.loads(data)
    except ValueError:
        raise _unavailable(f"{_name(address)} answered with something that is not JSON", "try again later") from None
    if is_deeper_than(document, MAX_DEPTH):
        raise _unavailable(f"{_name(address)} answered with JSON that is nested too deep", "try again later")
    return document


def _receive(address: str, seconds: float) -> bytes:
    import httpx  # slow to import, and needed by few requests

    name = _name(address)
    try:
        return asyncio.run(_stream(address, seconds))
    except TimeoutError:
        raise _unavailable(f"{name} takes longer than {seconds:g} seconds", "try again later") from None
    except (httpx.HTTPError, httpx.InvalidURL):
        raise _unavailable(f"{name} cannot be read", "try again later, or import a file") from None


async def _stream(address: str, seconds: float) -> bytes:
    """Receive the body in so many seconds from first to last: a limit on each read would let drops go on for ever."""
    import httpx

    name = _name(address)
    headers = {"Accept": "application/json", "Accept-Encoding": "identity"}
    async with (
        asyncio.timeout(seconds),
        httpx.AsyncClient(timeout=None, follow_redirects=False) as client,  # noqa: S113 - the line above is the limit
        client.stream("GET", address, headers=headers) as response,
    ):
        if response.is_redirect:
            elsewhere = response.headers.get("location", "")[:200]
            raise _unavailable(f"{name} redirects to {elsewhere}", "see whether the list has moved, and set it")
        if response.status_code != httpx.codes.OK:
            raise _unavailable(f"{name} answered with status {response.status_code}", "try again later")
        if response.headers.get("content-encoding", "identity").lower() != "identity":
            raise _unavailable(f"{name} answered with a compressed body", "try again later")
        body = bytearray()
        async for part in response.aiter_raw():
            body += part
            if len(body) > MAX_BYTES:
                raise _unavailable(f"{name} sends more than {MAX_BYTES // 1024} KiB", "import a file instead")
        return bytes(body)


def _name(address: str) -> str:
    """Return the address without its query or credentials."""
    parts = urlsplit(address)
    return f"{parts.hostname or address}{parts.path}"


def _unavailable(message: str, remedy: str) -> Problem:
    fault = Fault("DEADLINES_BANK_HOLIDAYS_URL", message, remedy)
    return Problem(
        "list-unavailable", f"The list of bank holidays was not read: {message}. Nothing was changed.", [fault]
    )
